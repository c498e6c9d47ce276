use insta::assert_snapshot;
use serde_json::json;

use super::accepted;
use crate::{
    answers::{Reply, problem},
    stage::Stage,
};

const BATCH: &str = "POST /v1/messages/batch";
const LINES: &str = "{\"to\":\"ada@acme.example\",\"subject\":\"A\",\"text\":\"a\"}\n\n\
                     {\"to\":\"nobody\",\"subject\":\"B\",\"text\":\"b\",\"tenantId\":\"ten_2\"}\n";

#[tokio::test]
async fn every_line_is_a_message_and_the_refused_ones_are_named_by_their_lines() {
    let stage = Stage::new().await;
    stage.write("all.ndjson", LINES);
    let mut first = accepted("queued");
    first["index"] = json!(0);
    let wrong = json!({ "pointer": "/to", "code": "invalid_address", "detail": "This is no address." });
    let error = json!({ "code": "invalid_body", "detail": "/to: This is no address.", "errors": [wrong] });
    let answer = json!({ "data": [first, { "index": 1, "error": error }] });
    stage.on(BATCH, Reply::new(202, answer.to_string()));

    let ran = stage.run(&["mail", "batch", "all.ndjson", "--permissive", "--tenant", "ten_1"]).await;

    assert_eq!(ran.code, Some(1));
    assert_snapshot!("batch", ran.out);
    assert!(ran.err.contains("1 of 2 messages were refused; the others are on their way"), "{}", ran.err);
    let asked = &stage.seen()[0];
    let messages = json!([
        { "tenantId": "ten_1", "to": "ada@acme.example", "subject": "A", "text": "a" },
        { "tenantId": "ten_2", "to": "nobody", "subject": "B", "text": "b" },
    ]);
    assert_eq!(asked.json(), json!({ "mode": "permissive", "messages": messages }));
    assert_eq!(asked.header("idempotency-key").unwrap().len(), 36);
}

#[tokio::test]
async fn a_strict_batch_is_sent_as_a_whole_or_not_at_all() {
    let stage = Stage::new().await;
    stage.write("all.ndjson", LINES);
    let error = json!({ "pointer": "/messages/1/to", "code": "invalid_address", "detail": "This is no address." });
    stage.on(BATCH, problem(422, "invalid_body", json!({ "errors": [error] })));
    let ran = stage.run(&["mail", "batch", "all.ndjson"]).await;
    assert_eq!((ran.code, &stage.seen()[0].json()["mode"]), (Some(1), &json!("strict")));
    assert!(ran.err.contains("/messages/1/to: This is no address."), "{}", ran.err);
    assert!(ran.err.contains("Nothing was sent. /messages/0 is the first message in all.ndjson"), "{}", ran.err);
}

#[tokio::test]
async fn a_file_that_is_no_batch_is_refused_before_anything_is_sent() {
    let stage = Stage::new().await;
    stage.write("bad.ndjson", "{\"to\":\"a@b.example\"}\n\n[1]\n");
    let ran = stage.run(&["mail", "batch", "bad.ndjson"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("bad.ndjson: line 3 is no JSON object"), "{}", ran.err);

    stage.write("long.ndjson", &"{}\n".repeat(101));
    let ran = stage.run(&["mail", "batch", "long.ndjson"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("split -l 100 long.ndjson"), "{}", ran.err);

    stage.write("none.ndjson", "\n");
    let ran = stage.run(&["mail", "batch", "none.ndjson"]).await;
    assert!(ran.code == Some(1) && ran.err.contains("holds no message"), "{}", ran.err);
}
