//! What a function does for a command.

use std::{fmt, future::Future, time::Duration};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use tenantry_model::{CommandId, Fault, RunId, TenantId};
use tenantry_store::{Tx, runs::Hint};
use time::OffsetDateTime;

use crate::Hints;

/// What happens to the world when an operation is performed, and so what may be done when nobody knows whether it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing but rows, and they are written in [`Operation::record`]: it happens exactly once, with its checkpoint.
    Rows,
    /// Something that can be run twice.
    Repeatable,
    /// Something that must not be run twice. When a try was begun and never answered, its outcome is unknown.
    Once,
}

/// What an operation knows about the command it performs.
#[derive(Debug, Clone)]
pub struct Job {
    /// The run.
    pub run: RunId,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// The command.
    pub command: CommandId,
    /// This try, counted from 1.
    pub attempt: u32,
    /// Now.
    pub now: OffsetDateTime,
}

/// One operation: everything a function does for one workflow.
///
/// `perform` works in the world and may take its time; `record` writes rows in the transaction in which the life hears
/// the answer. Both are given the same command again after a fault, so both must be right the second time.
pub trait Operation: Send + Sync + 'static {
    /// The workflow's commands.
    type Command: DeserializeOwned + fmt::Debug + Send + Sync;
    /// The workflow's events.
    type Event: Serialize + Send;
    /// What `perform` brings back for `record`.
    type Seen: Send + Sync;

    /// What performing this command does to the world.
    fn effect(&self, command: &Self::Command) -> Effect;

    /// How long `perform` may take.
    fn time_out(&self) -> Duration {
        Duration::from_secs(20)
    }

    /// Does what the command asks, outside of any transaction.
    fn perform(&self, job: &Job, command: &Self::Command) -> impl Future<Output = Result<Self::Seen, Fault>> + Send;

    /// Writes rows and answers. Called again, in a new transaction, when the life has changed in between.
    fn record(
        &self,
        tx: &mut Tx,
        job: &Job,
        command: &Self::Command,
        seen: &Self::Seen,
    ) -> impl Future<Output = Result<Self::Event, Fault>> + Send;

    /// Hints that the rows of the last `record` ask for, such as those of runs that it has begun; they are sent once those rows are
    /// committed. `seen` is where `record` may leave them.
    fn hints(&self, _seen: &Self::Seen) -> Vec<Hint> {
        Vec::new()
    }

    /// Writes rows about a command that has given up, or whose outcome is unknown.
    fn record_fault(
        &self,
        _tx: &mut Tx,
        _job: &Job,
        _command: &Self::Command,
        _fault: &Fault,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Ok(()) }
    }
}

/// Tells somebody something. Losing a notice moves nothing.
#[async_trait]
pub trait Tell: Send + Sync + 'static {
    /// Tells it. `notice` is the workflow's notice: `{"name": ..., "with": ...}`. What is stored to tell it by, such as a mail, is
    /// hinted at by `hints` once it is committed.
    async fn tell(&self, job: &Job, kind: &str, notice: &serde_json::Value, hints: &dyn Hints) -> Result<(), Fault>;
}
