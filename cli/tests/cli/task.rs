use insta::assert_snapshot;
use serde_json::json;

use crate::{
    answers::{list, ok, problem, task},
    stage::Stage,
};

#[tokio::test]
async fn tasks_are_listed_and_shown() {
    let stage = Stage::new().await;
    stage.on("GET /v1/tasks?status=open&tenant=ten_1&run=run_1", list(&[task("open")], None));
    let ran = stage.run(&["task", "list", "--status", "open", "--tenant", "ten_1", "--run", "run_1"]).await;
    assert_snapshot!("tasks", ran.out);

    stage.on("GET /v1/tasks/tsk_1", ok(&task("open")));
    assert_snapshot!("task", stage.run(&["task", "show", "tsk_1"]).await.out);

    stage.on("GET /v1/tasks", list(&[], None));
    assert_eq!(stage.run(&["task", "list"]).await.out, "Nobody is asked anything.\n");
}

#[tokio::test]
async fn an_action_is_an_answer() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tasks/tsk_1/answer", ok(&task("answered")));
    let ran = stage.run(&["task", "answer", "tsk_1", "--action", "resend"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(stage.seen()[0].body, r#"{"answer":{"action":"resend"}}"#);
    assert!(ran.out.contains("answered by"), "{}", ran.out);
}

#[tokio::test]
async fn fields_take_the_types_of_the_form() {
    let stage = Stage::new().await;
    let mut form = task("open");
    form["schema"]["properties"]["days"] = json!({ "type": "integer" });
    form["schema"]["properties"]["note"] = json!({ "type": "string" });
    stage.on("GET /v1/tasks/tsk_1", ok(&form)).on("POST /v1/tasks/tsk_1/answer", ok(&task("answered")));
    let ran = stage
        .run(&[
            "task",
            "answer",
            "tsk_1",
            "--action",
            "correct_address",
            "--set",
            "email=a=b@acme.example",
            "--set",
            "days=3",
            "--set",
            "note=7",
        ])
        .await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let answer = json!({ "action": "correct_address", "email": "a=b@acme.example", "days": 3, "note": "7" });
    assert_eq!(stage.seen()[1].json(), json!({ "answer": answer }));

    stage.on("GET /v1/tasks/tsk_1", ok(&form));
    let ran = stage.run(&["task", "answer", "tsk_1", "--set", "days=soon"]).await;
    assert!(ran.code == Some(2) && ran.err.contains("days: \"soon\" is not of type integer"), "{}", ran.err);
}

#[tokio::test]
async fn a_whole_answer_goes_out_as_it_was_typed() {
    let stage = Stage::new().await;
    stage.on("POST /v1/tasks/tsk_1/answer", ok(&task("answered")));
    let typed = r#"{"email": "ada@acme.example",  "action":"correct_address"}"#;
    let ran = stage.run(&["task", "answer", "tsk_1", "--json-answer", typed, "--json"]).await;
    assert_eq!((ran.code, ran.out), (Some(0), format!("{}\n", task("answered"))));
    assert_eq!(stage.seen()[0].body, format!(r#"{{"answer":{typed}}}"#));
}

#[tokio::test]
async fn a_wrong_answer_names_every_field() {
    let stage = Stage::new().await;
    let errors = json!([{ "pointer": "/answer/email", "code": "required", "detail": "is required by this action" }]);
    stage.on("POST /v1/tasks/tsk_1/answer", problem(422, "invalid_body", json!({ "errors": errors })));
    let ran = stage.run(&["task", "answer", "tsk_1", "--action", "correct_address"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("/answer/email: is required by this action (required)"), "{}", ran.err);
}

#[tokio::test]
async fn without_a_terminal_nobody_is_asked() {
    let stage = Stage::new().await;
    let ran = stage.run(&["task", "answer", "tsk_1"]).await;
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--action, --set FIELD=VALUE or --json-answer"), "{}", ran.err);
}
