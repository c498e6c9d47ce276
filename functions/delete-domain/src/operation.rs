//! Stop, drain, delete.

use std::{sync::Arc, time::Duration};

use tenantry_model::{ErrorClass, Fault};
use tenantry_outbox::Accounts;
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Db, Tx,
    domains::{facts, leaving, release, stop_sending},
};
use tenantry_workflows::email_domain::{Command, Event};

/// The operation.
pub struct Removal {
    /// Where the domain's row is.
    pub db: Db,
    /// The providers.
    pub accounts: Arc<Accounts>,
}

impl Operation for Removal {
    type Command = Command;
    type Event = Event;
    type Seen = ();

    fn effect(&self, command: &Command) -> Effect {
        if matches!(command, Command::DeleteDomain) { Effect::Repeatable } else { Effect::Rows }
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<(), Fault> {
        let Command::DeleteDomain = command else { return Ok(()) };
        let facts = facts(&mut *self.db.connection().await?, job.run).await?;
        if !facts.clear {
            return Ok(());
        }
        let (_, domains) = self.accounts.domains_at(facts.provider.as_deref())?;
        let id = match facts.provider_domain_id {
            Some(id) => Some(id),
            // It may have been made by a try that nobody heard of.
            None => domains.find(&facts.name).await?.map(|domain| domain.id),
        };
        match id {
            Some(id) => domains.delete(&id).await,
            None => Ok(()),
        }
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, (): &()) -> Result<Event, Fault> {
        match command {
            Command::StopSending => {
                stop_sending(tx, job.run, job.now).await?;
                Ok(Event::Stopped)
            }
            Command::CountLeaving => Ok(Event::Leaving { messages: leaving(tx, job.run).await? }),
            Command::DeleteDomain => {
                release(tx, job.run, job.now).await?;
                Ok(Event::Deleted)
            }
            _ => Err(Fault::new(ErrorClass::InternalError, "this function removes domains, and does nothing else")),
        }
    }
}
