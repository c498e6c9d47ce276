//! The console behind API Gateway.

use std::sync::Arc;

use anyhow::Context as _;
use tenantry_runtime::{
    Queues,
    config::{self, Environment, Reader},
    telemetry,
};
use tenantry_store::DbRole;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::init();
    let mut read = Reader::new(Environment::process());
    let db = config::database(&mut read, DbRole::Api).await;
    let queues = Queues::from_env(config::queue_prefix(&mut read)).await;
    let api = api::configured(&mut read, db, Arc::new(queues)).await;
    let console = tenantry_console::configured(&mut read, api).await;
    read.finish()?;
    lambda_http::run(tenantry_console::router(console.context("the configuration cannot be used")?)).await
}
