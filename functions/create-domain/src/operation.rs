//! Claim and create.

use std::time::Duration;

use serde_json::json;
use tenantry_dns::ownership;
use tenantry_kernel::advance;
use tenantry_model::{ErrorClass, Fault, RunId};
use tenantry_outbox::Accounts;
use tenantry_provider::{Domain, NewDomain};
use tenantry_runtime::{Effect, Job, Operation, config};
use tenantry_store::{
    Db, Tx,
    domains::{Claim, Claimant, claim, created, facts},
    runs::{NewRun, start},
};
use tenantry_workflows::{
    email_domain::{Command, Event},
    orphan_report::{self, OrphanReport},
};

use crate::records::wanted;

/// The operation.
pub struct Creation {
    /// Where the domain's row is.
    pub db: Db,
    /// The providers.
    pub accounts: Accounts,
    /// At which of them, and how long a name cools down.
    pub settings: config::Domains,
}

/// What the provider said.
pub enum Seen {
    /// Its account has a domain of this name, or none.
    Name(bool),
    /// It has made it, or found it there.
    Made(Domain),
    /// It was not asked: the name is another tenant's there.
    NotOurs,
}

impl Operation for Creation {
    type Command = Command;
    type Event = Event;
    type Seen = Seen;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Repeatable
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Seen, Fault> {
        let facts = facts(&mut *self.db.connection().await?, job.run).await?;
        match command {
            Command::ClaimName { .. } => {
                let (_, domains) = self.accounts.domains_at(self.settings.provider.as_deref())?;
                Ok(Seen::Name(domains.find(&facts.name).await?.is_some()))
            }
            Command::CreateDomain if !facts.clear => Ok(Seen::NotOurs),
            Command::CreateDomain => {
                let (_, domains) = self.accounts.domains_at(facts.provider.as_deref())?;
                let new = NewDomain { region: facts.region, ..NewDomain::new(facts.name) };
                Ok(Seen::Made(domains.create(&new).await?))
            }
            _ => Err(not_ours()),
        }
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, seen: &Seen) -> Result<Event, Fault> {
        match (command, seen) {
            (Command::ClaimName { proven, allowed }, Seen::Name(there)) => {
                let (provider, _) = self.accounts.domains_at(self.settings.provider.as_deref())?;
                let facts = facts(tx, job.run).await?;
                let ownership = json!(ownership(&facts.name, &facts.token));
                let claimant = Claimant {
                    domain: job.run,
                    provider,
                    there: *there,
                    proven: *proven,
                    allowed: *allowed,
                    cool_down: self.settings.cool_down,
                    ownership: &ownership,
                };
                let claimed = claim(tx, &claimant, job.now).await?;
                self.report_orphans(tx, job).await?;
                Ok(match claimed {
                    Claim::Clear => Event::NameClaimed { clear: true },
                    Claim::Known => Event::NameClaimed { clear: false },
                    Claim::Taken => Event::NameTaken { why: TAKEN.to_owned() },
                    Claim::CoolsDown(seconds) => Event::NameCoolsDown { seconds },
                })
            }
            (Command::CreateDomain, Seen::Made(domain)) => {
                let records = json!(wanted(&domain.name, &domain.records));
                let ours = created(tx, job.run, &domain.id, &records).await?;
                Ok(if ours { Event::DomainCreated } else { Event::NameClaimed { clear: false } })
            }
            (Command::CreateDomain, Seen::NotOurs) => Ok(Event::NameClaimed { clear: false }),
            _ => Err(not_ours()),
        }
    }
}

/// What a tenant is told whose name is another's.
const TAKEN: &str = "This domain is in use by another account of this platform. If it is yours, the platform's operators will settle it \
                     with you; they have been told.";

fn not_ours() -> Fault {
    Fault::new(ErrorClass::InternalError, "this function claims and creates domains, and does nothing else")
}

impl Creation {
    /// Whoever has domains at a provider may have some there that nobody knows of: from the first claim on there is a report of them.
    async fn report_orphans(&self, tx: &mut Tx, job: &Job) -> Result<(), Fault> {
        let run = NewRun {
            id: RunId::new(),
            kind: <OrphanReport as tenantry_kernel::Workflow>::KIND,
            tenant: None,
            external_key: Some(orphan_report::DAILY.to_owned()),
            started_by: format!("{}", job.run),
            trace: None,
            change: advance::start::<OrphanReport>(orphan_report::Data::default()),
        };
        start(tx, &run, self.db.timing()).await?;
        Ok(())
    }
}
