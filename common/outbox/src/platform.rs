//! A mail of the platform itself: from its own address, to one person.

use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{Header, Mail, Mailbox};

/// Words of a mail.
#[derive(Debug, Clone)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// A mail from the platform's address. Its Message-ID is made of `id`: the same for every try.
///
/// # Errors
/// `InternalError`: the platform's name or the subject cannot stand in a header.
pub fn platform_mail(
    id: MessageId,
    (from, from_name): (&EmailAddress, &str),
    reply_to: Option<&EmailAddress>,
    to: EmailAddress,
    words: Words,
) -> Result<Mail, Fault> {
    let mistake = |error: &dyn std::fmt::Display| {
        Fault::new(ErrorClass::InternalError, format!("the mail cannot be made: {error}"))
    };
    let name = from_name.parse().map_err(|error| mistake(&error))?;
    let from = Mailbox { name: Some(name), address: from.clone() };
    let subject = words.subject.parse().map_err(|error| mistake(&error))?;
    Ok(Mail {
        reply_to: reply_to.cloned().map(Mailbox::from),
        html: Some(words.html),
        headers: vec![Header::auto_generated()],
        ..Mail::new(id, from, vec![to.into()], subject, words.text)
    })
}
