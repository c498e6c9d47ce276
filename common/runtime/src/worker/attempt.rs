//! One try of one command: perform it, write the answer, and see what follows.

use std::time::{Duration, Instant};

use serde_json::Value;
use tenantry_kernel::{EntryKind, Input, Kind, Verdict, workflow::Heard};
use tenantry_model::{ErrorClass, Fault, Retryable};
use tenantry_store::{
    Result, StoreError, Tx,
    runs::{self, Ahead, Claimed, Committed, Of, Source},
};
use tokio::time::Sleep;

use super::{
    NOT_OURS, Worker,
    erased::{Performer, Seen},
};
use crate::{Effect, Job};

/// The life changes in between only when people or timers speak at that very moment; more often than this is a mistake.
const MOST_CHANGES: u32 = 20;
/// The first wait between two tries to write an answer that must not be lost; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(50);

pub(super) struct Attempt<'a> {
    pub(super) worker: &'a Worker,
    pub(super) operation: &'a dyn Performer,
    pub(super) kind: &'static dyn Kind,
    pub(super) until: Instant,
}

/// What a try has come to, before it is written.
enum Done {
    Answer(Seen),
    Fault(Fault, Verdict),
}

/// Why an answer was not written.
enum Unwritten {
    /// The operation's own rows were refused: a fault like any other.
    Fault(Fault),
    /// The store says why.
    Store(StoreError),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How long, and how often, an answer that must not be lost is tried to be written.
struct Patience {
    until: Instant,
    wait: Duration,
}

impl Patience {
    fn new(long: Duration) -> Self {
        Self { until: Instant::now() + long, wait: FIRST_WAIT }
    }

    fn lasts(&self) -> bool {
        Instant::now() < self.until
    }

    fn wait(&mut self, error: &(dyn std::error::Error + 'static)) -> Sleep {
        tracing::warn!(error, "the answer could not be written; again");
        let sleep = tokio::time::sleep(self.wait);
        self.wait *= 2;
        sleep
    }
}

/// What was done, and cannot be written down.
fn unrecorded(why: &Fault) -> Fault {
    let words = format!("it was done, and the answer could not be recorded: {}", why.message);
    Fault::new(ErrorClass::UnknownOutcome, words)
}

impl Attempt<'_> {
    /// Runs it, and gives back what follows: hints to send, and the next command, if it is this function's too.
    pub(super) async fn run(&self, mut claimed: Claimed) -> Result<Committed> {
        let Ok(effect) = self.operation.effect(&claimed.command) else {
            tracing::error!("this version of the function cannot read the command; a newer one may");
            runs::release(&self.worker.db, &claimed, NOT_OURS).await?;
            return Ok(Committed::default());
        };
        let performed = if claimed.interrupted && effect == Effect::Once {
            let words = "an earlier try was interrupted, and nobody knows whether it took effect";
            Err(Fault::new(ErrorClass::UnknownOutcome, words))
        } else {
            let within = self.worker.time_out(self.operation);
            self.operation.perform(&self.job(&claimed), &claimed.command, within).await
        };
        let done = match performed {
            Ok(seen) => Done::Answer(seen),
            Err(fault) => self.judge(&claimed, fault)?,
        };
        self.write(&mut claimed, effect, done).await
    }

    fn job(&self, claimed: &Claimed) -> Job {
        Job {
            run: claimed.run,
            tenant: claimed.tenant,
            command: claimed.lease.command,
            attempt: claimed.attempt,
            now: self.worker.db.clock().now(),
        }
    }

    fn judge(&self, claimed: &Claimed, fault: Fault) -> Result<Done> {
        let verdict = self.kind.retry(&claimed.command)?.after(claimed.attempt, &fault);
        tracing::warn!(class = %fault.class, error = %fault, ?verdict, "the command failed");
        Ok(Done::Fault(fault, verdict))
    }

    /// Writes what the try has come to, until it is written or is not ours to write any more.
    async fn write(&self, claimed: &mut Claimed, effect: Effect, mut done: Done) -> Result<Committed> {
        // The lease outlasts it.
        let mut patience = Patience::new(self.worker.limits.answer.mul_f32(0.8));
        let mut changes = 0;
        loop {
            if let Done::Fault(fault, Verdict::Again(after)) = &done {
                return match runs::retry_later(&self.worker.db, claimed, fault, *after).await {
                    Ok(hint) => Ok(Committed { hints: vec![hint], ahead: None }),
                    // Answered already: by us, in a commit of which we did not hear, or by whoever claimed it next.
                    Err(StoreError::LeaseLost) => self.too_late(claimed, effect, &done).await,
                    Err(error) if error.is_transient() && effect == Effect::Once && patience.lasts() => {
                        patience.wait(&error).await;
                        continue;
                    }
                    Err(error) => Err(error),
                };
            }
            match self.commit(claimed, effect, &done).await {
                Ok(committed) => return Ok(committed),
                // It was done and must not be done again: its answer is written, or it is unknown. Never a retry.
                Err(Unwritten::Fault(fault)) if effect == Effect::Once && matches!(done, Done::Answer(_)) => {
                    if fault.class.retryable() == Retryable::Yes && patience.lasts() {
                        patience.wait(&fault).await;
                    } else {
                        done = Done::Fault(unrecorded(&fault), Verdict::Unknown);
                    }
                }
                Err(Unwritten::Fault(fault)) => done = self.judge(claimed, fault)?,
                Err(Unwritten::Store(StoreError::Changed)) if changes < MOST_CHANGES => {
                    changes += 1;
                    match claimed.refresh(&self.worker.db).await {
                        Err(error) if error.is_transient() && effect == Effect::Once && patience.lasts() => {
                            patience.wait(&error).await;
                        }
                        refreshed => refreshed?,
                    }
                }
                // It was told before, by this very try: the commit succeeded and we did not hear.
                Err(Unwritten::Store(error)) if error.constraint() == Some("history_key") => {
                    return Ok(Committed::default());
                }
                Err(Unwritten::Store(StoreError::LeaseLost)) => return self.too_late(claimed, effect, &done).await,
                // What happened in the world must not be forgotten because the database is away for a moment.
                Err(Unwritten::Store(error)) if error.is_transient() && effect != Effect::Rows && patience.lasts() => {
                    patience.wait(&error).await;
                }
                // What must not be done twice is left to its lease: whoever has it next knows that it was begun.
                Err(Unwritten::Store(error)) if error.is_transient() && effect != Effect::Once => {
                    done = self.judge(claimed, error.into())?;
                }
                Err(Unwritten::Store(error)) => return Err(error),
            }
        }
    }

    async fn commit(&self, claimed: &Claimed, effect: Effect, done: &Done) -> Result<Committed, Unwritten> {
        let (job, timing) = (self.job(claimed), self.worker.db.timing());
        // Rows that an older epoch asked for are not wanted any more.
        if effect == Effect::Rows && claimed.epoch < claimed.life.epoch {
            return Err(StoreError::LeaseLost.into());
        }
        let mut tx = self.worker.db.begin().await?;
        let (kind, ended, heard) = self.rows(&mut tx, &job, claimed, done).await?;
        let input = Input { kind, epoch: Some(claimed.epoch), heard };
        let change = self.kind.advance(&claimed.life, input).map_err(StoreError::from)?;
        let of = Of {
            run: claimed.run,
            seq: claimed.seq,
            kind: self.kind.kind(),
            tenant: claimed.tenant,
            trace: claimed.trace.as_deref(),
        };
        let source = Source::Command { lease: claimed.lease, attempt: claimed.attempt, ended };
        let time_is_left = Instant::now() < self.until;
        let ahead = time_is_left.then(|| Ahead { performer: self.worker.name(), lease: self.worker.lease() });
        let mut committed = runs::advance(&mut tx, &of, &source, &change, ahead, timing).await?;
        tx.commit().await.map_err(StoreError::from)?;
        if let Done::Answer(seen) = done {
            committed.hints.extend(self.operation.hints(seen));
        }
        tracing::info!(to = change.state, outcome = ?change.entries.first().map(|entry| entry.outcome), "the life has heard the answer");
        Ok(committed)
    }

    /// Writes the operation's own rows, and says what the life is told.
    async fn rows(
        &self,
        tx: &mut Tx,
        job: &Job,
        claimed: &Claimed,
        done: &Done,
    ) -> Result<(EntryKind, &'static str, Heard<Value, Value, Value>), Unwritten> {
        match done {
            Done::Answer(seen) => {
                let event = self.operation.record(tx, job, &claimed.command, seen).await.map_err(Unwritten::Fault)?;
                Ok((EntryKind::Answer, "done", Heard::Event(event)))
            }
            Done::Fault(fault, verdict) => {
                let written = self.operation.record_fault(tx, job, &claimed.command, fault).await;
                // A fault about a fault: only the database can be at fault here.
                written.map_err(|_| StoreError::Changed)?;
                let (command, fault) = (claimed.command.clone(), fault.clone());
                Ok(match verdict {
                    Verdict::Unknown => (EntryKind::Unknown, "unknown", Heard::Unknown(command, fault)),
                    _ => (EntryKind::GaveUp, "gave_up", Heard::GaveUp(command, fault)),
                })
            }
        }
    }

    /// The command is not ours any more. What happened in the world is written all the same.
    async fn too_late(&self, claimed: &Claimed, effect: Effect, done: &Done) -> Result<Committed> {
        tracing::warn!("the answer comes too late; the run has moved on without it");
        // A try that will be repeated has come to nothing that is worth writing.
        let nothing = matches!(done, Done::Fault(_, Verdict::Again(_)));
        if effect != Effect::Rows && !nothing {
            let mut tx = self.worker.db.begin().await?;
            if self.rows(&mut tx, &self.job(claimed), claimed, done).await.is_ok() {
                tx.commit().await.map_err(StoreError::from)?;
            }
        }
        Ok(Committed::default())
    }
}
