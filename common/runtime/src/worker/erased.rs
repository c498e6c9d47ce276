//! Any operation behind one object-safe face, in JSON.

use std::{any::Any, panic::AssertUnwindSafe, time::Duration};

use async_trait::async_trait;
use futures::FutureExt as _;
use serde_json::Value;
use tenantry_model::{ErrorClass, Fault};
use tenantry_store::{Tx, runs::Hint};

use crate::{Effect, Job, Operation};

/// What `perform` brought back.
pub(super) type Seen = Box<dyn Any + Send + Sync>;

#[async_trait]
pub(super) trait Performer: Send + Sync {
    fn effect(&self, command: &Value) -> Result<Effect, Fault>;
    fn time_out(&self) -> Duration;
    async fn perform(&self, job: &Job, command: &Value, within: Duration) -> Result<Seen, Fault>;
    async fn record(&self, tx: &mut Tx, job: &Job, command: &Value, seen: &Seen) -> Result<Value, Fault>;
    fn hints(&self, seen: &Seen) -> Vec<Hint>;
    async fn record_fault(&self, tx: &mut Tx, job: &Job, command: &Value, fault: &Fault) -> Result<(), Fault>;
}

pub(super) struct Erased<O>(pub(super) O);

impl<O: Operation> Erased<O> {
    fn read(command: &Value) -> Result<O::Command, Fault> {
        serde_json::from_value(command.clone())
            .map_err(|_| Fault::new(ErrorClass::InternalError, "this version of the function cannot read the command"))
    }
}

#[async_trait]
impl<O: Operation> Performer for Erased<O> {
    fn effect(&self, command: &Value) -> Result<Effect, Fault> {
        Ok(self.0.effect(&Self::read(command)?))
    }

    fn time_out(&self) -> Duration {
        self.0.time_out()
    }

    async fn perform(&self, job: &Job, command: &Value, within: Duration) -> Result<Seen, Fault> {
        let command = Self::read(command)?;
        let once = self.0.effect(&command) == Effect::Once;
        let cut_off = |class, words: &str| {
            let class = if once { ErrorClass::UnknownOutcome } else { class };
            Err(Fault::new(class, words))
        };
        let performing = AssertUnwindSafe(self.0.perform(job, &command)).catch_unwind();
        match tokio::time::timeout(within, performing).await {
            Ok(Ok(seen)) => seen.map(|seen| Box::new(seen) as Seen),
            Ok(Err(_panic)) => cut_off(ErrorClass::InternalError, "the operation stopped by a mistake in our code"),
            Err(_elapsed) => cut_off(ErrorClass::TimeoutError, "the operation took longer than it may"),
        }
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Value, seen: &Seen) -> Result<Value, Fault> {
        let mistake = || Fault::new(ErrorClass::InternalError, "the operation answered something that is not its own");
        let seen = seen.downcast_ref::<O::Seen>().ok_or_else(mistake)?;
        let event = self.0.record(tx, job, &Self::read(command)?, seen).await?;
        serde_json::to_value(event).map_err(|_| mistake())
    }

    fn hints(&self, seen: &Seen) -> Vec<Hint> {
        seen.downcast_ref::<O::Seen>().map(|seen| self.0.hints(seen)).unwrap_or_default()
    }

    async fn record_fault(&self, tx: &mut Tx, job: &Job, command: &Value, fault: &Fault) -> Result<(), Fault> {
        self.0.record_fault(tx, job, &Self::read(command)?, fault).await
    }
}
