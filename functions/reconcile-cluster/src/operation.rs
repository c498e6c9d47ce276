//! The cluster is brought to what the rows say: when a hostname asks for it, again and again, and when an operator wants it.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tenantry_model::Fault;
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{
    Db, Exclusive, StoreError, Tx,
    portal::{self, PortalFacts, facts},
    runs,
};
use tenantry_workflows::{
    portal_domain::{Command, Event, SyncedTo},
    portal_sync::{self, Carry},
};
use time::OffsetDateTime;
use tokio::{sync::Mutex, time::Instant};

use crate::{
    look::{self, Looked},
    parts::{Parts, said},
    reconcile::{Done, LOCK, reconcile},
};

/// How long a hostname waits for a reconcile that is at work, before it comes again.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the standing reconcile turns, where this begins it.
const STANDING_TURN: Duration = Duration::from_secs(900);
/// How often it asks meanwhile.
const ASK: Duration = Duration::from_millis(250);

/// What hostnames ask.
pub struct Hostnames {
    /// Where the rows are.
    pub db: Db,
    /// What a reconcile works with.
    pub parts: Arc<Parts>,
}

/// What was seen or done for a hostname.
pub enum Seen {
    /// A reconcile was done, and nobody does another until this is written.
    Reconciled(Box<Done>, Arc<Mutex<Exclusive>>),
    /// Nothing had to be done, or somebody else has done it.
    Nothing,
    /// Its certificate.
    Certificate(Looked),
}

impl Operation for Hostnames {
    type Command = Command;
    type Event = Event;
    type Seen = Seen;

    fn effect(&self, _: &Command) -> Effect {
        Effect::Repeatable
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn perform(&self, job: &Job, command: &Command) -> Result<Seen, Fault> {
        if matches!(command, Command::LookAtCertificate) {
            let facts = facts(&mut *self.db.connection().await?, job.run).await?;
            return Ok(Seen::Certificate(look::look(&self.parts, &facts, job.now).await?));
        }
        let seen = self.sync(job).await?;
        if let (Command::Reissue, Some(cluster)) = (command, self.parts.cluster().await.map_err(said)?) {
            let key = self.parts.rendering.key(tenantry_cluster::Kind::Certificate, job.run.0);
            cluster.reissue(&key).await.map_err(said)?;
        }
        Ok(seen)
    }

    async fn record(&self, tx: &mut Tx, job: &Job, _: &Command, seen: &Seen) -> Result<Event, Fault> {
        match seen {
            Seen::Certificate(looked) => Ok(look::record(tx, job, looked).await?),
            Seen::Reconciled(done, _) => {
                write(tx, done, job.now).await?;
                if done.held.is_some() {
                    self.wake(tx, job).await?;
                }
                let answer = self.answer(tx, job, done.held.is_some()).await?;
                // It was not come to, and will not be before what stands in the way is gone.
                Ok(match (answer, &done.broken_off) {
                    (Event::Synced(SyncedTo::Busy), Some(fault)) => Event::Synced(SyncedTo::Broken(fault.clone())),
                    (answer, _) => answer,
                })
            }
            Seen::Nothing => self.answer(tx, job, false).await,
        }
    }
}

impl Hostnames {
    /// Whoever comes first reconciles for all who wait; the others find it done.
    async fn sync(&self, job: &Job) -> Result<Seen, Fault> {
        let until = Instant::now() + PATIENCE;
        let mut waited = false;
        loop {
            let facts = facts(&mut *self.db.connection().await?, job.run).await?;
            let heard = facts.synced == facts.revision && !facts.retired;
            if heard && (waited || !facts.serves || look::stands(&self.parts, &facts).await?) {
                return Ok(Seen::Nothing);
            }
            if let Some(lock) = self.db.exclusive(LOCK).await? {
                tokio::time::sleep(self.parts.settle).await;
                let lock = Arc::new(Mutex::new(lock));
                let done = reconcile(&self.db, &self.parts, Carry::ALL, None, Arc::clone(&lock), job.now).await?;
                return Ok(Seen::Reconciled(Box::new(done), lock));
            }
            if Instant::now() >= until {
                return Ok(Seen::Nothing);
            }
            waited = true;
            tokio::time::sleep(ASK).await;
        }
    }

    async fn answer(&self, tx: &mut Tx, job: &Job, held: bool) -> Result<Event, Fault> {
        let PortalFacts { id, serves, retired, revision, synced, .. } = facts(&mut *tx, job.run).await?;
        let to = match (serves, retired) {
            (true, _) if synced == revision => {
                let refused = portal::recorded(&mut *tx, Some(id)).await?.into_iter().find_map(|row| {
                    let why = row.refused?;
                    Some(format!("{} {}/{}: {why}", row.kind, row.namespace, row.name))
                });
                refused.map_or(SyncedTo::Applied, |detail| SyncedTo::Refused { words: REFUSED.to_owned(), detail })
            }
            (false, false) => SyncedTo::Gone,
            (false, true) if held => SyncedTo::Held,
            _ => SyncedTo::Busy,
        };
        Ok(Event::Synced(to))
    }

    /// What the brake holds, the standing reconcile asks about.
    async fn wake(&self, tx: &mut Tx, job: &Job) -> Result<(), Fault> {
        let Some(standing) = portal::standing_run(tx).await? else {
            // Somebody has called it off, and it is needed.
            portal::stand(tx, STANDING_TURN, self.db.timing()).await?;
            return Ok(());
        };
        let run = runs::run(tx, standing).await?;
        let event = portal_sync::Event::RefreshAsked { by: "portal_domain".to_owned() };
        let key = format!("{}:{}", job.command, job.attempt);
        match runs::signal(tx, &run, json!(event), key, self.db.timing()).await {
            Ok(_) | Err(StoreError::Deaf(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// What a tenant reads whose hostname the cluster does not take.
const REFUSED: &str = "Our gateway does not take the settings of this hostname. The operators have been told; nothing else of yours is \
                       touched by it.";

/// The reconcile as a run of its own.
pub struct Reconciles {
    /// Where the rows are.
    pub db: Db,
    /// What a reconcile works with.
    pub parts: Arc<Parts>,
}

impl Operation for Reconciles {
    type Command = portal_sync::Command;
    type Event = portal_sync::Event;
    /// None: somebody else is at work.
    type Seen = Option<(Box<Done>, Arc<Mutex<Exclusive>>)>;

    fn effect(&self, _: &Self::Command) -> Effect {
        Effect::Repeatable
    }

    fn time_out(&self) -> Duration {
        Duration::from_secs(600)
    }

    async fn perform(&self, job: &Job, command: &Self::Command) -> Result<Self::Seen, Fault> {
        let portal_sync::Command::Reconcile { carry, released } = command;
        let Some(lock) = self.db.exclusive(LOCK).await? else { return Ok(None) };
        let lock = Arc::new(Mutex::new(lock));
        let done = reconcile(&self.db, &self.parts, *carry, released.as_deref(), Arc::clone(&lock), job.now).await?;
        Ok(Some((Box::new(done), lock)))
    }

    async fn record(&self, tx: &mut Tx, job: &Job, _: &Self::Command, seen: &Self::Seen) -> Result<Self::Event, Fault> {
        let Some((done, _)) = seen else { return Ok(portal_sync::Event::Busy) };
        write(tx, done, job.now).await?;
        portal::keep_plan(tx, job.run, &done.diff, &done.commands, job.now).await?;
        Ok(portal_sync::Event::Reconciled {
            summary: done.summary.clone(),
            held: done.held.clone(),
            more: done.more,
            broken_off: done.broken_off.clone(),
        })
    }
}

async fn write(tx: &mut Tx, done: &Done, now: OffsetDateTime) -> Result<(), Fault> {
    portal::reconciled(tx, &done.outcomes, &done.wishes, now).await?;
    portal::gone(tx, &done.gone).await?;
    Ok(())
}
