//! The function behind the schedule.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use tenantry_runtime::{
    Queues, config,
    config::Environment,
    lambda::{Start, until},
    telemetry,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let mut start = Start::new(Environment::process()).await;
    let prefix = config::queue_prefix(&mut start.read);
    let Start { read, db } = start;
    read.finish()?;
    let hints = Arc::new(Queues::from_env(prefix).await);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let (db, hints) = (db.clone(), Arc::clone(&hints));
        async move {
            db.check().await?;
            let swept = sweep::sweep(&db, hints.as_ref(), until(event.context.deadline)).await?;
            tracing::info!(
                hints = swept.hints,
                timers = swept.timers,
                overdue_seconds = swept.overdue_seconds,
                "swept"
            );
            Ok::<_, Error>(swept)
        }
    }))
    .await
}
