//! Look, claim, order, activate, withdraw.

use std::time::Duration;

use serde_json::json;
use tenantry_dns::HostReport;
use tenantry_mail::registered;
use tenantry_model::{Domain, ErrorClass, Fault, RunId};
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Db, StoreError, Tx,
    portal::{self, Activated, Order, OrderLimits, PortalClaim, PortalFacts, Sight, facts},
    runs,
};
use tenantry_workflows::portal_domain::{Command, Event, Pointing};

use crate::{
    look::{Eyes, pointing, words},
    preflight::Preflight,
    probe::Probe,
    rows,
};

/// The operation.
pub struct Portals {
    /// Where the hostname's row is.
    pub db: Db,
    /// What looks are made with.
    pub eyes: Eyes,
    /// What the authority allows.
    pub limits: OrderLimits,
    /// How often the cluster is compared with the rows.
    pub sync_every: Duration,
}

/// What was seen.
pub enum Seen {
    /// Nothing: rows only.
    Nothing,
    /// The DNS.
    Host(HostReport),
    /// The DNS, and the way of the authority.
    Way(HostReport, Preflight),
    /// The portal.
    Portal(Probe),
}

impl Operation for Portals {
    type Command = Command;
    type Event = Event;
    type Seen = Seen;

    fn effect(&self, command: &Command) -> Effect {
        match command {
            Command::CheckHost | Command::Preflight | Command::Visit => Effect::Repeatable,
            _ => Effect::Rows,
        }
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(90)
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Seen, Fault> {
        if self.effect(command) == Effect::Rows {
            return Ok(Seen::Nothing);
        }
        let facts = facts(&mut *self.db.connection().await?, job.run).await?;
        Ok(match command {
            Command::CheckHost => Seen::Host(self.eyes.host(&facts).await),
            Command::Preflight => {
                let (report, preflight) = self.eyes.before_an_order(&facts, &job.command.0.simple().to_string()).await;
                Seen::Way(report, preflight)
            }
            _ => Seen::Portal(self.eyes.visit(&facts, job.now).await),
        })
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, seen: &Seen) -> Result<Event, Fault> {
        match (command, seen) {
            (_, Seen::Host(report)) => self.pointed(tx, job, report).await,
            (_, Seen::Way(report, preflight)) => self.prepared(tx, job, report, preflight).await,
            (_, Seen::Portal(probe)) => {
                portal::look_at(tx, job.run, Sight::Visit, &rows::of_visit(probe, job.now), job.now).await?;
                Ok(Event::Visited { live: probe.live(), words: rows::words(probe), concerns: probe.concerns() })
            }
            (Command::ClaimName, _) => self.claim(tx, job).await,
            (Command::TakeOrder, _) => self.order(tx, job).await,
            (Command::Activate, _) => self.activate(tx, job).await,
            (Command::Withdraw, _) => Ok(Event::Withdrawn { served: portal::withdraw(tx, job.run, job.now).await? }),
            (Command::Reopen, _) => {
                Ok(if portal::reopen(tx, job.run).await? { Event::Reopened } else { Event::NotReopened })
            }
            (Command::Close, _) => {
                portal::close(tx, job.run, job.now).await?;
                Ok(Event::Closed)
            }
            _ => Err(Fault::new(
                ErrorClass::InternalError,
                "this function looks at hostnames from outside, and does nothing else",
            )),
        }
    }
}

impl Portals {
    async fn pointed(&self, tx: &mut Tx, job: &Job, report: &HostReport) -> Result<Event, Fault> {
        let facts = facts(&mut *tx, job.run).await?;
        let rivalled = portal::rivalled(tx, job.run, job.now).await?;
        let pointing = pointing(report, facts.serves, rivalled);
        let proven = match pointing {
            Pointing::Here => Some(true),
            Pointing::Elsewhere => Some(false),
            Pointing::Proxied | Pointing::Unclear => None,
        };
        // When nobody's DNS can be seen, it is our way out that is shut; an alarm looks at the share of these.
        tracing::info!(unclear = i32::from(pointing == Pointing::Unclear), ?pointing, "looked");
        portal::pointed(tx, job.run, &json!(report), proven, job.now).await?;
        Ok(Event::HostSeen { pointing, words: words(report, pointing) })
    }

    async fn prepared(
        &self,
        tx: &mut Tx,
        job: &Job,
        report: &HostReport,
        preflight: &Preflight,
    ) -> Result<Event, Fault> {
        portal::look_at(tx, job.run, Sight::Preflight, &rows::of_preflight(preflight, job.now), job.now).await?;
        let seen = self.pointed(tx, job, report).await?;
        if let Event::HostSeen { pointing: Pointing::Elsewhere, .. } = seen {
            return Ok(seen);
        }
        Ok(preflight.words().map_or(Event::PreflightClear, |words| Event::PreflightBlocked { words }))
    }

    async fn claim(&self, tx: &mut Tx, job: &Job) -> Result<Event, Fault> {
        match portal::claim(tx, job.run, job.now).await? {
            PortalClaim::Ours => Ok(Event::NameClaimed),
            PortalClaim::Held(holder) => {
                self.tell(tx, job, holder, &Event::RivalSeen).await?;
                Ok(Event::NameHeld)
            }
            PortalClaim::Unproven => Ok(Event::HostSeen { pointing: Pointing::Unclear, words: String::new() }),
        }
    }

    async fn order(&self, tx: &mut Tx, job: &Job) -> Result<Event, Fault> {
        let PortalFacts { domain, .. } = facts(&mut *tx, job.run).await?;
        match portal::order(tx, job.run, registered(&domain), self.limits, job.now).await? {
            Order::Granted => {
                // Its first turn finds this hostname; the hostname's own command does not wait for it.
                portal::stand(tx, self.sync_every, self.db.timing()).await?;
                Ok(Event::OrderGranted)
            }
            Order::Waits(wait, why) => {
                let words =
                    format!("A certificate is ordered later: {why}. We order it by ourselves as soon as we may.");
                Ok(Event::OrderWaits { seconds: wait.as_secs().max(1), words })
            }
            Order::NotHeld => Ok(Event::NameHeld),
        }
    }

    async fn activate(&self, tx: &mut Tx, job: &Job) -> Result<Event, Fault> {
        let Activated::Done(former) = portal::activate(tx, job.run, job.now).await? else {
            return Ok(Event::NotActivated);
        };
        if let Some(former) = former {
            let facts = facts(&mut *tx, job.run).await?;
            let by: Domain = facts
                .domain
                .parse()
                .map_err(|_| Fault::new(ErrorClass::InternalError, "the hostname cannot be read by this version"))?;
            self.tell(tx, job, former, &Event::Superseded { by }).await?;
        }
        Ok(Event::Activated)
    }

    /// Tells another hostname's life something, in the same transaction. What follows is hinted at by the sweeper.
    async fn tell(&self, tx: &mut Tx, job: &Job, other: RunId, event: &Event) -> Result<(), Fault> {
        let run = runs::run(tx, other).await?;
        let key = format!("{}:{}", job.command, job.attempt);
        match runs::signal(tx, &run, json!(event), key, self.db.timing()).await {
            Ok(_) | Err(StoreError::Deaf(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
