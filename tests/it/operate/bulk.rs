//! What a cancel would do, and the same for many runs.

use serde_json::json;
use tenantry_model::RunId;
use tenantry_tests::{Onboard, TestStack};

use super::{STILL, drill};
use crate::api::{Caller, active_tenant, tenant_with_task};

#[tokio::test]
async fn a_cancel_is_previewed_and_nothing_has_happened() {
    let stack = TestStack::with(&[], STILL).await;
    let (run, _) = Onboard::another().write(stack.db()).await;
    let operator = Caller::operator(&stack);
    let path = format!("/v1/runs/{run}/cancel-preview");
    let preview = operator.get(&path).await;
    assert_eq!(preview.body["accepted"], true, "{preview:?}");
    assert_eq!(preview.body["becomes"]["step"], "rolling_back");
    assert_eq!(preview.body["undoes"], json!(["the tenant and its company"]));
    assert_eq!(stack.run(run).await.seq, 1, "nobody has told it anything");

    let cancelled = operator.post(&format!("/v1/runs/{run}/cancel"), json!({})).await;
    assert_eq!(cancelled.body["state"], preview.body["becomes"]["state"], "and what was said is what happens");
}

#[tokio::test]
async fn a_cancel_that_comes_too_late_says_what_to_do_instead() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let (_, asks) = tenant_with_task(&stack).await;
    let (_, ended) = active_tenant(&stack).await;
    for (run, words) in [(asks, "suspend or offboard"), (ended, "has ended")] {
        let preview = operator.get(&format!("/v1/runs/{run}/cancel-preview")).await;
        assert_eq!((preview.status, &preview.body["accepted"]), (200, &json!(false)), "{preview:?}");
        assert!(preview.body["refusal"].as_str().unwrap().contains(words), "{preview:?}");
        assert_eq!((&preview.body["becomes"], &preview.body["undoes"]), (&json!(null), &json!([])));
    }
}

async fn paused(stack: &TestStack) -> i64 {
    stack.count("runs where paused_at is not null").await
}

#[tokio::test]
async fn many_runs_are_shown_first_then_turned_up_to_the_cap_and_audited_one_by_one() {
    let stack = TestStack::with(&[], STILL).await;
    let operator = Caller::operator(&stack);
    let mut drills: Vec<RunId> = Vec::new();
    for _ in 0..5 {
        drills.push(drill(&stack).await.0);
    }
    let ask = |action: &str, dry: bool, cap: u32| json!({"action": action, "filter": {"kind": "drill"}, "dryRun": dry, "cap": cap, "reason": "to look at them"});
    let shown = operator.post("/v1/runs/bulk", json!({"action": "pause", "filter": {"kind": "drill"}})).await;
    assert_eq!(
        (&shown.body["dryRun"], &shown.body["matched"], &shown.body["done"]),
        (&json!(true), &json!(5), &json!(0))
    );
    assert_eq!(shown.body["sample"].as_array().unwrap().len(), 5);
    assert_eq!(paused(&stack).await, 0);

    let done = operator.post_once("/v1/runs/bulk", "key-1", &ask("pause", false, 2)).await;
    assert_eq!((&done.body["matched"], &done.body["done"]), (&json!(5), &json!(2)), "{done:?}");
    let again = operator.post_once("/v1/runs/bulk", "key-1", &ask("pause", false, 2)).await;
    assert_eq!((again.body, paused(&stack).await), (done.body, 2), "sent again it is the same request");
    let rest = operator.post("/v1/runs/bulk", ask("pause", false, 100)).await;
    assert_eq!(
        (&rest.body["matched"], &rest.body["done"]),
        (&json!(3), &json!(3)),
        "those that are paused are not meant"
    );
    assert_eq!(operator.post("/v1/runs/bulk", ask("retry", false, 100)).await.body["done"], 5);
    assert_eq!(operator.post("/v1/runs/bulk", ask("resume", false, 100)).await.body["done"], 5);
    assert_eq!(paused(&stack).await, 0);
    assert_eq!(operator.post("/v1/runs/bulk", ask("cancel", false, 100)).await.body["done"], 5);
    assert_eq!(stack.count("runs where status = 'cancelled'").await, 5);
    assert_eq!(operator.post("/v1/runs/bulk", ask("cancel", true, 100)).await.body["matched"], 0, "they have ended");

    for (action, lines) in [("run.pause", 5), ("run.resume", 5), ("run.retry", 5), ("run.cancel", 5), ("runs.bulk", 5)]
    {
        assert_eq!(stack.count(&format!("audit where action = '{action}'")).await, lines, "{action}");
    }
}

#[tokio::test]
async fn those_that_do_not_accept_it_are_named_with_why() {
    let stack = TestStack::start().await;
    let operator = Caller::operator(&stack);
    let (tenant, run) = tenant_with_task(&stack).await;
    let ask = |dry: bool| {
        let filter = json!({"tenant": tenant.to_string(), "status": "waiting"});
        json!({"action": "cancel", "filter": filter, "dryRun": dry})
    };
    for dry in [true, false] {
        let told = operator.post("/v1/runs/bulk", ask(dry)).await;
        assert_eq!((&told.body["matched"], &told.body["done"]), (&json!(1), &json!(0)), "{told:?}");
        assert_eq!(told.body["refused"][0]["id"], run.to_string());
        assert!(told.body["refused"][0]["why"].as_str().unwrap().contains("suspend or offboard"), "{told:?}");
    }
    for (wrong, pointer) in [
        (json!({"action": "cancel", "filter": {}}), "/filter"),
        (json!({"action": "cancel", "filter": {"kind": " "}}), "/filter"),
        (json!({"action": "explode", "filter": {"kind": "drill"}}), "/action"),
        (json!({"action": "cancel", "filter": {"kind": "drill"}, "cap": 1001}), "/cap"),
    ] {
        let got = operator.post("/v1/runs/bulk", wrong).await;
        assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec![pointer]));
    }
}
