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
            // Only here: where nobody reads the numbers, nobody counts them.
            let mail = tenantry_store::mail::pulse(&db).await?;
            tracing::info!(
                unknown = mail.unknown,
                sent = mail.sent,
                bounced = mail.bounced,
                complained = mail.complained,
                bounce_percent = mail.bounce_percent(),
                complaint_percent = mail.complaint_percent(),
                silent = mail.silent_providers.len(),
                silent_providers = mail.silent_providers.join(","),
                open_breakers = mail.open_breakers.len(),
                broken_providers = mail.open_breakers.join(","),
                lane_wait_seconds = mail.lane_wait_seconds,
                "mail pulse"
            );
            let domains = tenantry_store::domains::pulse(&db).await?;
            tracing::info!(open_tasks = domains.tasks, task_wait_seconds = domains.wait_seconds, "domain pulse");
            let portals = tenantry_store::portal::pulse(&db).await?;
            tracing::info!(
                portal_tasks = portals.tasks,
                portal_wait_seconds = portals.wait_seconds,
                behind_seconds = portals.behind_seconds,
                "portal pulse"
            );
            Ok::<_, Error>(swept)
        }
    }))
    .await
}
