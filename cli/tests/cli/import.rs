use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::{
    answers::{Reply, list, ok, problem, run},
    stage::Stage,
};

const FILE: &str = "tenantName,firstName,lastName,email\nAcme,Ada,L,ada@acme.example\nBeta,,B,nobody\n";

fn import(status: &str, waiting: u32, succeeded: u32) -> Value {
    let progress = if waiting == 0 { 100 } else { 33 };
    let step = if waiting == 0 { status } else { "importing" };
    let mut of = run(status, step, progress, 5);
    of["kind"] = "tenant_import".into();
    json!({
        "run": of, "total": 3, "waiting": waiting, "running": 0, "succeeded": succeeded, "failed": 0, "invalid": 1, "duplicate": 0,
        "cancelled": 0,
    })
}

fn row(line: u32, status: &str, error: Option<&str>) -> Value {
    let made = error.is_none();
    json!({
        "line": line, "tenantName": "Acme", "status": status, "runId": made.then_some("run_2"), "tenantId": made.then_some("ten_1"),
        "error": error, "updatedAt": "2026-11-21T03:25:37Z",
    })
}

#[tokio::test]
async fn a_file_is_sent_as_it_is_and_followed_to_its_end() {
    let stage = Stage::new().await;
    stage.write("all.csv", FILE);
    stage
        .on("POST /v1/tenant-imports", Reply::new(202, run("running", "importing", 33, 1).to_string()))
        .on("GET /v1/runs/run_1?wait=20&since=1", ok(&run("completed", "completed", 100, 5)))
        .on("GET /v1/tenant-imports/run_1", ok(&import("completed", 0, 2)));

    let ran = stage.run(&["tenant", "import", "all.csv", "--watch"]).await;

    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_snapshot!("imported", ran.out);
    assert!(ran.err.contains("1 of 3 rows were not onboarded"), "{}", ran.err);
    assert!(ran.err.contains("tenantry tenant imports rows run_1 --all"), "{}", ran.err);
    let asked = &stage.seen()[0];
    assert_eq!((asked.body.as_str(), asked.header("content-type")), (FILE, Some("text/csv")));
    assert_eq!(asked.header("idempotency-key").unwrap().len(), 36);
}

#[tokio::test]
async fn without_watching_it_is_only_begun() {
    let stage = Stage::new().await;
    stage.write("all.jsonl", "{}\n");
    stage
        .on("POST /v1/tenant-imports", Reply::new(202, run("running", "importing", 33, 1).to_string()))
        .on("GET /v1/tenant-imports/run_1", ok(&import("running", 2, 0)));
    let ran = stage.run(&["tenant", "import", "all.jsonl", "--idempotency-key", "k"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("tenantry run watch run_1"), "{}", ran.err);
    let asked = &stage.seen()[0];
    assert_eq!(asked.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(asked.header("idempotency-key"), Some("k"));
}

#[tokio::test]
async fn a_watched_import_that_takes_too_long_is_3_and_json_is_the_import() {
    let stage = Stage::new().await;
    stage.write("all.csv", FILE);
    stage
        .on("POST /v1/tenant-imports", Reply::new(202, run("running", "importing", 33, 1).to_string()))
        .on("GET /v1/tenant-imports/run_1", ok(&import("running", 2, 0)));
    let ran = stage.run(&["tenant", "import", "all.csv", "--watch", "--wait", "0", "--json"]).await;
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap(), import("running", 2, 0));
}

#[tokio::test]
async fn a_dry_run_names_what_cannot_be_used() {
    let stage = Stage::new().await;
    stage.write("all.csv", FILE);
    let wrong = row(3, "invalid", Some("firstName: This is empty. email: This is no address."));
    let seen = json!({ "total": 3, "valid": 1, "invalid": 1, "duplicate": 1, "rows": [wrong] });
    stage.on("POST /v1/tenant-imports?dryRun=true", ok(&seen));
    let ran = stage.run(&["tenant", "import", "all.csv", "--dry-run"]).await;
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert_snapshot!("looked_through", ran.out);
    assert!(ran.err.contains("1 of 3 rows cannot be used"), "{}", ran.err);
}

#[tokio::test]
async fn a_file_whose_name_says_nothing_needs_a_format() {
    let stage = Stage::new().await;
    stage.write("all.txt", FILE);
    let ran = stage.run(&["tenant", "import", "all.txt"]).await;
    assert!(ran.code == Some(2) && ran.err.contains("--format csv"), "{ran:?}");
    stage.on("POST /v1/tenant-imports", problem(403, "permission_missing", json!({})));
    let ran = stage.run(&["tenant", "import", "all.txt", "--format", "csv"]).await;
    assert_eq!(ran.code, Some(4), "{}", ran.err);
    let ran = stage.run(&["tenant", "import", "none.csv"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("none.csv cannot be read"), "{ran:?}");
}

#[tokio::test]
async fn imports_and_their_rows_are_listed() {
    let stage = Stage::new().await;
    stage
        .on("GET /v1/tenant-imports", list(&[import("completed", 0, 2)], None))
        .on(
            "GET /v1/tenant-imports/run_1/rows?status=invalid",
            list(&[row(3, "invalid", Some("email: wrong"))], Some("n")),
        )
        .on("GET /v1/tenant-imports/run_1", ok(&import("running", 2, 0)));
    let ran = stage.run(&["tenant", "imports", "list"]).await;
    assert_snapshot!("imports", ran.out);
    let ran = stage.run(&["tenant", "imports", "rows", "run_1", "--status", "invalid"]).await;
    assert_snapshot!("import_rows", ran.out);
    assert!(ran.err.contains("--after n"), "{}", ran.err);
    assert_eq!(stage.run(&["tenant", "imports", "show", "run_1"]).await.code, Some(0));
}
