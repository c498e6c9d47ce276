//! A tenant is suspended, resumed, changed.

use serde_json::json;

use crate::{
    answers::{Reply, ok, problem},
    stage::Stage,
};

fn tenant(status: &str) -> serde_json::Value {
    let suspended = status == "suspended";
    json!({
        "id": "ten_1", "name": "Acme", "slug": "acme", "email": "ada@acme.example", "contractLine": "basic",
        "status": status, "createdAt": "2026-11-21T10:00:00Z", "activatedAt": "2026-11-21T10:00:02Z",
        "suspendedAt": suspended.then_some("2026-11-21T12:00:00Z"), "suspendedReason": suspended.then_some("unpaid"),
    })
}

#[tokio::test]
async fn a_tenant_is_suspended_with_a_reason_and_resumed() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tenants/ten_1/suspend", ok(&tenant("suspended")));
    let ran = stage.run(&["tenant", "suspend", "ten_1", "--reason", "unpaid", "--idempotency-key", "k"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for shown in ["suspended because  unpaid", "suspended (UTC)    2026-11-21 12:00:00"] {
        assert!(ran.out.contains(shown), "{}", ran.out);
    }
    assert_eq!(stage.seen()[0].json(), json!({ "reason": "unpaid" }));
    assert_eq!(stage.seen()[0].header("idempotency-key"), Some("k"));

    stage.on("POST /v1/tenants/ten_1/resume", ok(&tenant("active")));
    let ran = stage.run(&["tenant", "resume", "ten_1"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(!ran.out.contains("suspended"), "{}", ran.out);

    assert_eq!(stage.run(&["tenant", "suspend", "ten_1"]).await.code, Some(2), "a reason is needed");
}

#[tokio::test]
async fn just_the_version_that_was_read_is_changed_and_only_what_was_typed() {
    let stage = Stage::new().await;
    stage.on("GET /v1/tenants/ten_1", ok(&tenant("active")).header("etag", "\"7\""));
    stage.on("PATCH /v1/tenants/ten_1", ok(&tenant("active")));
    let ran = stage.run(&["tenant", "change", "ten_1", "--contract-line", "plus", "--name", "Acme 2"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let patch = &stage.seen()[1];
    assert_eq!(patch.json(), json!({ "contractLine": "plus", "name": "Acme 2" }));
    assert_eq!(patch.header("if-match"), Some("\"7\""));

    assert_eq!(stage.run(&["tenant", "change", "ten_1"]).await.code, Some(2), "something must be changed");
}

#[tokio::test]
async fn what_the_status_does_not_allow_is_1_and_nobody_of_a_suspended_tenant_is_let_in() {
    let stage = Stage::new().await;
    let words = "The tenant is leaving.";
    stage.on("POST /v1/tenants/ten_1/resume", refused(409, "tenant_status_unfit", words));
    let ran = stage.run(&["tenant", "resume", "ten_1"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains(words), "{}", ran.err);

    stage.on("GET /v1/tenants/ten_1", refused(403, "tenant_suspended", "Your tenant is suspended."));
    let ran = stage.run(&["tenant", "show", "ten_1"]).await;
    assert_eq!(ran.code, Some(4));
    assert!(ran.err.contains("Your tenant is suspended."), "{}", ran.err);
}

fn refused(status: u16, code: &str, words: &str) -> Reply {
    problem(status, code, json!({ "detail": words }))
}

#[tokio::test]
async fn a_tenant_is_not_removed_at_once_unless_somebody_says_that_it_is_meant() {
    let stage = Stage::new().await;
    let run = ["tenant", "remove-now", "ten_1"];
    let ran = stage.run(&run).await;
    assert!(ran.code == Some(2) && ran.err.contains("--yes") && ran.err.contains("for good"), "{}", ran.err);
    assert!(stage.seen().is_empty(), "nothing was asked for");
    stage.on("POST /v1/tenants/ten_1/offboarding/remove-now", refused(409, "run_ended", "It is over."));
    assert_eq!(stage.run(&[&run[..], &["--yes"]].concat()).await.code, Some(1));
    assert_eq!(stage.seen().len(), 1);
}
