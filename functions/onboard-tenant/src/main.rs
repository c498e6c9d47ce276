//! The function behind the queue `onboard-tenant`.

use tenantry_runtime::{
    config::{Environment, Reader},
    lambda, telemetry,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::init();
    let mut read = Reader::new(Environment::process());
    let function = onboard_tenant::function(&mut read).await;
    lambda::run(function, read).await
}
