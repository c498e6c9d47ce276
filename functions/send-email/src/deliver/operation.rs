//! One message by itself: an attempt that somebody else has begun, and did not end.

use std::time::Duration;

use tenantry_model::{ErrorClass, Fault, MessageId};
use tenantry_provider::Accepted;
use tenantry_runtime::{Effect, Job, Operation};
use tenantry_store::{Tx, mail};
use tenantry_workflows::email_delivery::{Command, Event, Plan};

use super::{
    Delivery,
    answer::{News, news},
    hand::mine,
};

/// What a provider said of the message.
pub struct Said(Result<Accepted, Fault>);

impl Operation for Delivery {
    type Command = Command;
    type Event = Event;
    type Seen = Said;

    fn effect(&self, Command::Deliver(plan): &Command) -> Effect {
        if plan.idempotent { Effect::Repeatable } else { Effect::Once }
    }

    fn time_out(&self) -> Duration {
        Self::TIME_OUT
    }

    async fn perform(&self, job: &Job, Command::Deliver(plan): &Command) -> Result<Said, Fault> {
        let id = MessageId(job.run.0);
        // Taken up after a long outage: told again, it could be sent twice.
        if plan.until.is_some_and(|until| job.now.unix_timestamp() >= until) {
            let words = "the attempt was interrupted a day ago, and nobody knows whether it took effect";
            return Err(Fault::new(ErrorClass::UnknownOutcome, words));
        }
        let said = match plan.batch {
            Some(batch) => self.send_again(batch, plan, Self::TIME_OUT).await.and_then(|accepted| mine(accepted, id)),
            None => self.alone(id, plan).await,
        };
        let said = said.map_err(|fault| if job.attempt > 1 { not_certain(fault) } else { fault });
        match (&said, news(&said, plan.idempotent, plan.batch.is_some())) {
            (_, News::Unknown(fault)) => Err(fault),
            // Ours, and no answer of the provider: the same try once more.
            (Err(fault), _) if ours(fault) => Err(fault.clone()),
            _ => Ok(Said(said)),
        }
    }

    async fn record(
        &self,
        tx: &mut Tx,
        job: &Job,
        Command::Deliver(plan): &Command,
        said: &Said,
    ) -> Result<Event, Fault> {
        if let (Ok(accepted), Some(tenant)) = (&said.0, job.tenant) {
            let send = self.send_of(MessageId(job.run.0), tenant, plan, accepted, job.attempt - 1);
            mail::record_sends(tx, &[send], job.now).await?;
        }
        match news(&said.0, plan.idempotent, plan.batch.is_some()) {
            News::Event(event) => Ok(event),
            News::Unknown(fault) => Err(fault),
        }
    }
}

fn ours(fault: &Fault) -> bool {
    matches!(fault.class, ErrorClass::DatabaseError | ErrorClass::InternalError)
}

/// A refusal of a second try says nothing about the first, which nobody has heard of.
fn not_certain(fault: Fault) -> Fault {
    if ours(&fault) { fault } else { Fault { class: ErrorClass::UnknownOutcome, ..fault } }
}

impl Delivery {
    async fn alone(&self, id: MessageId, plan: &Plan) -> Result<Accepted, Fault> {
        let mut tx = self.db.begin().await?;
        let facts = mail::facts(&mut tx, &[id]).await?;
        tx.rollback().await.map_err(tenantry_store::StoreError::from)?;
        let gone = || Fault::new(ErrorClass::UnknownOutcome, "its words are not there any more");
        let sealed = facts.into_iter().next().and_then(|facts| facts.sealed).ok_or_else(gone)?;
        self.send(id, self.outbox.open(id, &sealed)?, plan, Self::TIME_OUT).await
    }
}
