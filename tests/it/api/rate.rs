//! So many requests, by caller.

use std::time::Duration;

use local::Run;
use tenantry_model::TenantId;
use tenantry_tests::TestStack;

use super::Caller;

const API_ALONE: Run = Run { api: true, workers: false, sweeper: false };

#[tokio::test]
async fn every_answer_says_how_many_are_left_and_the_last_is_429() {
    let stack = TestStack::with(&[("RATE_LIMIT_PER_MINUTE", "3")], API_ALONE).await;
    let operator = Caller::operator(&stack);
    for left in ["2", "1", "0"] {
        let got = operator.get("/v1/me").await;
        assert_eq!((got.status, got.header("ratelimit-policy")), (200, r#""caller";q=3;w=60"#));
        assert!(got.header("ratelimit").starts_with(&format!(r#""caller";r={left};t="#)), "{got:?}");
    }
    let refused = operator.get("/v1/tenants").await;
    assert_eq!(refused.problem(), (429, "rate_limited"));
    assert!(refused.header("ratelimit").starts_with(r#""caller";r=0;t="#));
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&seconds), "{seconds}");
    assert_eq!(refused.body["retryable"], true);

    let other = Caller::of(&stack, TenantId::new(), "tenant_member");
    assert_eq!(other.get("/v1/me").await.status, 200, "another caller has a rate of their own");
    stack.pass(Duration::from_secs(seconds));
    assert_eq!(operator.get("/v1/me").await.status, 200);
}
