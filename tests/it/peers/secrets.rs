//! Our reader of secrets, against a Secrets Manager that is not ours.
//!
//! The reader takes its account and endpoint from the process's environment, as it does in Lambda. That environment is
//! this whole test run's, so the reader runs in a process of its own: this very test binary, told to run one test.

use secrecy::ExposeSecret as _;
use tenantry_secrets::Secrets;

use super::ministack::MiniStack;

const READ: &str = "peers::secrets::reads_what_the_environment_names";

/// Not a test by itself: what the next one runs in another process.
#[tokio::test]
#[ignore = "run by the test below, with an environment of its own"]
async fn reads_what_the_environment_names() {
    let secrets = Secrets::new(|name| std::env::var(name).ok());
    assert_eq!(secrets.get("BY_NAME").await.unwrap().expose_secret(), "swordfish");
    assert_eq!(secrets.get("BY_ARN").await.unwrap().expose_secret(), "swordfish");
    let missing = secrets.get("ABSENT").await.unwrap_err().to_string();
    assert!(missing.contains("ResourceNotFoundException") && missing.contains("no-such-secret"), "{missing}");
    let binary = secrets.get("BINARY").await.unwrap_err().to_string();
    assert!(binary.contains("it is binary") && !binary.contains("shark"), "{binary}");
}

#[tokio::test]
async fn secrets_are_read_by_name_and_by_arn_and_refusals_are_clear() {
    let Some(ministack) = MiniStack::start(&[]).await else { return };
    let manager = aws_sdk_secretsmanager::Client::new(&ministack.sdk().await);
    let made = manager.create_secret().name("tenantry/text").secret_string("swordfish").send().await.unwrap();
    let shark = aws_sdk_secretsmanager::primitives::Blob::new("shark");
    manager.create_secret().name("tenantry/binary").secret_binary(shark).send().await.unwrap();
    let read = ministack
        .command(&std::env::current_exe().unwrap())
        .args(["--exact", READ, "--ignored", "--nocapture"])
        .env("BY_NAME_SECRET", "tenantry/text")
        .env("BY_ARN_SECRET", made.arn.unwrap())
        .env("ABSENT_SECRET", "no-such-secret")
        .env("BINARY_SECRET", "tenantry/binary")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&read.stdout);
    assert!(read.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&read.stderr));
}
