use insta::assert_snapshot;
use serde_json::json;

use crate::{
    answers::{Reply, broken, ok, problem, run},
    stage::Stage,
};

const CANCEL: &str = "POST /v1/runs/run_1/cancel";

fn keys(stage: &Stage) -> Vec<String> {
    stage.seen().iter().map(|seen| seen.header("idempotency-key").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_problem_says_what_where_why_and_what_to_do() {
    let stage = Stage::new().await;
    let refused = json!({
        "title": "The body has fields that cannot be used", "detail": "2 fields cannot be used.",
        "next_action": "Correct the fields named in errors.",
        "errors": [
            { "pointer": "/adminUser/email", "code": "invalid_email", "detail": "\"ada\" is no e-mail address" },
            { "parameter": "limit", "detail": "must be between 1 and 100" },
        ],
    });
    stage.on("GET /v1/me", problem(422, "invalid_body", refused.clone()));
    let ran = stage.run(&["me"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert_snapshot!("problem", ran.err);

    stage.on("GET /v1/me", problem(422, "invalid_body", refused));
    let ran = stage.run(&["me", "--json"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    let document: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((&document["code"], &document["request_id"]), (&json!("invalid_body"), &json!("req_7")));
}

#[tokio::test]
async fn a_busy_api_is_asked_again_under_the_same_key() {
    let stage = Stage::new().await;
    stage
        .on(CANCEL, problem(503, "busy", json!({})).header("retry-after", "0"))
        .on(CANCEL, problem(429, "rate_limited", json!({})).header("retry-after", "0"))
        .on(CANCEL, problem(409, "idempotency_in_flight", json!({})).header("retry-after", "0"))
        .on(CANCEL, ok(&run("running", "rolling_back", 40, 6)));
    let ran = stage.run(&["run", "cancel", "run_1"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let keys = keys(&stage);
    assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again_under_the_same_key() {
    let stage = Stage::new().await;
    stage.on(CANCEL, broken()).on(CANCEL, ok(&run("running", "rolling_back", 40, 6)));
    assert_eq!(stage.run(&["run", "cancel", "run_1"]).await.code, Some(0));
    let keys = keys(&stage);
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn tries_end_and_the_failure_names_the_key_to_repeat_it_with() {
    let stage = Stage::new().await;
    for _ in 0..8 {
        stage.on(CANCEL, problem(503, "busy", json!({})).header("retry-after", "0"));
    }
    let ran = stage.run(&["run", "cancel", "run_1"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains(&format!("--idempotency-key {}", keys(&stage)[0])), "{}", ran.err);
    assert_eq!(stage.seen().len(), 4);

    let ran = stage.run(&["run", "cancel", "run_1", "--idempotency-key", "mine", "--json"]).await;
    let document: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((&document["idempotency_key"], &document["code"]), (&json!("mine"), &json!("busy")));
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_left_to_the_caller() {
    let stage = Stage::new().await;
    stage.on("GET /v1/me", problem(429, "rate_limited", json!({})).header("retry-after", "3600"));
    let ran = stage.run(&["me"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("Try again in 3600 s."), "{}", ran.err);
}

#[tokio::test]
async fn what_cannot_work_is_not_repeated_and_its_key_is_not_offered() {
    let stage = Stage::new().await;
    stage.on(CANCEL, problem(409, "signal_refused", json!({})));
    let ran = stage.run(&["run", "cancel", "run_1"]).await;
    assert!(ran.code == Some(1) && !ran.err.contains("--idempotency-key"), "{}", ran.err);
}

#[tokio::test]
async fn nobody_at_the_address_says_how_to_start_somebody() {
    let stage = Stage::new().await;
    // Held, so that nobody else listens there.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", held.local_addr().unwrap());
    let ran = stage.run(&["run", "cancel", "run_1", "--url", &url, "--idempotency-key", "mine"]).await;
    assert_eq!(ran.code, Some(1));
    assert_snapshot!("nobody_there", ran.err.replace(&url, "http://nobody.test"));

    let ran = stage.run(&["me", "--url", &url, "--json"]).await;
    let document: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!((&document["code"], &document["retryable"]), (&json!("unreachable"), &json!(true)));
}

#[tokio::test]
async fn something_else_at_the_address_is_not_taken_for_the_api() {
    let stage = Stage::new().await;
    stage.on("GET /v1/me", Reply::new(200, "<html>It works!</html>"));
    let ran = stage.run(&["me"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("something that is no JSON"), "{}", ran.err);

    stage.on("GET /v1/me", ok(&json!({ "hello": "world" })));
    let ran = stage.run(&["me", "--json"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));

    stage.on("GET /v1/me", Reply::new(302, "").header("location", "https://elsewhere.example/login"));
    let ran = stage.run(&["me"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("redirect"), "{}", ran.err);
}
