//! Which way a message takes, and why.

use serde_json::{Value, json};
use tenantry_tests::TestStack;

use super::{
    Caller, Got,
    messages::{API, has_status, in_an_hour, message, tenant},
};

fn codes(got: &Got) -> Vec<&str> {
    let reasons = got.body["reasons"].as_array().unwrap_or_else(|| panic!("no reasons in {got:?}"));
    reasons.iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_stores_nothing() {
    let stack = TestStack::with(&[("EMAIL_TENANT_PER_DAY", "500")], API).await;
    let (tenant, admin) = tenant(&stack).await;
    let got = admin.post("/v1/messages/explain", message(json!({}))).await;
    assert_eq!(
        (got.status, &got.body["decision"], &got.body["tier"]),
        (200, &json!("send"), &json!("platform")),
        "{got:?}"
    );
    assert_eq!(codes(&got), ["tier_platform", "provider"]);
    assert_eq!((&got.body["fromName"], &got.body["replyTo"]), (&json!("Acme 1"), &json!("office@acme-1.example")));
    let domain = got.body["domain"].as_str().unwrap();
    assert!(domain.starts_with("acme-1.") && got.body["from"] == format!("noreply@{domain}"), "{got:?}");
    assert_eq!((&got.body["limits"]["perMinute"], &got.body["limits"]["leftToday"]), (&json!(60), &json!(500)));
    assert!(!got.body.to_string().contains("smtp") && got.body.get("provider").is_none(), "{got:?}");

    let operators = message(json!({"tenantId": tenant}));
    let got = Caller::operator(&stack).post("/v1/messages/explain", operators).await;
    assert_eq!((&got.body["provider"], &got.body["reasons"][1]["operator"]), (&json!("smtp"), &json!("smtp")));

    let got = admin.post("/v1/messages/explain", message(json!({"from": "boss@bank.example"}))).await;
    assert_eq!(codes(&got), ["from_replaced", "tier_platform", "provider"]);
    let got =
        admin.post("/v1/messages/explain", message(json!({"from": "boss@bank.example", "insistFrom": true}))).await;
    assert_eq!((&got.body["decision"], codes(&got)), (&json!("refuse"), vec!["from_not_allowed"]));
    assert_eq!(admin.post("/v1/messages/explain", message(json!({"to": "nobody"}))).await.pointers(), ["/to"]);
    assert_eq!(stack.count("messages").await, 0);
}

#[tokio::test]
async fn who_must_not_be_written_to_is_left_out_with_the_reason() {
    let stack = TestStack::with(&[], API).await;
    let (tenant, admin) = tenant(&stack).await;
    sqlx::query("insert into suppressions (tenant_id, address, reason, created_by, created_at) values ($1, 'bob@customer.example', 'hard_bounce', 'x', now())")
        .bind(tenant.0).execute(&stack.sql).await.unwrap();
    let got = admin.post("/v1/messages/explain", message(json!({"cc": "Bob@customer.example"}))).await;
    assert_eq!(
        (&got.body["decision"], &got.body["leftOut"][0]["code"]),
        (&json!("send"), &json!("hard_bounce")),
        "{got:?}"
    );
    let got = admin.post("/v1/messages/explain", message(json!({"to": "bob@customer.example"}))).await;
    assert_eq!((&got.body["decision"], codes(&got).last()), (&json!("suppress"), Some(&"nobody_left")), "{got:?}");
}

#[tokio::test]
async fn a_paused_lane_and_mail_switched_off_are_reasons() {
    let stack = TestStack::with(&[], API).await;
    let (tenant, admin) = tenant(&stack).await;
    sqlx::query("insert into lanes (tenant_id, paused) values ($1, 'too many complaints about Resend')")
        .bind(tenant.0)
        .execute(&stack.sql)
        .await
        .unwrap();
    let got = admin.post("/v1/messages/explain", message(json!({}))).await;
    assert_eq!(
        (&got.body["decision"], codes(&got), &got.body["limits"]["paused"]),
        (&json!("hold"), vec!["paused"], &json!(true))
    );
    assert!(!got.body.to_string().contains("Resend"), "{got:?}");
    let sent = admin.post("/v1/messages", message(json!({}))).await;
    let seen = admin.get(&format!("/v1/messages/{}", sent.body["id"].as_str().unwrap())).await;
    assert_eq!((&seen.body["status"], &seen.body["next"]["code"]), (&json!("queued"), &json!("paused")), "{seen:?}");

    let stack = TestStack::with(&[("EMAIL_ENABLE", "false")], API).await;
    let (_, admin) = self::tenant(&stack).await;
    let got = admin.post("/v1/messages/explain", message(json!({}))).await;
    assert_eq!((&got.body["decision"], codes(&got)), (&json!("suppress"), vec!["email_off"]));
}

#[tokio::test]
async fn a_sent_message_is_explained_as_it_went_and_a_waiting_one_as_of_now() {
    let stack = TestStack::start().await;
    let (_, admin) = tenant(&stack).await;
    let sent = admin.post("/v1/messages", message(json!({}))).await;
    let id = sent.body["id"].as_str().unwrap();
    let seen = has_status(&admin, id, "sent").await;
    let got = admin.get(&format!("/v1/messages/{id}/explain")).await;
    assert_eq!(
        (&got.body["decision"], &got.body["asOfNow"], codes(&got)),
        (&json!("send"), &json!(false), vec!["tier_platform", "provider"])
    );
    assert_eq!((&got.body["from"], got.body.get("provider")), (&seen["from"], None));
    assert_eq!(Caller::operator(&stack).get(&format!("/v1/messages/{id}/explain")).await.body["provider"], "smtp");

    let later = admin.post("/v1/messages", message(json!({"sendAt": in_an_hour(&stack)}))).await;
    let path = format!("/v1/messages/{}", later.body["id"].as_str().unwrap());
    let got = admin.get(&format!("{path}/explain")).await;
    assert_eq!((&got.body["decision"], &got.body["asOfNow"]), (&json!("send"), &json!(true)), "{got:?}");
    admin.post(&format!("{path}/cancel"), json!({})).await;
    let got = admin.get(&format!("{path}/explain")).await;
    assert_eq!((codes(&got), &got.body["from"]), (vec!["never_decided"], &Value::Null));
}
