//! A mail to the platform's operators when a person is needed.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_provider::{ConfigError, Header, Mail, Mailbox, Provider, from_config};
use tenantry_runtime::{Job, config};
use tenantry_templates::{Template, render};

/// Those who are asked.
pub struct Operators {
    provider: Arc<dyn Provider>,
    settings: config::Mail,
    address: EmailAddress,
}

impl Operators {
    /// The operators that the settings name; none is fine.
    ///
    /// # Errors
    /// The provider's settings are not usable.
    pub fn new(settings: config::Mail) -> Result<Option<Self>, ConfigError> {
        let Some(address) = settings.operators.clone() else { return Ok(None) };
        Ok(Some(Self { provider: from_config(settings.provider.clone())?, settings, address }))
    }

    /// Tells them that a task is open.
    ///
    /// # Errors
    /// The provider refuses, or nobody knows.
    pub async fn ask(&self, job: &Job, notice: &Value) -> Result<(), Fault> {
        let mistake = |error: &dyn std::fmt::Display| {
            Fault::new(ErrorClass::InternalError, format!("the mail cannot be made: {error}"))
        };
        let answer_url = format!("{}/runs/{}", self.settings.console_url.trim_end_matches('/'), job.run);
        let variables = json!({
            "title": notice["title"],
            "text": notice["text"],
            "tenant_name": "",
            "answer_url": answer_url,
            "deadline": "",
        });
        let rendered = render(Template::TaskOpened, "en", &variables).map_err(|error| mistake(&error))?;
        let from = Mailbox { name: self.settings.from_name.parse().ok(), address: self.settings.from.clone() };
        let subject = rendered.subject.parse().map_err(|error| mistake(&error))?;
        let to = vec![self.address.clone().into()];
        let mail = Mail {
            html: Some(rendered.html),
            headers: vec![Header::auto_generated()],
            ..Mail::new(MessageId(job.command.0), from, to, subject, rendered.text)
        };
        self.provider.send(&mail).await.map(drop)
    }
}
