//! A mail to the platform's operators when a person is needed, and when a tenant leaves.

use serde_json::{Value, json};
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId};
use tenantry_outbox::{Accounts, Words, platform_mail};
use tenantry_runtime::{Job, config};
use tenantry_store::{Db, tenancy};
use tenantry_templates::{Template, render};

use crate::leaving;

/// Those who are asked.
pub struct Operators {
    db: Db,
    accounts: Accounts,
    settings: config::Mail,
    address: EmailAddress,
}

impl Operators {
    /// The operators that the settings name; none is fine.
    #[must_use]
    pub fn new(db: Db, settings: config::Mail, accounts: Accounts) -> Option<Self> {
        // `EMAIL_ENABLE` off: nothing leaves.
        let address = settings.operators.clone().filter(|_| settings.enabled)?;
        Some(Self { db, accounts, settings, address })
    }

    /// Tells them that a task is open. Whoever carries mail is tried in order, unless one may have carried it.
    ///
    /// # Errors
    /// Nobody has accepted it, or nobody knows.
    pub async fn ask(&self, job: &Job, notice: &Value) -> Result<(), Fault> {
        let answer_url = format!("{}/runs/{}", self.settings.console_url.trim_end_matches('/'), job.run);
        let variables = json!({
            "title": notice["title"],
            "text": notice["text"],
            "tenant_name": "",
            "answer_url": answer_url,
            "deadline": "",
        });
        let rendered = render(Template::TaskOpened, "en", &variables)
            .map_err(|error| Fault::new(ErrorClass::InternalError, format!("the mail cannot be made: {error}")))?;
        self.send(job, Words { subject: rendered.subject, text: rendered.text, html: rendered.html }).await
    }

    /// Tells them that a tenant is leaving, will be gone soon, or is gone. Any other notice is passed over.
    ///
    /// # Errors
    /// As [`Operators::ask`]; or the database cannot be reached.
    pub async fn tell_of_leaving(&self, job: &Job, notice: &Value) -> Result<(), Fault> {
        let Some((tenant, news)) = leaving::read(notice) else { return Ok(()) };
        let mut tx = self.db.begin().await?;
        let name = tenancy::tenant(&mut tx, tenant).await?.name;
        drop(tx);
        let url = format!("{}/runs/{}", self.settings.console_url.trim_end_matches('/'), job.run);
        self.send(job, leaving::words(&name, tenant, news, &url)).await
    }

    async fn send(&self, job: &Job, words: Words) -> Result<(), Fault> {
        let from = (&self.settings.from, self.settings.from_name.as_str());
        let mail = platform_mail(MessageId(job.command.0), from, None, self.address.clone(), words)?;
        let mut refused = Fault::new(ErrorClass::AccountRefused, "no mail provider is configured");
        for account in &self.accounts.0 {
            match account.provider.send(&mail).await {
                Ok(_) => return Ok(()),
                Err(fault) if fault.class == ErrorClass::UnknownOutcome => return Err(fault),
                Err(fault) => refused = fault,
            }
        }
        Err(refused)
    }
}
