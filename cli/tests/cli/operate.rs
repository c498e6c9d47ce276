//! Holding runs, turning many at once, taking tasks, keeping the audit log.

use serde_json::json;

use crate::{
    answers::{Reply, list, ok, problem, run, task},
    stage::Stage,
};

#[tokio::test]
async fn one_run_is_paused_and_says_so() {
    let stage = Stage::new().await;
    let mut paused = run("running", "creating_tenant", 10, 2);
    paused["pausedAt"] = "2026-11-21T04:00:00Z".into();
    paused["pausedBy"] = "ada".into();
    paused["pausedReason"] = "the provider is down".into();
    paused["entity"] = "Acme".into();
    stage.on("POST /v1/runs/run_1/pause", ok(&paused));
    let ran = stage.run(&["run", "pause", "run_1", "--reason", "the provider is down"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("by ada: the provider is down") && ran.out.contains("Acme"), "{}", ran.out);
    assert_eq!(stage.seen()[0].json(), json!({ "reason": "the provider is down" }));

    stage.on("GET /v1/runs?entity=acm&paused=true", list(&[paused], None));
    let ran = stage.run(&["run", "list", "--entity", "acm", "--paused"]).await;
    assert!(ran.out.contains("paused") && ran.out.contains("Acme"), "{}", ran.out);

    stage.on("POST /v1/runs/run_1/resume", ok(&run("running", "creating_tenant", 10, 3)));
    let ran = stage.run(&["run", "resume", "run_1"]).await;
    assert!(ran.code == Some(0) && ran.err.contains("tenantry run watch run_1"), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn many_runs_are_shown_first_and_turned_when_it_is_said() {
    let stage = Stage::new().await;
    let sample = [run("running", "creating_tenant", 10, 2)];
    let done = |dry: bool, done: u64, refused: serde_json::Value| {
        ok(&json!({ "dryRun": dry, "matched": 3, "done": done, "refused": refused, "sample": sample }))
    };
    stage.on("POST /v1/runs/bulk", done(true, 0, json!([])));
    let ran = stage.run(&["run", "retry", "--kind", "tenant_onboarding", "--error-class", "EmailError"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.out.starts_with("retry: 3 runs would be meant.") && ran.err.contains("--yes"),
        "{}{}",
        ran.out,
        ran.err
    );
    let wanted = json!({ "action": "retry", "filter": { "kind": "tenant_onboarding", "errorClass": "EmailError" }, "dryRun": true, "cap": 100 });
    assert_eq!(stage.seen()[0].json(), wanted);

    stage.on("POST /v1/runs/bulk", done(false, 1, json!([{ "id": "run_9", "why": "The tenant is active." }])));
    let ran = stage.run(&["run", "cancel", "--tenant", "ten_1", "--cap", "2", "--reason", "a mistake", "--yes"]).await;
    assert_eq!(ran.code, Some(1), "one did not accept it");
    assert!(ran.out.contains("run_9") && ran.out.contains("The tenant is active."), "{}", ran.out);
    assert!(ran.err.contains("1 are left") && ran.err.contains("1 of 2"), "{}", ran.err);
    let wanted = json!({ "action": "cancel", "filter": { "tenant": "ten_1" }, "dryRun": false, "cap": 2, "reason": "a mistake" });
    assert_eq!(stage.seen()[1].json(), wanted);
}

#[tokio::test]
async fn nobody_in_particular_is_nobody() {
    let stage = Stage::new().await;
    for wrong in [
        &["run", "cancel"][..],
        &["run", "cancel", "--yes"],
        &["run", "pause", "run_1", "--kind", "drill"],
        &["run", "retry", "--kind", "drill", "--yes", "--dry-run"],
        &["run", "cancel", "--kind", "drill", "--preview"],
        &["run", "retry", "--kind", "drill", "--cap", "1001"],
    ] {
        let ran = stage.run(wrong).await;
        assert_eq!(ran.code, Some(2), "{wrong:?}: {}{}", ran.out, ran.err);
    }
    assert!(stage.seen().is_empty());
}

#[tokio::test]
async fn a_cancel_is_previewed() {
    let stage = Stage::new().await;
    let preview = json!({ "accepted": true, "refusal": null, "undoes": ["its administrator", "the tenant and its company"],
                          "becomes": { "state": "undoing", "status": "running", "step": "rolling_back" } });
    stage.on("GET /v1/runs/run_1/cancel-preview", ok(&preview));
    let ran = stage.run(&["run", "cancel", "run_1", "--preview"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.ends_with("- its administrator\n- the tenant and its company\n"), "{}", ran.out);

    let refused = json!({ "accepted": false, "refusal": "The tenant is active.", "becomes": null, "undoes": [] });
    stage.on("GET /v1/runs/run_1/cancel-preview", ok(&refused));
    let ran = stage.run(&["run", "cancel", "run_1", "--preview", "--json"]).await;
    assert_eq!((ran.code, ran.out), (Some(1), format!("{refused}\n")));
    assert!(ran.err.contains("The tenant is active."), "{}", ran.err);
}

#[tokio::test]
async fn a_task_is_claimed_taken_over_and_released() {
    let stage = Stage::new().await;
    let mut mine = task("open");
    mine["claimedBy"] = "ada".into();
    mine["claimedAt"] = "2026-11-21T04:00:00Z".into();
    stage.on("POST /v1/tasks/tsk_1/claim", problem(409, "task_claimed", json!({ "detail": "bob is at this task." })));
    let ran = stage.run(&["task", "claim", "tsk_1"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("bob is at this task."), "{}", ran.err);

    stage.on("POST /v1/tasks/tsk_1/claim", ok(&mine));
    let ran = stage.run(&["task", "claim", "tsk_1", "--force"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("ada"), "{}{}", ran.out, ran.err);
    assert_eq!(stage.seen()[1].json(), json!({ "force": true }));

    stage.on("GET /v1/tasks?claimedBy=me&overdue=true", list(&[mine], None));
    let ran = stage.run(&["task", "list", "--claimed-by", "me", "--overdue"]).await;
    assert!(ran.out.contains("CLAIMED BY") && ran.out.contains("ada"), "{}", ran.out);

    stage.on("POST /v1/tasks/tsk_1/release", ok(&task("open")));
    assert_eq!(stage.run(&["task", "release", "tsk_1"]).await.code, Some(0));
}

#[tokio::test]
async fn every_log_is_verified_and_one_that_is_broken_fails_it() {
    let stage = Stage::new().await;
    let chains = [
        json!({ "tenantId": null, "lines": 9, "lastAt": "2026-11-21T03:25:36Z" }),
        json!({ "tenantId": "ten_1", "lines": 4 }),
    ];
    stage
        .on("GET /v1/audit/chains?limit=100", list(&chains, None))
        .on("GET /v1/audit/verification", ok(&json!({ "intact": true })))
        .on("GET /v1/audit/verification?tenant=ten_1", ok(&json!({ "intact": false, "firstBroken": 3 })));
    let ran = stage.run(&["audit", "verify", "--all"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("the platform") && ran.out.contains("broken at line 3"), "{}", ran.out);
    assert!(ran.err.contains("1 of 2 audit logs"), "{}", ran.err);
}

#[tokio::test]
async fn a_log_is_written_page_by_page_into_a_new_file() {
    let stage = Stage::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.csv");
    let name = file.to_str().unwrap();
    stage
        .on(
            "GET /v1/audit/export?tenant=ten_1&format=csv",
            Reply::new(200, "seq,at\r\n1,a\r\n").header("x-next-cursor", "c1"),
        )
        .on("GET /v1/audit/export?tenant=ten_1&format=csv&after=c1", Reply::new(200, "2,b\r\n"));
    let ran = stage.run(&["audit", "export", "--tenant", "ten_1", "--format", "csv", "--out", name]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "seq,at\r\n1,a\r\n2,b\r\n");

    let ran = stage.run(&["audit", "export", "--out", name]).await;
    assert!(ran.code == Some(1) && ran.err.contains("cannot be written"), "a file is never overwritten: {}", ran.err);

    stage.on("GET /v1/audit/export?format=ndjson", Reply::new(200, "{\"seq\":1}\n"));
    let ran = stage.run(&["audit", "export", "--out", "-"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), "{\"seq\":1}\n"));
}
