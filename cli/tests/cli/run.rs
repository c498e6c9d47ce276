use insta::assert_snapshot;
use serde_json::json;

use crate::{
    answers::{Reply, list, ok, problem, run, with_fault},
    stage::Stage,
};

fn history() -> serde_json::Value {
    let line = |seq: u32, at: &str, kind: &str, name: &str, from: &str, to: &str| {
        json!({ "seq": seq, "at": at, "kind": kind, "name": name, "fromState": from, "toState": to, "epoch": seq,
                "outcome": "moved", "detail": {} })
    };
    json!({
        "history": [
            line(1, "2026-11-21T03:25:36Z", "started", "tenant_onboarding", "creating_tenant", "creating_tenant"),
            line(2, "2026-11-21T03:25:36.015Z", "answer", "TenantCreated", "creating_tenant", "creating_admin_user"),
            line(3, "2026-11-21T03:25:36.421Z", "answer", "WelcomeSent", "sending_welcome_email", "completed"),
        ],
        "commands": [], "timers": [], "tasks": [],
    })
}

#[tokio::test]
async fn runs_are_listed_with_every_filter() {
    let stage = Stage::new().await;
    let failed = with_fault(run("failed", "failed", 40, 7), "DatabaseError", "No connection.");
    let query =
        "tenant=ten_1&kind=tenant_onboarding&status=failed&state=failed&errorClass=DatabaseError&externalKey=k&limit=2";
    stage.on(&format!("GET /v1/runs?{query}"), list(&[failed, run("running", "creating_tenant", 10, 1)], Some("abc")));

    let ran = stage
        .run(&[
            "run",
            "list",
            "--tenant",
            "ten_1",
            "--kind",
            "tenant_onboarding",
            "--status",
            "failed",
            "--state",
            "failed",
            "--error-class",
            "DatabaseError",
            "--external-key",
            "k",
            "--limit",
            "2",
        ])
        .await;

    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("runs", ran.out);
    assert!(ran.err.contains("--after abc"), "{}", ran.err);
}

#[tokio::test]
async fn a_run_is_shown_with_its_timeline() {
    let stage = Stage::new().await;
    let completed = run("completed", "completed", 100, 5);
    stage.on("GET /v1/runs/run_1", ok(&completed)).on("GET /v1/runs/run_1/timeline", ok(&history()));
    assert_snapshot!("run", stage.run(&["run", "show", "run_1"]).await.out);

    stage.on("GET /v1/runs/run_1", ok(&completed));
    assert_eq!(stage.run(&["run", "show", "run_1", "--json"]).await.out, format!("{completed}\n"));

    stage.on("GET /v1/runs/run_1/timeline", ok(&history()));
    assert_eq!(stage.run(&["run", "timeline", "run_1", "--json"]).await.out, format!("{}\n", history()));
}

#[tokio::test]
async fn a_signal_goes_out_as_it_was_typed() {
    let stage = Stage::new().await;
    stage.on("POST /v1/runs/run_1/signals", ok(&run("running", "creating_tenant", 10, 2)));
    let body = r#"{"value":"pro", "field":"contractLine", "n": 1.10}"#;

    let ran = stage.run(&["run", "signal", "run_1", "update", body]).await;

    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(stage.seen()[0].body, format!(r#"{{"name":"update","body":{body}}}"#));
    let ran = stage.run(&["run", "signal", "run_1", "update", "{field: 1}"]).await;
    assert!(ran.code == Some(2) && ran.err.contains("line 1, column 2"), "{}", ran.err);
}

#[tokio::test]
async fn a_refused_signal_is_told_in_the_runs_own_words() {
    let stage = Stage::new().await;
    let why = json!({ "detail": "companyName has been used already; change it on the tenant itself" });
    stage.on("POST /v1/runs/run_1/signals", problem(409, "signal_refused", why));
    let ran = stage.run(&["run", "signal", "run_1", "update", "{}"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("companyName has been used already"), "{}", ran.err);
}

#[tokio::test]
async fn retry_says_how_many_and_cancel_says_why() {
    let stage = Stage::new().await;
    for (hinted, words) in [(0, "Nothing was waiting"), (1, "One retry is due now."), (3, "3 retries are due now.")] {
        stage.on("POST /v1/runs/run_1/retry", ok(&json!({ "hinted": hinted })));
        let ran = stage.run(&["run", "retry", "run_1"]).await;
        assert!(ran.code == Some(0) && ran.out.starts_with(words), "{}{}", ran.out, ran.err);
    }
    stage.on("POST /v1/runs/run_1/cancel", ok(&run("running", "rolling_back", 40, 6)));
    let ran = stage.run(&["run", "cancel", "run_1", "--reason", "a mistake"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("rolling_back"), "{}{}", ran.out, ran.err);
    assert_eq!(stage.seen()[3].json(), json!({ "reason": "a mistake" }));
}

#[tokio::test]
async fn a_credential_is_read_once() {
    let stage = Stage::new().await;
    let credential =
        json!({ "temporaryPassword": "correct-horse", "adminUserId": "usr_1", "expiresAt": "2026-11-24T03:25:36Z" });
    stage.on("POST /v1/runs/run_1/credential", ok(&credential));
    assert_snapshot!("credential", stage.run(&["run", "credential", "run_1"]).await.out);

    let read = json!({ "next_action": "Use the one in the welcome mail, or send the welcome again." });
    stage.on("POST /v1/runs/run_1/credential", problem(410, "credential_already_read", read));
    let ran = stage.run(&["run", "credential", "run_1"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("What to do: Use the one in the welcome mail"), "{}", ran.err);
}

#[tokio::test]
async fn a_drill_is_followed_to_healthy() {
    let stage = Stage::new().await;
    let drill = |status: &str, step: &str, progress: u8, seq: u32| {
        let mut drill = run(status, step, progress, seq);
        drill["kind"] = "drill".into();
        drill["result"] = json!({ "echoed": ["onboard-tenant"] });
        drill
    };
    stage
        .on("POST /v1/drills", Reply::new(202, drill("running", "visiting_onboard_tenant", 0, 1).to_string()))
        .on("GET /v1/runs/run_1?wait=20&since=1", ok(&drill("completed", "healthy", 100, 6)));
    let ran = stage.run(&["drill"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("healthy"), "{}{}", ran.out, ran.err);

    let sick = with_fault(drill("failed", "sick", 25, 4), "TimeoutError", "send-email did not answer.");
    stage.on("POST /v1/drills", Reply::new(202, sick.to_string()));
    let ran = stage.run(&["drill"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("TimeoutError: send-email did not answer."), "{}", ran.err);
}
