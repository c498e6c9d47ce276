//! A paused tenant's mail goes on, since an operator has said so.

use tenantry_model::Fault;
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{Tx, mail::open_lane};
use tenantry_workflows::sending_pause::{Command, Event};

/// The operation: the lane is opened in the transaction of the answer, so once.
pub struct Resume;

impl Operation for Resume {
    type Command = Command;
    type Event = Event;
    type Seen = ();

    fn effect(&self, _: &Command) -> Effect {
        Effect::Rows
    }

    async fn perform(&self, _: &Job, _: &Command) -> Result<(), Fault> {
        Ok(())
    }

    async fn record(&self, tx: &mut Tx, job: &Job, command: &Command, (): &()) -> Result<Event, Fault> {
        let Command::ResumeSending { tenant } = command;
        // Opened by hand in the meantime, it is open all the same.
        open_lane(tx, *tenant, job.now).await?;
        Ok(Event::Opened { by: None })
    }
}
