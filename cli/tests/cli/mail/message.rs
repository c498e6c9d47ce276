use insta::assert_snapshot;
use serde_json::json;

use super::message;
use crate::{
    answers::{list, ok, problem},
    stage::Stage,
};

#[tokio::test]
async fn messages_are_listed_by_what_is_known_of_them() {
    let stage = Stage::new().await;
    let line = "GET /v1/messages?tenantId=ten_1&status=sent&recipient=ada%40acme.example&tag=order%3D17&category=invoices\
                &template=invoice&providerMessageId=re_1&from=2026-11-21T00%3A00%3A00Z&to=2026-11-22T00%3A00%3A00Z&limit=2";
    let mut alone = message("queued");
    alone["recipients"] = json!(["ada@acme.example"]);
    stage.on(line, list(&[message("sent"), alone], Some("more")));
    let ran = stage
        .run(&[
            "mail",
            "list",
            "--tenant",
            "ten_1",
            "--status",
            "sent",
            "--recipient",
            "ada@acme.example",
            "--tag",
            "order=17",
            "--category",
            "invoices",
            "--template",
            "invoice",
            "--provider-id",
            "re_1",
            "--from",
            "2026-11-21T00:00:00Z",
            "--until",
            "2026-11-22T00:00:00Z",
            "--limit",
            "2",
        ])
        .await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_snapshot!("messages", ran.out);
    assert!(ran.err.contains("--after more"), "{}", ran.err);
}

#[tokio::test]
async fn a_message_is_shown_with_what_happens_next() {
    let stage = Stage::new().await;
    stage.on("GET /v1/messages/msg_1", ok(&message("sent")));
    assert_snapshot!("message", stage.run(&["mail", "show", "msg_1"]).await.out);
}

#[tokio::test]
async fn a_message_is_shown_with_its_timeline_and_its_words() {
    let stage = Stage::new().await;
    let timeline = json!({ "data": [
        { "at": "2026-11-21T03:25:36Z", "code": "accepted", "status": "queued", "text": "It was accepted.", "by": "ada" },
        { "at": "2026-11-21T03:25:37.5Z", "code": "admitted", "status": "sending",
          "text": "Its turn came; it leaves from noreply@acme.mail.example.",
          "detail": { "from": "noreply@acme.mail.example", "provider": "smtp", "why": ["primary"] } },
        { "at": "2026-11-21T03:25:38Z", "code": "provider_event", "status": "", "text": "smtp told: delivered." },
    ] });
    let content = json!({
        "subject": "Invoice 17", "text": "Dear Ada,\n\u{1b}[8mhidden", "html": "<p>Dear Ada</p>",
        "attachments": [{ "filename": "invoice.pdf", "contentType": "application/pdf", "size": 4 }],
    });
    let ask = || {
        stage
            .on("GET /v1/messages/msg_1", ok(&message("sent")))
            .on("GET /v1/messages/msg_1/timeline", ok(&timeline))
            .on("GET /v1/messages/msg_1/content", ok(&content));
    };
    ask();
    let ran = stage.run(&["mail", "show", "msg_1", "--timeline", "--content"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let out = ran.out.split_once("\n\n").unwrap().1;
    // How long ago the first line was depends on the day of the test.
    assert_snapshot!(
        "timeline_and_content",
        out.split_once('(').unwrap().0.to_owned() + out.split_once(')').unwrap().1
    );

    ask();
    let ran = stage.run(&["mail", "show", "msg_1", "--timeline", "--content", "--json"]).await;
    let mut whole = message("sent");
    (whole["timeline"], whole["content"]) = (timeline.clone(), content.clone());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ran.out).unwrap(), whole);
}

#[tokio::test]
async fn words_that_are_gone_or_secret_are_not_shown() {
    let stage = Stage::new().await;
    for (status, code, exit) in [(410, "content_erased", 1), (403, "content_sensitive", 4)] {
        stage
            .on("GET /v1/messages/msg_1", ok(&message("sent")))
            .on("GET /v1/messages/msg_1/content", problem(status, code, json!({})));
        let ran = stage.run(&["mail", "show", "msg_1", "--content"]).await;
        assert!(ran.code == Some(exit) && ran.err.contains(code), "{}", ran.err);
    }
}

#[tokio::test]
async fn a_message_is_called_off_or_sent_at_another_time() {
    let stage = Stage::new().await;
    stage.on("POST /v1/messages/msg_1/cancel", ok(&message("cancelled")));
    let ran = stage.run(&["mail", "cancel", "msg_1"]).await;
    assert!(ran.code == Some(0) && ran.out.contains("cancelled"), "{}", ran.err);

    stage.on("POST /v1/messages/msg_1/reschedule", ok(&message("scheduled")));
    let ran = stage.run(&["mail", "reschedule", "msg_1", "2026-11-22T09:00:00Z"]).await;
    assert_eq!(ran.code, Some(0), "{}", ran.err);

    let seen = stage.seen();
    assert_eq!((seen[0].body.as_str(), seen[1].body.as_str()), ("{}", r#"{"sendAt":"2026-11-22T09:00:00Z"}"#));
    assert!(seen.iter().all(|seen| seen.header("idempotency-key").is_some()));

    let refused = json!({ "detail": "The message has left already." });
    stage.on("POST /v1/messages/msg_1/cancel", problem(409, "signal_refused", refused));
    let ran = stage.run(&["mail", "cancel", "msg_1"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("has left already"), "{}", ran.err);
}
