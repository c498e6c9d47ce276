//! The welcome mail: which words, which credential, and what became of it.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tenantry_model::{EmailAddress, ErrorClass, Fault, MessageId, RunId, TenantId, UserId};
use tenantry_outbox::{Account, Accounts, Words, platform_mail};
use tenantry_provider::{Accepted, Mail};
use tenantry_runtime::{Effect, Job, Operation, config};
use tenantry_secrets::{Passwords, Sealer, token, token_hash};
use tenantry_store::{
    Db, Tx,
    mail::{self, Handled, NewMessage, NewSend},
    tenancy::{self, Recipient},
};
use tenantry_templates::{Template, render};
use tenantry_workflows::tenant_onboarding::{Command, Event};
use time::OffsetDateTime;

/// Longer than any provider takes: it is the provider that knows how far a mail got.
const TIME_OUT: Duration = Duration::from_secs(45);

/// The operation.
pub struct Welcome {
    db: Db,
    accounts: Arc<Accounts>,
    mail: config::Mail,
    onboarding: config::Onboarding,
    passwords: Passwords,
}

/// A mail that was accepted.
pub struct Sent {
    template: Template,
    recipient: EmailAddress,
    subject: String,
    message_id: String,
    provider: &'static str,
    accepted: Accepted,
}

impl Welcome {
    /// Sends through these accounts as the settings say.
    #[must_use]
    pub fn new(
        db: Db,
        accounts: Arc<Accounts>,
        mail: config::Mail,
        onboarding: config::Onboarding,
        sealer: Sealer,
    ) -> Self {
        let passwords = Passwords { sealer, cost: onboarding.hash_cost };
        Self { db, accounts, mail, onboarding, passwords }
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

    /// Hands the mail to the first account and, where that has certainly not accepted it, to the next. A try after the first
    /// stays with the first account: what the one before has come to there is not known for certain.
    async fn hand(&self, mail: &Mail, attempt: u32) -> Result<(&'static str, Accepted), Fault> {
        let may = |account: &&Account| account.provider.may_send_for(mail.from.address.domain());
        let most = if attempt == 1 { usize::MAX } else { 1 };
        let mut refused = Fault::new(
            ErrorClass::SenderRefused,
            "no configured mail provider may send for the platform's address; look at EMAIL_FROM",
        );
        for account in self.accounts.0.iter().filter(may).take(most) {
            match account.provider.send(mail).await {
                Ok(accepted) => return Ok((account.provider.name(), accepted)),
                // Told again, it sends once. What it says of a later try says nothing about the first.
                Err(fault)
                    if account.provider.capabilities().idempotent
                        && (fault.class == ErrorClass::UnknownOutcome || attempt > 1) =>
                {
                    return Err(Fault { class: ErrorClass::TimeoutError, ..fault });
                }
                Err(fault) if matches!(fault.class, ErrorClass::UnknownOutcome | ErrorClass::EmailRefused) => {
                    return Err(fault);
                }
                Err(fault) => refused = fault,
            }
        }
        Err(refused)
    }

    /// The message as a row; onboarding has sent it, or tried to.
    fn message(
        &self,
        job: &Job,
        tenant: TenantId,
        user: UserId,
        template: &str,
        subject: &str,
        recipient: &str,
    ) -> NewMessage {
        NewMessage {
            id: message_of(job),
            tenant,
            user: Some(user),
            caused_by: Some(job.run),
            category: "onboarding".to_owned(),
            subtype: None,
            template: Some(template.to_owned()),
            locale: Some("en".to_owned()),
            subject: subject.to_owned(),
            recipients: vec![recipient.to_owned()],
            tags: json!({}),
            attachments: 0,
            size: 0,
            sealed: None,
            sensitive: true,
            erase_at: job.now,
            wait: 0,
            started_by: "onboarding".to_owned(),
            trace: None,
        }
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
        let idempotent = |account: &Account| account.provider.capabilities().idempotent;
        if self.accounts.0.iter().all(idempotent) { Effect::Repeatable } else { Effect::Once }
    }

    fn time_out(&self) -> Duration {
        TIME_OUT
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Sent, Fault> {
        let (tenant, user) = target(command)?;
        if !self.mail.enabled {
            let words = "mail is switched off here (EMAIL_ENABLE), so the welcome mail does not leave; hand the credential over by \
                         another way, or switch mail on and send it again";
            return Err(Fault::new(ErrorClass::EmailRefused, words));
        }
        let to = tenancy::recipient(&mut *self.db.connection().await?, tenant, user).await?;
        let recipient: EmailAddress =
            to.email.parse().map_err(|error| Fault::new(ErrorClass::ValidationError, format!("{error}")))?;
        let (template, variables) = self.words(job.run, tenant, user, &to, job.now).await?;
        let rendered =
            render(template, "en", &variables).map_err(|error| mistake(format!("the mail cannot be made: {error}")))?;
        let words = Words { subject: rendered.subject, text: rendered.text, html: rendered.html };
        let subject = words.subject.clone();
        let from = (&self.mail.from, self.mail.from_name.as_str());
        let mail = platform_mail(message_of(job), from, self.mail.support.as_ref(), recipient.clone(), words)?;
        let (provider, accepted) = self.hand(&mail, job.attempt).await?;
        let message_id = mail.message_id.as_str().to_owned();
        Ok(Sent { template, recipient, subject, message_id, provider, accepted })
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, sent: &Sent) -> Result<Event, Fault> {
        let (tenant, user) = target(command)?;
        let message = self.message(job, tenant, user, sent.template.name(), &sent.subject, sent.recipient.as_str());
        let send = NewSend {
            message: message.id,
            tenant,
            provider: sent.provider.to_owned(),
            provider_message_id: sent.accepted.provider_message_id.clone(),
            message_id_header: sent.message_id.clone(),
            sender: self.mail.from.as_str().to_owned(),
            response: sent.accepted.response.clone(),
            attempts: job.attempt,
        };
        mail::record_handled(tx, &message, &Handled::Sent(send), self.db.timing()).await?;
        tenancy::mailed(tx, user, job.now).await?;
        Ok(Event::WelcomeSent { message: message_of(job) })
    }

    async fn record_fault(&self, tx: &mut Tx, job: &Job, command: &Command, fault: &Fault) -> Result<(), Fault> {
        let (tenant, user) = target(command)?;
        let to = tenancy::recipient(tx, tenant, user).await?;
        let message = self.message(job, tenant, user, "welcome", "Welcome", &to.email);
        let handled = match fault.class {
            // A try that was not answered in time may have been accepted.
            ErrorClass::UnknownOutcome | ErrorClass::TimeoutError => {
                Handled::Unknown(Fault { class: ErrorClass::UnknownOutcome, ..fault.clone() })
            }
            _ => Handled::Failed(fault.clone()),
        };
        mail::record_handled(tx, &message, &handled, self.db.timing()).await?;
        Ok(())
    }
}
