//! What every function answers to a drill.

use tenantry_model::Fault;
use tenantry_store::Tx;
use tenantry_workflows::drill::{Command, Event};

use crate::{Effect, Job, Operation};

/// Echoes.
pub struct Echo;

impl Operation for Echo {
    type Command = Command;
    type Event = Event;
    type Seen = ();

    fn effect(&self, _: &Command) -> Effect {
        Effect::Rows
    }

    async fn perform(&self, _: &Job, _: &Command) -> Result<(), Fault> {
        Ok(())
    }

    async fn record(&self, _: &mut Tx, _: &Job, _: &Command, (): &()) -> Result<Event, Fault> {
        Ok(Event::Echoed)
    }
}
