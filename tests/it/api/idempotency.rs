//! The same request, sent again.

use futures::future::join_all;
use local::Run;
use serde_json::json;
use tenantry_tests::{Onboard, TestStack};

use super::Caller;

const API_ALONE: Run = Run { api: true, workers: false, sweeper: false };

#[tokio::test]
async fn the_same_key_is_answered_as_before_and_marked() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let operator = Caller::operator(&stack);
    let body = Onboard::another().json();
    let first = operator.post_once("/v1/tenants", "order-1", &body).await;
    let again = operator.post_once("/v1/tenants", "order-1", &body).await;
    assert_eq!((first.status, again.status), (202, 202));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_eq!((&first.body, first.header("location")), (&again.body, again.header("location")));
    assert_eq!((stack.count("runs").await, stack.count("audit").await), (1, 1));
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused_and_on_another_route_is_another() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let operator = Caller::operator(&stack);
    operator.post_once("/v1/tenants", "order-1", &Onboard::another().json()).await;
    let other = operator.post_once("/v1/tenants", "order-1", &Onboard::another().json()).await;
    assert_eq!(other.problem(), (422, "idempotency_key_reused"));
    assert_eq!(operator.post_once("/v1/drills", "order-1", &json!({})).await.status, 202);
    assert_eq!(stack.count("runs").await, 2);
}

#[tokio::test]
async fn while_the_first_is_under_way_the_second_is_told_to_wait() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let operator = Caller::operator(&stack);
    let mut first = stack.sql.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('platform POST /v1/tenants order-1', 1))")
        .execute(&mut *first)
        .await
        .unwrap();
    let body = Onboard::another().json();
    let second = operator.post_once("/v1/tenants", "order-1", &body).await;
    assert_eq!(second.problem(), (409, "idempotency_in_flight"));
    assert_eq!((second.header("retry-after"), &second.body["retryable"]), ("1", &true.into()));
    first.rollback().await.unwrap();
    assert_eq!(operator.post_once("/v1/tenants", "order-1", &body).await.status, 202);
}

#[tokio::test]
async fn many_at_once_with_one_key_are_one_run() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let operator = Caller::operator(&stack);
    let body = Onboard::another().json();
    let all = join_all((0..10).map(|_| operator.post_once("/v1/tenants", "order-1", &body))).await;
    assert!(all.iter().all(|got| got.status == 202 || got.problem() == (409, "idempotency_in_flight")), "{all:?}");
    let fresh = all.iter().filter(|got| got.status == 202 && got.header("idempotent-replayed").is_empty()).count();
    assert_eq!((fresh, stack.count("runs").await), (1, 1));
}

#[tokio::test]
async fn a_refused_request_does_not_use_its_key_up() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let operator = Caller::operator(&stack);
    let refused = operator.post_once("/v1/tenants", "order-1", &json!({"tenantName": ""})).await;
    assert_eq!(refused.status, 422);
    assert_eq!(operator.post_once("/v1/tenants", "order-1", &Onboard::another().json()).await.status, 202);
}

#[tokio::test]
async fn a_key_that_is_no_key_is_refused() {
    let stack = TestStack::with(&[], API_ALONE).await;
    let got = Caller::operator(&stack).post_once("/v1/tenants", &"x".repeat(256), &Onboard::another().json()).await;
    assert_eq!(got.problem(), (400, "invalid_header"));
    assert_eq!(got.body["errors"][0]["parameter"], "Idempotency-Key");
}
