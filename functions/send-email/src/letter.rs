//! A rendered template as a mail of the platform.

use serde_json::Value;
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{Header, Mail, Mailbox};
use tenantry_runtime::config;
use tenantry_templates::{Template, render};

/// Renders a template for one recipient. Its Message-ID is the message's id: the same for every try.
///
/// # Errors
/// A mistake of ours: a variable is missing, or the platform's name cannot stand in a header.
pub(crate) fn letter(
    settings: &config::Mail,
    id: MessageId,
    to: EmailAddress,
    template: Template,
    variables: &Value,
) -> Result<Mail, Fault> {
    let mistake = |error: &dyn std::fmt::Display| {
        Fault::new(ErrorClass::InternalError, format!("the mail cannot be made: {error}"))
    };
    let rendered = render(template, "en", variables).map_err(|error| mistake(&error))?;
    let from_name = settings.from_name.parse().map_err(|error| mistake(&error))?;
    let from = Mailbox { name: Some(from_name), address: settings.from.clone() };
    let subject = rendered.subject.parse().map_err(|error| mistake(&error))?;
    Ok(Mail {
        reply_to: settings.support.clone().map(Mailbox::from),
        html: Some(rendered.html),
        headers: vec![Header::auto_generated()],
        ..Mail::new(id, from, vec![to.into()], subject, rendered.text)
    })
}
