use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use super::taken;
use crate::{
    answers::{Reply, problem},
    stage::Stage,
};

const SEND: &str = "POST /v1/messages";

#[tokio::test]
async fn everything_that_is_typed_goes_into_the_message() {
    let stage = Stage::new().await;
    stage.write("words.html", "<p>Hello</p>");
    stage.write("bills/invoice 17.pdf", "%PDF");
    stage.write("noend", "\u{0}");
    stage.on(SEND, taken());

    let ran = stage
        .run(&[
            "mail",
            "send",
            "--tenant",
            "ten_1",
            "--to",
            "Ada <ada@acme.example>",
            "bob@acme.example",
            "--cc",
            "c@acme.example",
            "--bcc",
            "d@acme.example",
            "--user",
            "usr_1",
            "--from",
            "bills@acme.example",
            "--insist-from",
            "--reply-to",
            "help@acme.example",
            "--subject",
            "Invoice 17",
            "--text",
            "Hello",
            "--html-file",
            "words.html",
            "--attach",
            "bills/invoice 17.pdf",
            "noend",
            "--header",
            "X-Order: 17: a",
            "--tag",
            "order=17=a",
            "--category",
            "invoices",
            "--subtype",
            "reminder",
            "--at",
            "2026-11-22T10:00:00+01:00",
            "--sensitive",
            "--idempotency-key",
            "order-17",
        ])
        .await;

    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("tenantry mail watch msg_1"), "{}", ran.err);
    let asked = &stage.seen()[0];
    assert_eq!(asked.header("idempotency-key"), Some("order-17"));
    let body = json!({
        "tenantId": "ten_1", "to": ["Ada <ada@acme.example>", "bob@acme.example"], "cc": ["c@acme.example"],
        "bcc": ["d@acme.example"], "userId": "usr_1", "from": "bills@acme.example", "insistFrom": true,
        "replyTo": "help@acme.example", "subject": "Invoice 17", "text": "Hello", "html": "<p>Hello</p>",
        "attachments": [
            { "filename": "invoice 17.pdf", "contentType": "application/pdf", "content": "JVBERg==" },
            { "filename": "noend", "contentType": "application/octet-stream", "content": "AA==" },
        ],
        "headers": { "X-Order": "17: a" }, "tags": { "order": "17=a" }, "category": "invoices", "subtype": "reminder",
        "sendAt": "2026-11-22T09:00:00Z", "sensitive": true,
    });
    assert_eq!(asked.json(), body);
}

#[tokio::test]
async fn what_is_not_typed_is_not_sent() {
    let stage = Stage::new().await;
    stage.on(SEND, taken());
    let ran = stage.run(&["mail", "send", "--to", "ada@acme.example", "--subject", "Hi", "--text", "Hello"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let asked = &stage.seen()[0];
    assert_eq!(asked.body, r#"{"subject":"Hi","text":"Hello","to":["ada@acme.example"]}"#);
    assert_eq!(asked.header("idempotency-key").unwrap().len(), 36);
}

#[tokio::test]
async fn a_template_gets_its_variables_from_a_file_and_from_the_line() {
    let stage = Stage::new().await;
    stage.write("vars.json", r#"{ "count": 3, "name": "Bob" }"#);
    stage.on(SEND, taken());
    let ran = stage
        .run(&[
            "mail",
            "send",
            "--to",
            "ada@acme.example",
            "--template",
            "welcome",
            "--locale",
            "de-AT",
            "--vars",
            "vars.json",
            "--var",
            "name=Ada",
        ])
        .await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let template = json!({ "name": "welcome", "locale": "de-AT", "variables": { "count": 3, "name": "Ada" } });
    assert_eq!(stage.seen()[0].json(), json!({ "to": ["ada@acme.example"], "template": template }));

    stage.write("vars.json", "[1]");
    let ran = stage.run(&["mail", "send", "--to", "a@b.example", "--template", "welcome", "--vars", "vars.json"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("no JSON object"), "{}", ran.err);
}

#[tokio::test]
async fn words_may_come_from_standard_input_and_a_whole_message_from_a_file() {
    let stage = Stage::new().await;
    stage.on(SEND, taken());
    let mut command = stage.command(&["mail", "send", "--user", "usr_1", "--subject", "Hi", "--text-file", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"Hello\n").await.unwrap();
    assert!(child.wait_with_output().await.unwrap().status.success());
    assert_eq!(stage.seen()[0].json(), json!({ "userId": "usr_1", "subject": "Hi", "text": "Hello\n" }));

    let whole = r#"{ "to": "ada@acme.example", "subject": "Hi", "text": "1.50" }"#;
    stage.write("message.json", whole);
    stage.on(SEND, taken());
    assert_eq!(stage.run(&["mail", "send", "--file", "message.json"]).await.code, Some(0));
    assert_eq!(stage.seen()[1].body, whole);
}

#[tokio::test]
async fn a_time_from_now_is_told_so_that_the_request_can_be_repeated() {
    let stage = Stage::new().await;
    stage.on(SEND, taken());
    let ran =
        stage.run(&["mail", "send", "--to", "a@b.example", "--subject", "Hi", "--text", "x", "--at", "+2h"]).await;
    let body = stage.seen()[0].json();
    let at = body["sendAt"].as_str().unwrap();
    assert!(at.ends_with('Z') && ran.err.contains(&format!("That is: {at}")), "{at}: {}", ran.err);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_is_asked() {
    let stage = Stage::new().await;
    stage.write("latin.txt", "");
    std::fs::write(stage.home.path().join("latin.txt"), [0xe9]).unwrap();
    let usage: [&[&str]; 7] = [
        &["mail", "send", "--subject", "Hi", "--text", "x"],
        &["mail", "send", "--to", "a@b.example", "--text", "x", "--text-file", "f"],
        &["mail", "send", "--to", "a@b.example", "--template", "welcome", "--subject", "Hi"],
        &["mail", "send", "--to", "a@b.example", "--at", "tomorrow"],
        &["mail", "send", "--to", "a@b.example", "--insist-from"],
        &["mail", "send", "--to", "a@b.example", "--text-file", "-", "--html-file", "-"],
        &["mail", "send", "--file", "f", "--to", "a@b.example"],
    ];
    for wrong in usage {
        let ran = stage.run(wrong).await;
        assert_eq!(ran.code, Some(2), "{wrong:?}: {}", ran.err);
    }
    for (file, words) in [("missing.pdf", "missing.pdf cannot be read"), ("latin.txt", "not text in UTF-8")] {
        let ran = stage.run(&["mail", "send", "--to", "a@b.example", "--subject", "Hi", "--text-file", file]).await;
        assert!(ran.code == Some(1) && ran.err.contains(words), "{}", ran.err);
    }
}

#[tokio::test]
async fn a_single_error_is_said_once() {
    let stage = Stage::new().await;
    let error = json!({ "pointer": "/from", "code": "not_allowed", "detail": "This address is not the tenant's." });
    let more = json!({ "detail": "/from: This address is not the tenant's.", "errors": [error] });
    stage.on(SEND, problem(422, "invalid_body", more));
    let ran = stage.run(&["mail", "send", "--to", "a@b.example", "--subject", "Hi", "--text", "x"]).await;
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.err.matches("not the tenant's").count(), 1, "{}", ran.err);
}

#[tokio::test]
async fn the_same_key_again_is_told() {
    let stage = Stage::new().await;
    stage.on(SEND, Reply::new(202, super::accepted("queued").to_string()).header("idempotency-replayed", "true"));
    let ran = stage
        .run(&["mail", "send", "--to", "a@b.example", "--subject", "Hi", "--text", "x", "--idempotency-key", "k"])
        .await;
    assert!(ran.code == Some(0) && ran.err.contains("nothing is sent twice"), "{}", ran.err);
}
