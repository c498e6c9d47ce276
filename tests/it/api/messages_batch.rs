//! Many messages in one request.

use serde_json::{Value, json};
use tenantry_tests::{TestStack, wait::until};

use super::messages::{API, message, tenant};

fn batch(mode: &str, messages: Vec<Value>) -> Value {
    json!({"mode": mode, "messages": messages})
}

#[tokio::test]
async fn a_hundred_messages_are_one_request_and_all_of_them_leave() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_MINUTE", "0")], local::Run::ALL).await;
    let (_, admin) = tenant(&stack).await;
    let messages = (0..100).map(|n| message(json!({"to": format!("user-{n}@customer.example")}))).collect();
    let got = admin.post_once("/v1/messages/batch", "k", &batch("strict", messages)).await;
    assert_eq!(got.status, 202, "{got:?}");
    let data = got.body["data"].as_array().unwrap();
    assert!(data.len() == 100 && data.iter().enumerate().all(|(at, one)| one["index"] == at && one["id"].is_string()));
    until("all of them to be sent", || async { (stack.count("sends").await == 100).then_some(()) }).await;
}

#[tokio::test]
async fn strict_means_all_or_none_and_every_error_has_its_index() {
    let stack = TestStack::with(&[], API).await;
    let (_, admin) = tenant(&stack).await;
    let messages =
        vec![message(json!({})), message(json!({"to": "nobody"})), message(json!({"tags": {"a": "b"}, "x": 1}))];
    let got = admin.post("/v1/messages/batch", batch("strict", messages)).await;
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/messages/1/to", "/messages/2/x"]));
    // What only the rules find is held to the same.
    let messages = vec![message(json!({})), message(json!({"from": "boss@bank.example", "insistFrom": true}))];
    let got = admin.post("/v1/messages/batch", batch("strict", messages)).await;
    assert_eq!((got.problem(), got.pointers()), ((422, "invalid_body"), vec!["/messages/1/from"]));
    assert_eq!(stack.count("messages").await, 0);
    for messages in [Vec::new(), vec![message(json!({})); 101]] {
        let got = admin.post("/v1/messages/batch", batch("strict", messages)).await;
        assert_eq!((got.status, got.pointers()), (422, vec!["/messages"]));
    }
}

#[tokio::test]
async fn permissive_takes_what_can_be_taken_once() {
    let stack = TestStack::with(&[], API).await;
    let (tenant, admin) = tenant(&stack).await;
    let other = "ten_00000000000000000000000000000000";
    let messages = vec![
        message(json!({})),
        message(json!({"to": "nobody"})),
        message(json!({"tenantId": other})),
        message(json!({"tenantId": tenant, "subject": "a\nb"})),
        message(json!({"tenantId": tenant})),
    ];
    let body = batch("permissive", messages);
    let got = admin.post_once("/v1/messages/batch", "k", &body).await;
    assert_eq!(got.status, 202, "{got:?}");
    let data = got.body["data"].as_array().unwrap();
    let codes: Vec<&str> = data.iter().map(|one| one["error"]["code"].as_str().unwrap_or("-")).collect();
    assert_eq!(codes, ["-", "invalid_body", "not_found", "invalid_body", "-"]);
    assert_eq!(data[1]["error"]["errors"][0]["pointer"], "/to");
    assert_eq!(data[3]["error"]["errors"][0]["pointer"], "/subject");
    assert!(data[0]["id"].is_string() && data[4]["id"].is_string());
    let again = admin.post_once("/v1/messages/batch", "k", &body).await;
    assert_eq!(again.body, got.body);
    assert_eq!(stack.count("messages").await, 2);
}
