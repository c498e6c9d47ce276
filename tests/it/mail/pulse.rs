//! The numbers that the alarms of mail are fed with.

use std::time::Duration;

use serde_json::json;
use tenantry_model::{ErrorClass, Fault as Seen, TenantId};
use tenantry_provider::{
    Health,
    breaker::{Breaker, FAULTS_TO_OPEN},
};
use tenantry_standins::smtp::{Fault, Rule, Stage};
use tenantry_store::mail::{EVENTS_TAKE, Pulse, SILENT_AFTER, lock_health, pulse, write_health};
use tenantry_tests::TestStack;
use time::OffsetDateTime;

/// The stack's clock and database, without anybody at work.
async fn idle() -> TestStack {
    TestStack::with(&[], local::Run { api: false, workers: false, sweeper: false }).await
}

async fn run(stack: &TestStack, statement: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&stack.sql).await.unwrap();
}

/// So many messages that `provider` has accepted at this moment.
async fn sent(stack: &TestStack, tenant: TenantId, provider: &str, count: i64, at: OffsetDateTime) -> Vec<uuid::Uuid> {
    let drafts = (0..count).map(|n| stack.draft(tenant, &format!("r{n}@a.example"))).collect();
    let ids: Vec<uuid::Uuid> = stack.post(drafts).await.into_iter().map(|id| id.0).collect();
    sqlx::query(
        "insert into sends (message_id, tenant_id, provider, message_id_header, sender, attempts, accepted_at)
         select id, tenant_id, $2, '<m@x.example>', 'a@x.example', 1, $3 from messages where id = any($1)",
    )
    .bind(&ids)
    .bind(provider)
    .bind(at)
    .execute(&stack.sql)
    .await
    .unwrap();
    ids
}

/// Something a provider has told of a message.
async fn told(stack: &TestStack, id: &str, message: uuid::Uuid, what: serde_json::Value, at: OffsetDateTime) {
    sqlx::query(
        "insert into provider_events (provider, id, kind, message_id, tenant_id, detail, occurred_at, received_at)
         select 'resend', $1, $3 ->> 'kind', id, tenant_id, jsonb_build_object('what', $3), $4, $4 from messages where id = $2",
    )
    .bind(id)
    .bind(message)
    .bind(what)
    .bind(at)
    .execute(&stack.sql)
    .await
    .unwrap();
}

#[tokio::test]
async fn where_nothing_was_ever_sent_there_is_nothing_to_say() {
    assert_eq!(pulse(idle().await.db()).await.unwrap(), Pulse::default());
}

#[tokio::test]
async fn a_message_of_which_nobody_knows_counts_until_a_person_has_said_what_became_of_it() {
    let stack = TestStack::start().await;
    let tenant = stack.tenants(1).await[0];
    stack.mail().misbehave(1, [Rule::at(Stage::BeforeAccept, Fault::Reset).times(1)]);
    let id = stack.post(vec![stack.draft(tenant, "ada@a.example")]).await[0];
    stack.settles(id, "unknown").await;
    assert_eq!(pulse(stack.db()).await.unwrap().unknown, 1);
    stack.answer(id, json!({ "action": "give_up" })).await;
    stack.settles(id, "failed").await;
    assert_eq!(pulse(stack.db()).await.unwrap().unknown, 0);
}

#[tokio::test]
async fn the_last_hour_is_counted_over_all_providers_and_each_message_once() {
    let stack = idle().await;
    let (tenant, now) = (stack.tenants(1).await[0], stack.db().clock().now());
    let recent = now - Duration::from_secs(60);
    let ids = sent(&stack, tenant, "resend", 4, recent).await;
    sent(&stack, tenant, "smtp", 3, recent).await;
    sent(&stack, tenant, "smtp", 5, now - Duration::from_secs(3700)).await;
    let hard = json!({ "kind": "bounced", "bounce": "hard", "reason": "no such user" });
    let soft = json!({ "kind": "bounced", "bounce": "soft", "reason": "full" });
    let complained = json!({ "kind": "complained" });
    told(&stack, "e1", ids[0], hard.clone(), recent).await;
    told(&stack, "e2", ids[0], hard.clone(), recent).await;
    told(&stack, "e3", ids[1], soft, recent).await;
    told(&stack, "e4", ids[2], complained.clone(), recent).await;
    told(&stack, "e5", ids[3], json!({ "kind": "delivered" }), recent).await;
    told(&stack, "e6", ids[3], hard, now - Duration::from_secs(3700)).await;
    told(&stack, "e7", ids[3], complained, now - Duration::from_secs(3700)).await;
    let pulse = pulse(stack.db()).await.unwrap();
    assert_eq!((pulse.sent, pulse.bounced, pulse.complained), (7, 1, 1));
}

#[tokio::test]
async fn a_provider_that_told_events_and_tells_none_of_many_messages_is_silent() {
    let stack = idle().await;
    let tenant = stack.tenants(1).await[0];
    let (now, most) = (stack.db().clock().now(), SILENT_AFTER);
    let long_ago = now - 2 * EVENTS_TAKE;
    sent(&stack, tenant, "resend", most - 1, long_ago).await;
    sent(&stack, tenant, "smtp", most, long_ago).await;
    let told = format!(
        "insert into mail_providers (name, last_event_at, updated_at) values ('resend', '{}', now()), ('smtp', null, now())",
        long_ago - Duration::from_secs(60)
    );
    run(&stack, told).await;
    sent(&stack, tenant, "resend", 1, now - Duration::from_secs(60)).await;
    let silent = || async { pulse(stack.db()).await.unwrap().silent_providers };
    assert_eq!(silent().await, [""; 0], "the last one is too young to be told of, and smtp has never told of anything");
    sent(&stack, tenant, "resend", 1, long_ago).await;
    assert_eq!(silent().await, ["resend"]);
    run(&stack, "update mail_providers set last_event_at = now() where name = 'resend'".to_owned()).await;
    assert_eq!(silent().await, [""; 0]);
}

#[tokio::test]
async fn a_provider_that_is_not_used_is_named_as_its_breaker_is_really_written() {
    let stack = idle().await;
    let now = stack.db().clock().now();
    let fault = Seen::new(ErrorClass::EmailError, "503");
    let mut ill = Health::default();
    for _ in 0..FAULTS_TO_OPEN {
        ill.heard(now, Err(&fault));
    }
    assert!(matches!(ill.breaker, Breaker::Open { .. }));
    let trial = Health { breaker: Breaker::HalfOpen { until: now }, ..Health::default() };
    for (name, health) in [("resend", &ill), ("ses", &trial), ("smtp", &Health::default())] {
        let mut tx = stack.db().begin().await.unwrap();
        lock_health(&mut tx, name, now).await.unwrap();
        write_health(&mut tx, name, &json!(health), now).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(pulse(stack.db()).await.unwrap().open_breakers, ["resend", "ses"]);
}

#[tokio::test]
async fn a_lane_that_is_ready_and_gets_no_turn_is_seen_and_a_paused_one_is_not() {
    let stack = idle().await;
    let tenant = stack.tenants(1).await[0];
    stack.post(vec![stack.draft(tenant, "ada@a.example")]).await;
    stack.pass(Duration::from_secs(600));
    let waits = || async { pulse(stack.db()).await.unwrap().lane_wait_seconds };
    assert!((600.0..700.0).contains(&waits().await), "{}", waits().await);
    run(&stack, "update lanes set paused = 'a person looks'".to_owned()).await;
    assert!(waits().await.abs() < f64::EPSILON);
}
