//! Messages are found.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_tests::TestStack;

use super::{
    Caller, Got,
    messages::{API, ahead, has_status, message, tenant},
};

fn subjects(got: &Got) -> Vec<&str> {
    let data = got.body["data"].as_array().unwrap_or_else(|| panic!("no list in {got:?}"));
    data.iter().map(|one| one["subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_is_found_by_everything_that_is_known_of_it() {
    let stack = TestStack::with(&[], API).await;
    let (_, admin) = tenant(&stack).await;
    for with in [
        json!({"subject": "one", "cc": "Bob@Customer.example", "tags": {"invoice": "1"}}),
        json!({"subject": "two", "category": "tickets", "tags": {"invoice": "2", "kind": "new"}}),
        json!({"subject": "three", "to": "carol@customer.example", "sendAt": ahead(&stack, Duration::from_secs(600))}),
    ] {
        assert_eq!(admin.post("/v1/messages", message(with)).await.status, 202);
    }
    stack.pass(Duration::from_secs(60));
    let between = ahead(&stack, Duration::ZERO);
    stack.pass(Duration::from_secs(60));
    admin.post("/v1/messages", message(json!({"subject": "four"}))).await;
    for (query, expected) in [
        ("", vec!["four", "three", "two", "one"]),
        ("recipient=bob@customer.example", vec!["one"]),
        ("recipient=ADA@customer.example", vec!["four", "two", "one"]),
        ("recipient=nobody@customer.example", vec![]),
        ("tag=invoice=2", vec!["two"]),
        ("tag=invoice:1", vec!["one"]),
        ("tag=invoice=3", vec![]),
        ("category=tickets", vec!["two"]),
        ("category=invoices&recipient=carol@customer.example", vec!["three"]),
        ("status=scheduled", vec!["three"]),
        ("status=queued", vec!["four", "two", "one"]),
        ("status=deferred", vec![]),
        ("template=welcome", vec![]),
        (&format!("to={between}"), vec!["three", "two", "one"]),
        (&format!("from={between}"), vec!["four"]),
    ] {
        assert_eq!(subjects(&admin.get(&format!("/v1/messages?{query}")).await), expected, "{query}");
    }
    for query in
        ["recipient=nobody", "tag=invoice", "status=lost", "providerMessageId=x", "from=yesterday", "colour=red"]
    {
        assert_eq!(admin.get(&format!("/v1/messages?{query}")).await.problem(), (400, "invalid_parameter"), "{query}");
    }
}

#[tokio::test]
async fn a_list_goes_both_ways() {
    let stack = TestStack::with(&[], API).await;
    let (_, admin) = tenant(&stack).await;
    let messages: Vec<Value> = (0..5).map(|n| message(json!({"subject": format!("m{n}")}))).collect();
    admin.post("/v1/messages/batch", json!({"messages": messages})).await;
    let first = admin.get("/v1/messages?limit=2").await;
    assert_eq!((subjects(&first), &first.body["has_more"]), (vec!["m4", "m3"], &json!(true)));
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = admin.get(&format!("/v1/messages?limit=2&after={cursor}&status=queued&tag=x=")).await;
    assert_eq!(subjects(&second), Vec::<&str>::new());
    let second = admin.get(&format!("/v1/messages?limit=2&after={cursor}&status=queued")).await;
    assert_eq!(subjects(&second), ["m2", "m1"]);
    let cursor = second.body["next_cursor"].as_str().unwrap();
    let back = admin.get(&format!("/v1/messages?limit=2&before={cursor}&recipient=ada@customer.example")).await;
    assert_eq!((subjects(&back), &back.body["has_more"]), (vec!["m3", "m2"], &json!(true)));
}

#[tokio::test]
async fn operators_find_what_a_provider_calls_a_message_and_see_the_numbers_by_provider() {
    let stack = TestStack::start().await;
    let (tenant, admin) = tenant(&stack).await;
    let operator = Caller::operator(&stack);
    let sent = admin.post("/v1/messages", message(json!({}))).await;
    let id = sent.body["id"].as_str().unwrap();
    has_status(&admin, id, "sent").await;
    sqlx::query("update sends set provider_message_id = 'p-1'").execute(&stack.sql).await.unwrap();
    let found = operator.get("/v1/messages?providerMessageId=p-1").await;
    assert_eq!(
        (&found.body["data"][0]["id"], &found.body["data"][0]["providerMessageId"]),
        (&json!(id), &json!("p-1"))
    );
    assert_eq!(operator.get("/v1/messages?providerMessageId=p-2").await.body["data"], json!([]));
    assert_eq!(operator.get(&format!("/v1/messages?tenantId={tenant}")).await.body["data"][0]["id"], id);

    let stats = admin.get("/v1/mail/stats?days=1").await;
    let days = stats.body["data"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["sent"], days[0].get("provider")), (1, &json!(1), None), "{stats:?}");
    assert!(days[0]["averageLatencyMs"].is_i64());
    let stats = operator.get("/v1/mail/stats").await;
    assert_eq!((&stats.body["data"][0]["provider"], &stats.body["data"][0]["sent"]), (&json!("smtp"), &json!(1)));
    assert_eq!(admin.get("/v1/mail/stats?days=0").await.problem(), (400, "invalid_parameter"));
}
