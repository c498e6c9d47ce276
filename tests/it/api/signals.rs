//! What people tell runs.

use std::time::{Duration, Instant};

use futures::future::join_all;
use local::Run;
use serde_json::json;
use tenantry_runtime::Message;
use tenantry_tests::{Onboard, TestStack};

use super::{Caller, active_tenant, tenant_with_task};

const NOBODY_WORKS: Run = Run { api: true, workers: false, sweeper: false };

#[tokio::test]
async fn a_cancel_before_the_tenant_is_active_removes_it_and_a_second_changes_nothing() {
    let stack = TestStack::with(&[], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    let path = began.header("location").to_owned();
    let cancelled = operator.post(&format!("{path}/cancel"), json!({"reason": "typo"})).await;
    assert_eq!((cancelled.status, cancelled.body["step"].as_str()), (200, Some("rolling_back")), "{cancelled:?}");
    assert_eq!(
        cancelled.body["result"]["cancelled"],
        json!({"reason": "typo", "cancelledBy": "operator@tenantry.test"})
    );

    let again = operator.post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!((again.status, again.body["state"].as_str()), (200, cancelled.body["state"].as_str()));
    let history = stack.history(began.run()).await;
    assert_eq!(history.last().unwrap().outcome, "ignored");

    let refused = operator.post(&format!("{path}/signals"), update("contractLine", "plus")).await;
    assert_eq!(refused.problem(), (409, "signal_refused"));
    assert!(refused.body["detail"].as_str().unwrap().contains("rolled back"), "{refused:?}");

    // The world goes on: everything is removed, and the run ends cancelled.
    let undo: uuid::Uuid = sqlx::query_scalar("select id from commands where status = 'open' and role = 'command'")
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    let message = Message::new(undo.into(), None).body();
    let soon = Instant::now() + Duration::from_secs(50);
    stack.stack.worker("onboard-tenant").unwrap().handle(&[&message], soon).await;
    assert_eq!(stack.run(began.run()).await.status, "cancelled");
    assert_eq!(stack.rows_of_tenants().await, 0);
}

#[tokio::test]
async fn an_update_before_its_step_counts_and_afterwards_is_refused() {
    let stack = TestStack::with(&[], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    let path = format!("{}/signals", began.header("location"));
    assert_eq!(operator.post(&path, update("contractLine", "plus")).await.status, 200);
    assert_eq!(operator.post(&path, update("adminUser.firstName", "Augusta")).await.status, 200);

    let create: uuid::Uuid =
        sqlx::query_scalar("select id from commands where status = 'open' and name = 'CreateTenant'")
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    let message = Message::new(create.into(), None).body();
    let soon = Instant::now() + Duration::from_secs(50);
    stack.stack.worker("onboard-tenant").unwrap().handle(&[&message], soon).await;
    let (line, name): (String, String) =
        sqlx::query_as("select (select contract_line from tenants), (select first_name from users)")
            .fetch_one(&stack.sql)
            .await
            .unwrap();
    assert_eq!((line.as_str(), name.as_str()), ("plus", "Augusta"));

    let late = operator.post(&path, update("contractLine", "gold")).await;
    assert_eq!(late.problem(), (409, "signal_refused"));
    assert!(late.body["detail"].as_str().unwrap().contains("used already"), "{late:?}");
}

#[tokio::test]
async fn an_active_tenant_is_never_cancelled_away() {
    let stack = TestStack::start().await;
    let (_, waiting) = tenant_with_task(&stack).await;
    let operator = Caller::operator(&stack);
    let got = operator.post(&format!("/v1/runs/{waiting}/cancel"), json!({})).await;
    assert_eq!(got.problem(), (409, "signal_refused"));
    assert!(got.body["detail"].as_str().unwrap().contains("suspend or offboard"), "{got:?}");
    assert_eq!(stack.count("tenants where status = 'active'").await, 1);
}

#[tokio::test]
async fn a_finished_run_hears_nothing_and_is_not_retried() {
    let stack = TestStack::start().await;
    let (_, run) = active_tenant(&stack).await;
    let operator = Caller::operator(&stack);
    let told = operator.post(&format!("/v1/runs/{run}/signals"), update("contractLine", "plus")).await;
    assert_eq!(told.problem(), (409, "signal_refused"));
    assert!(told.body["detail"].as_str().unwrap().contains("ended"), "{told:?}");
    assert_eq!(operator.post(&format!("/v1/runs/{run}/retry"), json!({})).await.problem(), (409, "run_ended"));
}

#[tokio::test]
async fn a_signal_that_does_not_exist_or_cannot_be_used_is_named() {
    let stack = TestStack::with(&[], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    let path = format!("{}/signals", began.header("location"));
    for (body, pointer) in [
        (json!({"name": "explode"}), "/name"),
        (update("shoeSize", "44"), "/body"),
        (update("adminUser.email", "nobody"), "/body"),
        (json!({"name": "cancel", "body": {"why": "x"}}), "/body"),
    ] {
        let got = operator.post(&path, body.clone()).await;
        assert_eq!((got.problem(), got.pointers()), ((422, "invalid_signal"), vec![pointer]), "{body}");
    }
    let got = operator.post(&path, json!({"body": {}})).await;
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/name"]));
    let got = operator.post("/v1/runs/run_00000000000000000000000000000000/signals", update("contractLine", "x")).await;
    assert_eq!(got.problem(), (404, "not_found"));
    let got = operator.post("/v1/runs/7/signals", update("contractLine", "x")).await;
    assert_eq!(got.problem(), (400, "invalid_parameter"));
}

#[tokio::test]
async fn wishes_at_the_same_moment_are_all_heard() {
    let stack = TestStack::with(&[("DATABASE_CONNECTIONS", "10")], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    let path = format!("{}/signals", began.header("location"));
    let all = join_all((0..4).map(|n| operator.post(&path, update("contractLine", &format!("line-{n}"))))).await;
    assert!(all.iter().all(|got| got.status == 200), "{all:?}");
    let history = stack.history(began.run()).await;
    assert_eq!(history.iter().filter(|row| row.kind == "signal").count(), 4);
    assert_eq!(stack.count("audit where action = 'run.signal'").await, 4);
}

#[tokio::test]
async fn retry_makes_waiting_commands_due() {
    let stack = TestStack::with(&[], NOBODY_WORKS).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    sqlx::query("update commands set due_at = due_at + interval '1 hour', wake_at = wake_at + interval '1 hour'")
        .execute(&stack.sql)
        .await
        .unwrap();
    let got = operator.post(&format!("{}/retry", began.header("location")), json!({})).await;
    assert_eq!((got.status, &got.body), (200, &json!({"hinted": 2})), "the command and the notice");
    let now = stack.db().clock().now();
    let waiting: i64 = sqlx::query_scalar("select count(*) from commands where due_at > $1")
        .bind(now)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    assert_eq!(waiting, 0);
}

#[tokio::test]
async fn a_drill_visits_everything() {
    let stack = TestStack::start().await;
    let got = Caller::operator(&stack).post("/v1/drills?wait=25", json!({})).await;
    assert_eq!((got.status, got.body["status"].as_str()), (202, Some("completed")), "{got:?}");
    assert_eq!(got.body["result"]["healthy"], true);
}

fn update(field: &str, value: &str) -> serde_json::Value {
    json!({"name": "update", "body": {"field": field, "value": value}})
}
