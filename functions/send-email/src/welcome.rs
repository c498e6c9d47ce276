//! The welcome mail: which words, which credential, and what became of it.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId, RunId, TenantId, UserId};
use tenantry_provider::{MessageIdHeader, Provider};
use tenantry_runtime::{Effect, Job, Operation, config};
use tenantry_secrets::{Passwords, Sealer, token, token_hash};
use tenantry_store::{
    Db, Tx,
    tenancy::{self, NewMessage, Recipient},
};
use tenantry_templates::Template;
use tenantry_workflows::tenant_onboarding::{Command, Event};
use time::OffsetDateTime;

use crate::letter::letter;

/// Longer than any provider takes: it is the provider that knows how far a mail got.
const TIME_OUT: Duration = Duration::from_secs(45);

/// The operation.
pub struct Welcome {
    db: Db,
    provider: Arc<dyn Provider>,
    mail: config::Mail,
    onboarding: config::Onboarding,
    passwords: Passwords,
}

/// A mail that was accepted.
pub struct Sent {
    template: Template,
    recipient: EmailAddress,
    response: Option<String>,
}

impl Welcome {
    /// Sends through `provider` as the settings say.
    #[must_use]
    pub fn new(
        db: Db,
        provider: Arc<dyn Provider>,
        mail: config::Mail,
        onboarding: config::Onboarding,
        sealer: Sealer,
    ) -> Self {
        let passwords = Passwords { sealer, cost: onboarding.hash_cost };
        Self { db, provider, mail, onboarding, passwords }
    }

    /// The words for this recipient, with the credential in them.
    async fn words(
        &self,
        run: RunId,
        tenant: TenantId,
        user: UserId,
        to: &Recipient,
        now: OffsetDateTime,
    ) -> Result<(Template, Value), Fault> {
        let hours = self.onboarding.credential_lasts.as_secs() / 3600;
        let with = |key: &str, value: Value| {
            let mut variables = json!({
                "tenant_name": to.tenant_name,
                "first_name": to.first_name,
                "login_email": to.email,
                "support_email": self.mail.support.as_ref().map_or("", EmailAddress::as_str),
            });
            variables[key] = value;
            variables
        };
        let login_url = self.onboarding.login_url.replace("{host}", &to.portal_host);
        if to.has_logged_in {
            return Ok((Template::WelcomeAgain, with("login_url", json!(login_url))));
        }
        if !to.has_password {
            let token = token().map_err(mistake)?;
            let url =
                self.onboarding.invite_url.replace("{host}", &to.portal_host).replace("{token}", token.expose_secret());
            let mut tx = self.db.begin().await?;
            let expires_at = now + self.onboarding.credential_lasts;
            tenancy::invite(&mut tx, tenant, user, &token_hash(token.expose_secret()), expires_at, now).await?;
            tx.commit().await.map_err(|error| Fault::from(tenantry_store::StoreError::from(error)))?;
            let mut variables = with("invite_url", json!(url));
            variables["expires_hours"] = json!(hours);
            return Ok((Template::Invitation, variables));
        }
        let (sealed, expires_at) = match (&to.sealed, to.expires_at) {
            (Some(sealed), Some(expires_at)) if expires_at > now => (sealed.clone(), expires_at),
            _ => self.renew(run, tenant, user, now).await?,
        };
        let password = self.passwords.sealer.open(&sealed, user.0.as_bytes()).map_err(mistake)?;
        let left = u64::try_from((expires_at - now).whole_hours()).unwrap_or(0).clamp(1, hours);
        let mut variables = with("login_url", json!(login_url));
        variables["temporary_password"] = json!(password.expose_secret());
        variables["expires_hours"] = json!(left);
        Ok((Template::Welcome, variables))
    }

    /// Another temporary password in place of one that expired; never for a user who has logged in.
    async fn renew(
        &self,
        run: RunId,
        tenant: TenantId,
        user: UserId,
        now: OffsetDateTime,
    ) -> Result<(Vec<u8>, OffsetDateTime), Fault> {
        let made = self.passwords.make(user.0.as_bytes()).await.map_err(mistake)?;
        let mut tx = self.db.begin().await?;
        let expires_at = now + self.onboarding.credential_lasts;
        tenancy::renew_password(&mut tx, run, tenant, user, (&made.hash, &made.sealed), expires_at, now).await?;
        tx.commit().await.map_err(|error| Fault::from(tenantry_store::StoreError::from(error)))?;
        Ok((made.sealed, expires_at))
    }

    fn header(&self, job: &Job) -> String {
        MessageIdHeader::new(message_of(job), &self.mail.from).as_str().to_owned()
    }
}

/// One command is one message: what is tried again is the same mail, what is asked anew is another.
fn message_of(job: &Job) -> MessageId {
    MessageId(job.command.0)
}

fn mistake(error: impl std::fmt::Display) -> Fault {
    Fault::new(ErrorClass::InternalError, error.to_string())
}

fn target(command: &Command) -> Result<(TenantId, UserId), Fault> {
    match command {
        Command::SendWelcome { tenant, user } => Ok((*tenant, *user)),
        _ => Err(mistake("this function sends the welcome mail, and does nothing else of onboarding")),
    }
}

impl Operation for Welcome {
    type Command = Command;
    type Event = Event;
    type Seen = Sent;

    fn effect(&self, _: &Command) -> Effect {
        if self.provider.capabilities().idempotent { Effect::Repeatable } else { Effect::Once }
    }

    fn time_out(&self) -> Duration {
        TIME_OUT
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Sent, Fault> {
        let (tenant, user) = target(command)?;
        let to = tenancy::recipient(&mut *self.db.connection().await?, tenant, user).await?;
        let recipient: EmailAddress =
            to.email.parse().map_err(|error| Fault::new(ErrorClass::ValidationError, format!("{error}")))?;
        let (template, variables) = self.words(job.run, tenant, user, &to, job.now).await?;
        let mail = letter(&self.mail, message_of(job), recipient.clone(), template, &variables)?;
        let accepted = self.provider.send(&mail).await?;
        Ok(Sent { template, recipient, response: accepted.response })
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, sent: &Sent) -> Result<Event, Fault> {
        let (tenant, user) = target(command)?;
        let message = NewMessage {
            id: message_of(job),
            tenant,
            run: job.run,
            user,
            template: sent.template.name(),
            recipient: sent.recipient.as_str(),
            message_id_header: &self.header(job),
            provider: self.provider.name(),
            status: "sent",
            response: sent.response.as_deref(),
            fault: None,
            attempts: job.attempt,
        };
        tenancy::record_message(tx, &message, job.now).await?;
        tenancy::mailed(tx, user, job.now).await?;
        Ok(Event::WelcomeSent { message: message_of(job) })
    }

    async fn record_fault(&self, tx: &mut Tx, job: &Job, command: &Command, fault: &Fault) -> Result<(), Fault> {
        let (tenant, user) = target(command)?;
        let to = tenancy::recipient(tx, tenant, user).await?;
        let message = NewMessage {
            id: message_of(job),
            tenant,
            run: job.run,
            user,
            template: "welcome",
            recipient: &to.email,
            message_id_header: &self.header(job),
            provider: self.provider.name(),
            status: if fault.class == ErrorClass::UnknownOutcome { "unknown" } else { "failed" },
            response: None,
            fault: Some(fault),
            attempts: job.attempt,
        };
        tenancy::record_message(tx, &message, job.now).await?;
        Ok(())
    }
}
