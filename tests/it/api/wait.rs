//! Long polls.

use std::time::{Duration, Instant};

use local::Run;
use serde_json::json;
use tenantry_tests::{Onboard, TestStack};

use super::Caller;

#[tokio::test]
async fn a_long_poll_ends_with_the_news() {
    let stack = TestStack::with(&[], Run { api: true, workers: false, sweeper: false }).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    let path = began.header("location").to_owned();
    let seq = began.body["seq"].as_i64().unwrap();

    let started = Instant::now();
    let older = operator.get(&format!("{path}?wait=20&since={}", seq - 1)).await;
    assert_eq!(older.body["seq"], seq, "what is news already is answered at once");

    let (poll, cancel) = (format!("{path}?wait=20&since={seq}"), format!("{path}/cancel"));
    let (news, _) = tokio::join!(operator.get(&poll), async { operator.post(&cancel, json!({})).await });
    assert!(news.body["seq"].as_i64().unwrap() > seq, "{news:?}");
    assert!(started.elapsed() < Duration::from_secs(15), "it did not wait for the time to be over");
}

#[tokio::test]
async fn a_long_poll_without_news_ends_with_the_time_and_holds_no_connection() {
    let stack =
        TestStack::with(&[("DATABASE_CONNECTIONS", "1")], Run { api: true, workers: false, sweeper: false }).await;
    let operator = Caller::operator(&stack);
    let began = operator.post_once("/v1/tenants", "a", &Onboard::another().json()).await;
    let path = format!("{}?wait=2", began.header("location"));
    let started = Instant::now();
    let polls = futures::future::join_all((0..5).map(|_| operator.get(&path)));
    let (polled, meanwhile) = tokio::join!(polls, operator.get("/v1/tenants"));
    assert_eq!(meanwhile.status, 200);
    assert!(polled.iter().all(|got| got.status == 200 && got.body["seq"] == began.body["seq"]));
    assert!(started.elapsed() >= Duration::from_secs(2));
}
