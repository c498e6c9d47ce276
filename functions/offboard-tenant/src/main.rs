//! The function behind the queue `offboard-tenant`.

use tenantry_runtime::{config::Environment, lambda::Start, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let mut start = Start::new(Environment::process()).await;
    let function = offboard_tenant::function(&mut start.read, &start.db).await;
    start.serve(function).await
}
