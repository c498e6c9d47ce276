use insta::assert_snapshot;
use serde_json::json;

use crate::{
    answers::{Reply, list, ok, problem, run, with_fault},
    stage::Stage,
};

const ONBOARD: [&str; 10] = [
    "tenant",
    "onboard",
    "--name",
    "Acme",
    "--admin-first-name",
    "Ada",
    "--admin-last-name",
    "Lovelace",
    "--admin-email",
    "ada@acme.example",
];

fn onboard<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ONBOARD.iter().copied().chain(more.iter().copied()).collect()
}

fn accepted(status: &str, step: &str, progress: u8, seq: u32) -> Reply {
    Reply::new(202, run(status, step, progress, seq).to_string()).header("location", "/v1/runs/run_1")
}

#[tokio::test]
async fn onboarding_is_followed_to_its_end() {
    let stage = Stage::new().await;
    stage
        .on("POST /v1/tenants", accepted("running", "creating_tenant", 10, 1))
        .on("GET /v1/runs/run_1?wait=20&since=1", ok(&run("running", "sending_welcome_email", 85, 4)))
        .on("GET /v1/runs/run_1?wait=20&since=4", ok(&run("completed", "completed", 100, 5)));

    let ran = stage.run(&onboard(&["--company", "Acme Ltd", "--contract-line", "pro"])).await;

    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("onboarded", ran.out);
    assert_snapshot!("onboarding_on_the_way", ran.err);
    let asked = &stage.seen()[0];
    let body = json!({
        "tenantName": "Acme", "companyName": "Acme Ltd", "contractLine": "pro",
        "adminUser": { "firstName": "Ada", "lastName": "Lovelace", "email": "ada@acme.example" },
    });
    assert_eq!(asked.json(), body);
    assert_eq!(asked.header("authorization"), Some("Bearer tk_test"));
    assert_eq!(asked.header("idempotency-key").unwrap().len(), 36);
}

#[tokio::test]
async fn json_is_the_run_to_the_letter_and_nothing_else() {
    let stage = Stage::new().await;
    let odd = "{ \"seq\":5, \"id\":\"run_1\",\"kind\":\"tenant_onboarding\",\"status\":\"completed\",\"step\":\"completed\",\"progress\":100, \"new\": 1.50}";
    stage.on("POST /v1/tenants", Reply::new(200, odd).header("idempotency-replayed", "true"));

    let ran = stage.run(&onboard(&["--external-key", "crm-17", "--json"])).await;

    assert_eq!((ran.code, ran.out, ran.err), (Some(0), format!("{odd}\n"), String::new()));
    assert_eq!(stage.seen()[0].json()["externalKey"], "crm-17");
}

#[tokio::test]
async fn without_waiting_the_run_is_only_begun() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tenants", accepted("running", "creating_tenant", 10, 1));

    let ran = stage.run(&onboard(&["--no-wait", "--idempotency-key", "order-17"])).await;

    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("tenantry run watch run_1"), "{}", ran.err);
    assert_eq!(stage.seen()[0].header("idempotency-key"), Some("order-17"));
}

#[tokio::test]
async fn a_run_that_is_not_ready_in_time_is_3() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tenants", accepted("running", "creating_tenant", 10, 1));

    let ran = stage.run(&onboard(&["--wait", "0"])).await;

    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("not yet: The run has not ended yet: creating_tenant (10 %)"), "{}", ran.err);
    assert!(ran.err.contains("tenantry run watch run_1"), "{}", ran.err);
}

#[tokio::test]
async fn a_run_that_waits_for_a_person_is_3_and_names_the_question() {
    let stage = Stage::new().await;
    stage
        .on("POST /v1/tenants", accepted("waiting", "sending_welcome_email", 85, 6))
        .on("GET /v1/tasks?run=run_1&limit=1", list(&[crate::answers::task("open")], None));

    let ran = stage.run(&onboard(&[])).await;

    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("The welcome mail could not be delivered: Acme"), "{}", ran.err);
    assert!(ran.err.contains("tenantry task answer tsk_1"), "{}", ran.err);
}

#[tokio::test]
async fn a_run_that_was_rolled_back_is_1_and_says_why() {
    let stage = Stage::new().await;
    let ended =
        with_fault(run("rolled_back", "rolled_back", 40, 9), "DuplicateError", "A tenant with this address exists.");
    stage.on("POST /v1/tenants", Reply::new(202, ended.to_string()));

    let ran = stage.run(&onboard(&[])).await;

    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("rolled_back"), "{}", ran.out);
    assert_snapshot!("rolled_back", ran.err);

    stage.on("POST /v1/tenants", Reply::new(202, ended.to_string()));
    let ran = stage.run(&onboard(&["--json"])).await;
    assert_eq!((ran.code, ran.out), (Some(1), format!("{ended}\n")));
    let problem: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(problem["code"], "run_rolled_back");
}

#[tokio::test]
async fn the_password_is_shown_once_when_asked_for() {
    let stage = Stage::new().await;
    let credential =
        json!({ "temporaryPassword": "correct-horse", "adminUserId": "usr_1", "expiresAt": "2026-11-24T03:25:36Z" });
    let completed = || Reply::new(202, run("completed", "completed", 100, 5).to_string());
    let reveal = "POST /v1/runs/run_1/credential";
    stage.on("POST /v1/tenants", completed()).on(reveal, ok(&credential));
    let ran = stage.run(&onboard(&["--reveal-password"])).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("onboarded_with_password", ran.out);

    stage.on("POST /v1/tenants", completed()).on(reveal, ok(&credential));
    let ran = stage.run(&onboard(&["--reveal-password", "--json"])).await;
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&document["credential"], &document["status"]), (&credential, &json!("completed")));

    stage.on("POST /v1/tenants", completed()).on(reveal, problem(410, "credential_already_read", json!({})));
    let ran = stage.run(&onboard(&["--reveal-password"])).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("ten_1") && ran.err.contains("410 credential_already_read"), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn the_input_may_come_from_a_file_or_standard_input() {
    use tokio::io::AsyncWriteExt as _;
    let input = r#"{"tenantName":"Acme","adminUser":{"firstName":"Ada","lastName":"L","email":"ada@acme.example"}}"#;
    let stage = Stage::new().await;
    stage.write("acme.json", input);
    let again = || accepted("completed", "completed", 100, 5);

    stage.on("POST /v1/tenants", again());
    let ran = stage.run(&["tenant", "onboard", "--file", "acme.json"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);

    stage.on("POST /v1/tenants", again());
    let mut command = stage.command(&["tenant", "onboard", "--file", "-"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    assert!(child.wait_with_output().await.unwrap().status.success());

    assert_eq!(stage.seen().iter().map(|seen| seen.body.as_str()).collect::<Vec<_>>(), [input, input]);
}

#[tokio::test]
async fn a_file_that_is_no_json_is_refused_before_anything_is_sent() {
    let stage = Stage::new().await;
    stage.write("acme.json", "{\n  tenantName: Acme\n}");
    let ran = stage.run(&["tenant", "onboard", "--file", "acme.json"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("acme.json: this is not JSON: it stops making sense at line 2, column 3"), "{}", ran.err);

    let ran = stage.run(&["tenant", "onboard", "--file", "missing.json"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("missing.json cannot be read"), "{}", ran.err);
}

#[tokio::test]
async fn what_is_missing_or_at_odds_is_wrong_usage() {
    let stage = Stage::new().await;
    for wrong in [
        vec!["tenant", "onboard", "--name", "Acme"],
        onboard(&["--file", "acme.json"]),
        onboard(&["--no-wait", "--wait", "5"]),
        onboard(&["--no-wait", "--reveal-password"]),
        onboard(&["--idempotency-key", "two words"]),
        vec!["tenant", "list", "--limit", "101"],
        vec!["nonsense"],
    ] {
        let ran = stage.run(&wrong).await;
        assert_eq!(ran.code, Some(2), "{wrong:?}: {}", ran.err);
    }
}

#[tokio::test]
async fn tenants_are_shown_and_listed() {
    let tenant = json!({
        "id": "ten_1", "name": "Acme", "slug": "acme", "email": "ada@acme.example", "contractLine": "basic",
        "status": "active", "externalKey": "crm-17", "portalHost": "1a2b3c4d.portal.example", "runId": "run_1",
        "createdAt": "2026-11-21T03:25:36Z", "updatedAt": "2026-11-21T03:25:36Z", "activatedAt": "2026-11-21T03:25:36Z",
    });
    let stage = Stage::new().await;
    stage.on("GET /v1/tenants/ten_1", ok(&tenant));
    assert_snapshot!("tenant", stage.run(&["tenant", "show", "ten_1"]).await.out);

    stage.on("GET /v1/tenants?status=active&search=acme", list(&[tenant], None));
    let ran = stage.run(&["tenant", "list", "--status", "active", "--search", "acme"]).await;
    assert_snapshot!("tenants", ran.out);
}

#[tokio::test]
async fn an_external_key_that_is_known_shows_its_run() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tenants", ok(&run("completed", "completed", 100, 5)));
    let ran = stage.run(&onboard(&["--external-key", "crm-17"])).await;
    assert!(ran.code == Some(0) && ran.err.contains("Nothing was begun."), "{}", ran.err);
}
