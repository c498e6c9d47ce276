//! What providers said is written: for a batch by one transaction, and until it is written.

use std::time::{Duration, Instant};

use tenantry_kernel::{EntryKind, Input, Kind as _, Of as Face, workflow::Heard};
use tenantry_model::{ErrorClass, Fault, MessageId};
use tenantry_runtime::Drawing;
use tenantry_store::{
    Result, StoreError,
    mail::{self, NewSend},
    runs::{self, Hint, Of, Source, Told},
};
use tenantry_workflows::email_delivery::{EmailDelivery, Event};

use super::{Delivery, hand::Handed};

/// The first wait between two tries to write answers; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// What a life hears of an attempt.
pub(super) enum News {
    /// An answer.
    Event(Event),
    /// Nobody knows, and nobody may ask again.
    Unknown(Fault),
}

/// What a provider's words mean for the life.
pub(super) fn news(said: &Result<tenantry_provider::Accepted, Fault>, idempotent: bool, together: bool) -> News {
    match said {
        Ok(_) => News::Event(Event::Accepted),
        Err(fault) => match fault.class {
            ErrorClass::UnknownOutcome if !idempotent => News::Unknown(fault.clone()),
            // For the sake of one message: each goes alone.
            ErrorClass::EmailRefused | ErrorClass::SenderRefused | ErrorClass::ValidationError if together => {
                News::Event(Event::BatchNotAccepted(fault.clone()))
            }
            _ => News::Event(Event::NotAccepted(fault.clone())),
        },
    }
}

impl Delivery {
    /// Writes the answers. What was accepted must not be forgotten because the database is away for a moment; when it stays
    /// away, the leases run out, and whoever has the messages next knows that they were begun.
    pub(super) async fn answer(&self, with: &Drawing<'_>, handed: Vec<Handed>) -> Result<()> {
        if handed.is_empty() {
            return Ok(());
        }
        let (until, mut wait) = (Instant::now() + with.answer.mul_f32(0.8), FIRST_WAIT);
        loop {
            match self.write(with, &handed).await {
                Ok(hints) => {
                    with.hints.send(hints).await;
                    return Ok(());
                }
                Err(error) if error.is_transient() && Instant::now() < until => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "answers could not be written; again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn write(&self, with: &Drawing<'_>, handed: &[Handed]) -> Result<Vec<Hint>> {
        let timing = with.db.timing();
        let mut tx = with.db.begin().await?;
        let leases: Vec<_> = handed.iter().map(|one| (one.claimed.run, one.claimed.lease)).collect();
        let held = runs::hold(&mut tx, &leases).await?;
        let life = Face::<EmailDelivery>::new();
        let mut told = Vec::with_capacity(held.len());
        for held in &held {
            let Some(one) = handed.iter().find(|one| one.claimed.lease == held.lease) else { continue };
            let (kind, ended, heard) = match news(&one.said, one.plan.idempotent, one.together) {
                News::Event(event) => {
                    (EntryKind::Answer, "done", Heard::Event(serde_json::to_value(event).unwrap_or_default()))
                }
                News::Unknown(fault) => {
                    (EntryKind::Unknown, "unknown", Heard::Unknown(one.claimed.command.clone(), fault))
                }
            };
            let change = life.advance(&held.life, Input { kind, epoch: Some(held.epoch), heard })?;
            told.push(Told {
                of: Of {
                    run: held.run,
                    seq: held.seq,
                    kind: life.kind(),
                    tenant: held.tenant,
                    trace: held.trace.as_deref(),
                },
                source: Source::Command { lease: held.lease, attempt: held.attempt, ended },
                change,
                ahead: None,
            });
        }
        // The numbers before the lanes, as everybody who writes both does.
        let sends: Vec<NewSend> = handed.iter().filter_map(|one| self.sent(one)).collect();
        mail::record_sends(&mut tx, &sends, timing.now).await?;
        let committed = runs::advance_together(&mut tx, &told, timing).await?;
        let mut hints: Vec<Hint> = committed.into_iter().flat_map(|committed| committed.hints).collect();
        // Ours no more, and accepted all the same: that is news for whoever thinks otherwise.
        for one in
            handed.iter().filter(|one| one.said.is_ok() && !held.iter().any(|held| held.lease == one.claimed.lease))
        {
            let run = runs::run(&mut tx, one.claimed.run).await?;
            let event = serde_json::to_value(Event::Processed).unwrap_or_default();
            let key = format!("accepted:{}:{}", one.claimed.lease.command, one.claimed.attempt);
            match runs::signal(&mut tx, &run, event, key, timing).await {
                Ok(more) => hints.extend(more),
                // We have told it before, in a commit of which we did not hear.
                Err(error) if error.constraint() == Some("history_key") => return Err(StoreError::Changed),
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        Ok(hints)
    }

    fn sent(&self, one: &Handed) -> Option<NewSend> {
        let accepted = one.said.as_ref().ok()?;
        Some(self.send_of(MessageId(one.claimed.run.0), one.tenant, &one.plan, accepted, one.tries))
    }
}
