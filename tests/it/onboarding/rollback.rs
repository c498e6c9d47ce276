//! Failures before the tenant is active: everything this run made is removed, and nothing else.

use std::time::Duration;

use serde_json::json;
use tenantry_model::RunId;
use tenantry_store::StoreError;
use tenantry_tests::{Onboard, TestStack, wait::until};

/// Makes every insert into a table fail from now on, as a broken database would.
async fn breaks(stack: &TestStack, table: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "create or replace function broken() returns trigger language plpgsql as $$ begin raise exception 'broken' using errcode = 'XX001'; end $$;
         create trigger broken before insert on {table} for each row execute function broken();"
    )))
    .execute(&stack.sql)
    .await
    .unwrap();
}

async fn mends(stack: &TestStack, table: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop trigger broken on {table}"))).execute(&stack.sql).await.unwrap();
}

/// Lets the waits between tries pass until the run has this status.
async fn ends_in_time(stack: &TestStack, run: RunId, status: &str) -> tenantry_store::runs::RunRow {
    until("the run to end", || async {
        stack.pass(Duration::from_secs(40));
        tokio::time::sleep(Duration::from_millis(100)).await;
        let run = stack.run(run).await;
        (run.status == status).then_some(run)
    })
    .await
}

#[tokio::test]
async fn a_failure_at_any_step_leaves_no_row_behind() {
    let stack = TestStack::start().await;
    for (table, steps) in [
        ("tenants", 10),
        ("companies", 10),
        ("users", 40),
        ("credentials", 40),
        ("tenant_email_settings", 60),
        ("notification_defaults", 60),
    ] {
        breaks(&stack, table).await;
        let run = stack.onboard(&Onboard::another()).await;
        let run = ends_in_time(&stack, run, "rolled_back").await;
        assert_eq!(stack.rows_of_tenants().await, 0, "after a failure at {table}");
        assert_eq!((run.progress, run.step.as_str()), (steps, "rolled_back"), "progress stays as it was");
        assert_eq!(run.error.unwrap()["class"], "InternalError");
        mends(&stack, table).await;
    }
    assert_eq!(stack.mail().mailbox().total(), 0);
}

#[tokio::test]
async fn a_duplicate_address_is_named_and_the_other_tenant_is_not_touched() {
    let stack = TestStack::start().await;
    let first = Onboard::another();
    let run = stack.onboard(&first).await;
    stack.ends(run, "completed").await;
    let before = stack.rows_of_tenants().await;

    let second = Onboard { email: first.email.to_uppercase(), ..Onboard::another() };
    let run = stack.onboard(&second).await;
    let run = stack.ends(run, "rolled_back").await;
    let error = run.error.unwrap();
    assert_eq!(error["class"], "DuplicateError");
    assert!(error["message"].as_str().unwrap().contains("contact address exists already"), "{error}");
    assert_eq!(stack.rows_of_tenants().await, before);
    let tried = stack.history(run.id).await.iter().filter(|row| row.kind == "attempt").count();
    assert_eq!(tried, 0, "what can never succeed is not tried again");
}

#[tokio::test]
async fn a_cancel_before_the_tenant_is_active_removes_everything_and_later_it_is_refused() {
    let stack = TestStack::start().await;
    breaks(&stack, "users").await;
    let run = stack.onboard(&Onboard::another()).await;
    until("the tenant's row", || async { (stack.count("tenants").await == 1).then_some(()) }).await;
    stack.signal(run, "cancel", json!({ "reason": "typed by mistake", "cancelledBy": "ada" })).await.unwrap();
    // Cancelled again, also while it is being rolled back: safe.
    let _ = stack.signal(run, "cancel", json!({ "reason": "again" })).await;
    let ended = stack.ends(run, "cancelled").await;
    assert_eq!(stack.rows_of_tenants().await, 0);
    assert_eq!(ended.result["cancelled"]["reason"], "typed by mistake");
    let refused = stack.signal(run, "cancel", json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("has ended"), "{refused}");
    mends(&stack, "users").await;

    stack.mail().refuse_connections(true).await.unwrap();
    let run = stack.onboard(&Onboard::another()).await;
    until("the tenant to be active", || async {
        (stack.count("tenants where status = 'active'").await == 1).then_some(())
    })
    .await;
    let refused = stack.signal(run, "cancel", json!({})).await.unwrap_err();
    assert!(
        matches!(refused, StoreError::Deaf(_)) && refused.to_string().contains("never removed automatically"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_update_counts_until_its_step_has_run() {
    let stack = TestStack::start().await;
    breaks(&stack, "tenants").await;
    let run = stack.onboard(&Onboard::another()).await;
    until("a failed try", || async { stack.history(run).await.iter().any(|row| row.kind == "attempt").then_some(()) })
        .await;
    for (field, value) in [
        ("tenantName", "Renamed"),
        ("contractLine", "gold"),
        ("adminUser.firstName", "Grace"),
        ("adminUser.email", "grace@renamed.example"),
    ] {
        stack.signal(run, "update", json!({ "field": field, "value": value })).await.unwrap();
    }
    breaks(&stack, "users").await;
    mends(&stack, "tenants").await;
    until("the tenant's row", || async {
        stack.pass(Duration::from_secs(5));
        (stack.count("tenants").await == 1).then_some(())
    })
    .await;
    let refused = stack.signal(run, "update", json!({ "field": "tenantName", "value": "Too late" })).await.unwrap_err();
    assert!(refused.to_string().contains("tenantName has been used already"), "{refused}");
    stack.signal(run, "update", json!({ "field": "adminUser.lastName", "value": "Hopper" })).await.unwrap();
    mends(&stack, "users").await;
    ends_in_time(&stack, run, "completed").await;
    let row: (String, String, String, String, String) = sqlx::query_as(
        "select t.name, t.contract_line, t.email, u.first_name, u.last_name from tenants t join users u on u.tenant_id = t.id",
    )
    .fetch_one(&stack.sql)
    .await
    .unwrap();
    let expected = ("Renamed", "gold", "grace@renamed.example", "Grace", "Hopper");
    assert_eq!((row.0.as_str(), row.1.as_str(), row.2.as_str(), row.3.as_str(), row.4.as_str()), expected);
}

#[tokio::test]
async fn a_rollback_that_cannot_go_on_asks_a_person() {
    let stack = TestStack::start().await;
    sqlx::raw_sql(
        "create function stays() returns trigger language plpgsql as $$ begin raise exception 'stays' using errcode = 'XX001'; end $$;
         create trigger stays before delete on tenants for each row execute function stays();",
    )
    .execute(&stack.sql)
    .await
    .unwrap();
    breaks(&stack, "users").await;
    let run = stack.onboard(&Onboard::another()).await;
    until("a task", || async {
        stack.pass(Duration::from_secs(400));
        tokio::time::sleep(Duration::from_millis(50)).await;
        (stack.count("tasks where status = 'open'").await == 1).then_some(())
    })
    .await;
    assert_eq!(stack.run(run).await.status, "waiting");
    sqlx::raw_sql("drop trigger stays on tenants").execute(&stack.sql).await.unwrap();
    stack.answer(run, json!({ "action": "retry" })).await;
    stack.ends(run, "rolled_back").await;
    assert_eq!(stack.rows_of_tenants().await, 0);
}
