//! More than one batch takes of everything, and what the platform keeps about whoever has gone.

use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_store::{
    imports::settle,
    offboard::{Removed, remove_rows},
};
use tenantry_tests::{TestStack, domains::by_hand::How};
use uuid::Uuid;

use super::{begin, furnish, rows, stack, status};

/// A run that has ended, of this kind.
async fn ended(stack: &TestStack, tenant: Option<TenantId>, kind: &str) -> RunId {
    let id = RunId(Uuid::now_v7());
    sqlx::query(
        "insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, result, life, started_by,
                           started_at, updated_at, ended_at)
         values ($1, $3, $2, 1, 1, 1, 'over', 'completed', 'over', 100, '{}', '{}', 'test', now(), now(), now())",
    )
    .bind(id.0)
    .bind(tenant.map(|tenant| tenant.0))
    .bind(kind)
    .execute(&stack.sql)
    .await
    .unwrap();
    id
}

/// So many deliveries to the endpoint that [`furnish`] has made, each with a try; and one whose own row was forgotten.
async fn delivered(stack: &TestStack, tenant: TenantId, number: usize) {
    for _ in 0..number {
        let id = ended(stack, Some(tenant), "webhook_delivery").await;
        for row in [
            "insert into webhook_deliveries (id, tenant_id, endpoint_id, event_id, by_hand, created_at) values ($1, $2, $2, $2, true, now())",
            "insert into webhook_attempts (id, delivery_id, tenant_id, at, duration_ms, status_code) values ($1, $1, $2, now(), 7, 200)",
        ] {
            sqlx::query(row).bind(id.0).bind(tenant.0).execute(&stack.sql).await.unwrap();
        }
    }
    ended(stack, Some(tenant), "webhook_delivery").await;
}

#[tokio::test]
async fn a_tenant_with_more_deliveries_than_one_batch_takes_leaves() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    furnish(&stack, tenant, 30).await;
    delivered(&stack, tenant, 250).await;
    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "offboarded", How::Alone).await;
    let left = rows(&stack, tenant).await;
    assert!(!left.contains_key("webhook_deliveries") && !left.contains_key("webhook_attempts"), "{:?}", left.keys());
    assert_eq!(left["runs"].len(), 1, "its own");
    stack.nothing_unexpected().await;
}

#[tokio::test]
async fn the_smallest_batches_take_everything_too() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    furnish(&stack, tenant, 5).await;
    delivered(&stack, tenant, 5).await;
    for _ in 0..5 {
        ended(&stack, Some(tenant), "tenant_change").await;
    }
    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "removing", How::Alone).await;
    let mut batches = 0;
    loop {
        let mut tx = stack.db().begin().await.unwrap();
        let removed = remove_rows(&mut tx, tenant, run, 1, stack.db().timing()).await.unwrap();
        tx.commit().await.unwrap();
        batches += 1;
        match removed {
            Removed::Some(_) => {}
            Removed::All(_) => break,
            Removed::Open(name) => panic!("{name} is open"),
        }
    }
    assert!(batches > 120, "{batches}");
    assert_eq!(status(&stack, tenant).await, "offboarded");
    assert_eq!(rows(&stack, tenant).await["runs"].len(), 1, "its own");
}

/// What a provider has told of a message that we did not find.
async fn unmatched(stack: &TestStack, id: &str, days: i64, detail: serde_json::Value) {
    let at = stack.db().clock().now() - time::Duration::days(days);
    sqlx::query(
        "insert into provider_events (provider, id, kind, detail, occurred_at, received_at) values ('primary', $1, 'bounced', $2, $3, $3)",
    )
    .bind(id)
    .bind(detail)
    .bind(at)
    .execute(&stack.sql)
    .await
    .unwrap();
}

#[tokio::test]
async fn what_the_platform_keeps_says_nothing_of_whoever_has_gone() {
    let stack = stack().await;
    let tenant = stack.tenants(1).await[0];
    let mail = furnish(&stack, tenant, 2).await;
    sqlx::query(
        "update tenants set external_key = 'crm-7', status = 'suspended', suspended_at = now(), suspended_reason = 'Ada has not paid'
         where id = $1",
    )
    .bind(tenant.0)
    .execute(&stack.sql)
    .await
    .unwrap();
    let to = json!(["customer-0@customer.test"]);
    unmatched(&stack, "old", 2, json!({ "recipients": to })).await;
    unmatched(&stack, "its own", 0, json!({ "recipients": [], "message": tenantry_model::MessageId(mail[1].0) })).await;
    // It may still be found to be about a neighbour's mail to the same person.
    unmatched(&stack, "new", 0, json!({ "recipients": to })).await;
    unmatched(&stack, "of another", 2, json!({ "recipients": ["customer-9@customer.test"] })).await;

    let import = ended(&stack, None, "tenant_import").await;
    let onboarding = ended(&stack, Some(tenant), "tenant_onboarding").await;
    sqlx::query("insert into imports (run_id, format, created_by, created_at) values ($1, 'csv', 'test', now())")
        .bind(import.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    sqlx::query(
        "insert into import_rows (import_id, line, tenant_name, status, run_id, error, updated_at)
         values ($1, 1, 'Acme', 'running', $2, null, now()),
                ($1, 2, 'Acme', 'duplicate', $2, 'ada@acme.example is there', now()),
                ($1, 3, 'Other', 'invalid', null, 'no address', now())",
    )
    .bind(import.0)
    .bind(onboarding.0)
    .execute(&stack.sql)
    .await
    .unwrap();

    let run = begin(&stack, tenant, 0).await;
    stack.play(run, "offboarded", How::Alone).await;
    let tombstone: serde_json::Value = sqlx::query_scalar("select to_jsonb(t) from tenants t where id = $1")
        .bind(tenant.0)
        .fetch_one(&stack.sql)
        .await
        .unwrap();
    for column in ["external_key", "suspended_at", "suspended_reason", "email", "portal_host"] {
        assert!(tombstone[column].is_null(), "{column}: {tombstone}");
    }
    let events: Vec<String> =
        sqlx::query_scalar("select id from provider_events order by id").fetch_all(&stack.sql).await.unwrap();
    assert_eq!(events, ["new", "of another"]);

    // Its onboarding is over, whatever the import has seen of it.
    let mut tx = stack.db().begin().await.unwrap();
    settle(&mut tx, import, stack.db().clock().now()).await.unwrap();
    tx.commit().await.unwrap();
    let imported: Vec<(Option<String>, String, Option<String>)> =
        sqlx::query_as("select tenant_name, status, error from import_rows order by line")
            .fetch_all(&stack.sql)
            .await
            .unwrap();
    let gone = "the tenant has left, and its onboarding was removed with it";
    let row = |name: Option<&str>, status: &str, error: &str| {
        (name.map(str::to_owned), status.to_owned(), Some(error.to_owned()))
    };
    assert_eq!(
        imported,
        [
            row(None, "failed", gone),
            row(None, "duplicate", "the tenant has left"),
            row(Some("Other"), "invalid", "no address")
        ]
    );
}
