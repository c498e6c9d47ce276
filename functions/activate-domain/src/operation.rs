//! Verify, look, activate, fall back.

use std::time::Duration;

use tenantry_model::{ErrorClass, Fault};
use tenantry_outbox::Accounts;
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Db, Tx,
    domains::{self, Activation, facts},
};
use tenantry_workflows::email_domain::{AtProvider, Command, Event};

use crate::status::{must_be_asked, seen};

/// The operation.
pub struct Activating {
    /// Where the domain's row is.
    pub db: Db,
    /// The providers.
    pub accounts: Accounts,
}

/// What a tenant is told whose name another tenant has verified first.
const TAKEN: &str = "Another account of this platform has verified this domain in the meantime. The platform's operators have been told.";

impl Operation for Activating {
    type Command = Command;
    type Event = Event;
    /// What the provider said; none: it was not asked.
    type Seen = Option<Event>;

    fn effect(&self, command: &Command) -> Effect {
        match command {
            Command::Activate | Command::FallBack => Effect::Rows,
            _ => Effect::Repeatable,
        }
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Option<Event>, Fault> {
        if matches!(command, Command::Activate | Command::FallBack) {
            return Ok(None);
        }
        let facts = facts(&mut *self.db.connection().await?, job.run).await?;
        let (_, domains) = self.accounts.domains_at(facts.provider.as_deref())?;
        let Some(id) = facts.provider_domain_id.filter(|_| facts.clear) else { return Ok(Some(Event::ProviderLost)) };
        let Some(domain) = domains.get(&id).await? else { return Ok(Some(Event::ProviderLost)) };
        match command {
            Command::LookAtProvider => Ok(Some(seen(&domain))),
            Command::AskProvider if must_be_asked(&domain) => {
                domains.verify(&id).await?;
                Ok(Some(Event::VerificationAsked))
            }
            Command::AskProvider => match seen(&domain) {
                event @ Event::ProviderSeen { status: AtProvider::Verified, .. } => Ok(Some(event)),
                _ => Ok(Some(Event::VerificationAsked)),
            },
            _ => Err(Fault::new(
                ErrorClass::InternalError,
                "this function verifies and activates, and does nothing else",
            )),
        }
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, seen: &Option<Event>) -> Result<Event, Fault> {
        match (command, seen) {
            (Command::Activate, _) => Ok(match domains::activate(tx, job.run, job.now).await? {
                Activation::Done => Event::Activated,
                Activation::Taken => Event::NameTaken { why: TAKEN.to_owned() },
                Activation::NotReady => Event::NotActivated,
            }),
            (Command::FallBack, _) => {
                domains::fall_back(tx, job.run, job.now).await?;
                Ok(Event::FellBack)
            }
            (_, Some(Event::ProviderLost)) => {
                domains::lost(tx, job.run).await?;
                Ok(Event::ProviderLost)
            }
            (_, Some(event)) => Ok(event.clone()),
            (_, None) => Err(Fault::new(ErrorClass::InternalError, "the provider was not asked")),
        }
    }
}
