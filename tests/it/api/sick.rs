//! The API when the database is not well.

use local::Run;
use tenantry_standins::postgres::{Options, Postgres};
use tenantry_tests::{Database, Onboard, TestStack, wait::until};

use super::Caller;

const API_ALONE: Run = Run { api: true, workers: false, sweeper: false };

#[tokio::test]
async fn without_the_database_everything_is_503_and_health_says_why_until_it_is_back() {
    // A server of its own: the others' is not to be stopped.
    let postgres = Postgres::start(Options::temporary()).await.unwrap();
    postgres.create_database("sick", None).await.unwrap();
    let database = Database::at("sick", &postgres.url("sick"));
    let stack = TestStack::on(database, &[("DATABASE_PATIENCE_SECONDS", "1")], API_ALONE).await;
    let operator = Caller::operator(&stack);
    assert_eq!(Caller::stranger(&stack).get("/v1/health").await.body["status"], "ok");

    postgres.stop().await.unwrap();
    for path in ["/v1/health", "/v1/me", "/v1/tenants"] {
        let got = operator.get(path).await;
        assert_eq!(got.problem(), (503, "database_unavailable"), "{path}");
        assert_eq!(got.body["retryable"], true);
        assert!(!got.header("retry-after").is_empty());
        assert!(!got.body.to_string().contains("127.0.0.1"), "nothing of our inside is told");
    }
    let body = Onboard::another().json();
    assert_eq!(operator.post_once("/v1/tenants", "k", &body).await.status, 503);

    postgres.restart().await.unwrap();
    until("the API to be well again", || async {
        (Caller::stranger(&stack).get("/v1/health").await.status == 200).then_some(())
    })
    .await;
    let again = until("the same request to be done", || async {
        Some(operator.post_once("/v1/tenants", "k", &body).await).filter(|got| got.status != 503)
    })
    .await;
    assert_eq!(again.status, 202);
}

#[tokio::test]
async fn a_database_one_migration_behind_is_named_by_health() {
    let stack = TestStack::with(&[], API_ALONE).await;
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&stack.sql)
        .await
        .unwrap();
    let got = Caller::stranger(&stack).get("/v1/health").await;
    assert_eq!(got.problem(), (503, "database_behind"));
    let detail = got.body["detail"].as_str().unwrap();
    assert!(detail.contains("at migration") && detail.contains("needs"), "{detail}");
}

#[tokio::test]
async fn health_tells_by_how_much_work_is_overdue() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let stranger = Caller::stranger(&stack);
    assert_eq!(stranger.get("/v1/health").await.body["overdueSeconds"], 0);
    Caller::operator(&stack).post_once("/v1/tenants", "k", &Onboard::another().json()).await;
    stack.pass(std::time::Duration::from_secs(600));
    let overdue = stranger.get("/v1/health").await.body["overdueSeconds"].as_u64().unwrap();
    assert!((590..=600).contains(&overdue), "{overdue}");
}
