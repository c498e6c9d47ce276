//! What a worker process does: the functions (or the sweeper) of the local stack, with every part outside of it.

use std::{io::Read as _, time::Duration};

use local::{Parts, PartsOptions, Run, Stack, StackOptions};
use tenantry_runtime::{config::Environment, telemetry};

/// The functions behind queues.
pub const WORKER: Run = Run { api: false, workers: true, sweeper: false };
/// The sweeper.
pub const SWEEPER: Run = Run { api: false, workers: false, sweeper: true };

/// Works until it is killed, or until the process that started it is gone.
///
/// # Errors
/// The database or the queue is away right now; whoever started it starts it again.
pub async fn work(run: Run) -> anyhow::Result<()> {
    telemetry::init();
    let environment = Environment::process();
    let parts = PartsOptions { environment: Some(environment.clone()), ..PartsOptions::default() };
    let parts = Parts::start(&parts).await?;
    let options = StackOptions { sweep_every: Duration::from_millis(250), run, ..StackOptions::new(environment) };
    let _stack = Stack::start(&parts, options).await?;
    // The harness holds the other end and never writes: this returns when the harness has died.
    tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await??;
    std::process::exit(0)
}
