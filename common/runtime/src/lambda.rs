//! The same loop behind Lambda's SQS event.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aws_lambda_events::{
    event::sqs::SqsEvent,
    sqs::{BatchItemFailure, SqsBatchResponse},
};
use lambda_runtime::{Error, LambdaEvent, service_fn};

use tenantry_store::{Db, DbRole};

use crate::{
    Function, Queues, Worker,
    config::{self, Environment, Reader},
};

/// No command is begun when less than this is left of an invocation.
const TO_FINISH: Duration = Duration::from_secs(10);
/// What an invocation may take when nobody says (a local emulator gives no deadline).
const USUAL: Duration = Duration::from_secs(50);

/// A function about to start: its settings and its database.
pub struct Start {
    /// Where further settings are read from.
    pub read: Reader,
    /// The database.
    pub db: Db,
}

impl Start {
    /// Reads what every function needs, as the environment says.
    pub async fn new(environment: Environment) -> Self {
        let mut read = Reader::new(environment);
        let db = config::database(&mut read, DbRole::Worker).await;
        Self { read, db }
    }

    /// Puts the function to work, and serves its queue.
    ///
    /// # Errors
    /// The configuration is not usable (everything that is wrong with it), or Lambda's runtime API is out of reach.
    pub async fn serve(mut self, function: Function) -> Result<(), Error> {
        let (prefix, limits) = (config::queue_prefix(&mut self.read), config::limits(&mut self.read));
        self.read.finish()?;
        let queues = Arc::new(Queues::from_env(prefix).await);
        serve(Worker::new(function, self.db, queues).with_limits(limits)).await
    }
}

/// Serves a function's queue until Lambda stops the process. Messages that are not done with are reported one by one.
async fn serve(worker: Worker) -> Result<(), Error> {
    let worker = Arc::new(worker);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| {
        let worker = Arc::clone(&worker);
        async move { Ok::<_, Error>(batch(&worker, event).await) }
    }))
    .await
}

/// When an invocation must have finished.
#[must_use]
pub fn until(deadline_ms: u64) -> Instant {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = Duration::from_millis(deadline_ms).checked_sub(now).unwrap_or(USUAL);
    Instant::now() + left.saturating_sub(TO_FINISH)
}

async fn batch(worker: &Worker, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
    let records = event.payload.records;
    let bodies: Vec<&str> = records.iter().map(|record| record.body.as_deref().unwrap_or_default()).collect();
    let done = worker.handle(&bodies, until(event.context.deadline)).await;
    let mut response = SqsBatchResponse::default();
    let failed = records.iter().zip(done).filter(|(_, done)| !done).map(|(record, _)| record);
    for record in failed {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = record.message_id.clone().unwrap_or_default();
        response.batch_item_failures.push(failure);
    }
    response
}
