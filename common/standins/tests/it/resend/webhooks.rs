//! Webhooks: what is told of which recipient, and how that may go wrong. Every signature is checked by the ear.

use crate::resend::{Ear, PATIENCE, Stage, mail, with};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tenantry_standins::resend::{Delivery, Fate, Fault, Options, Route, Rule};

#[tokio::test]
async fn events_follow_the_recipient() {
    for (to, types, last) in [
        ("ann@a.example", &["email.sent", "email.delivered"][..], "delivered"),
        ("delivered+x@resend.dev", &["email.sent", "email.delivered"], "delivered"),
        ("bounced+x@resend.dev", &["email.sent", "email.bounced"], "bounced"),
        ("complained@resend.dev", &["email.sent", "email.delivered", "email.complained"], "complained"),
        ("suppressed@resend.dev", &["email.suppressed"], "suppressed"),
    ] {
        let stage = Stage::open().await;
        let ear = Ear::new(&stage, 0).await;
        let id = stage.sent(&mail(to)).await;
        assert_eq!(ear.types(types.len()).await, types, "{to}");
        assert!(stage.resend.wait_for_webhooks(types.len() as u64, PATIENCE).await);
        assert_eq!(stage.get(&format!("/emails/{id}")).await["last_event"], last);
    }
}

#[tokio::test]
async fn a_body_says_which_mail_to_whom_with_its_tags_and_why() {
    let stage = Stage::open().await;
    let ear = Ear::new(&stage, 0).await;
    let mut body = with("tags", json!([{ "name": "tenant", "value": "ten_1" }]));
    body["to"] = json!(["ann@a.example", "bounced@resend.dev"]);
    body["headers"] = json!({ "X-A": "1" });
    let id = stage.sent(&body).await;
    let heard = ear.heard(3).await;
    let data = |at: usize| heard[at].1["data"].clone();
    assert_eq!((&data(0)["to"], &data(1)["to"]), (&body["to"], &json!(["ann@a.example"])));
    let bounce = data(2);
    assert_eq!((&bounce["email_id"], &bounce["to"]), (&json!(id), &json!(["bounced@resend.dev"])));
    assert_eq!((&bounce["from"], &bounce["subject"]), (&body["from"], &body["subject"]));
    assert_eq!(bounce["tags"], json!({ "tenant": "ten_1" }));
    assert_eq!(bounce["headers"], json!([{ "name": "X-A", "value": "1" }]));
    assert_eq!((&bounce["bounce"]["type"], &bounce["bounce"]["subType"]), (&json!("Permanent"), &json!("General")));
    assert!(bounce["bounce"]["message"].is_string() && bounce["bounce"]["diagnosticCode"].is_array());
    assert!(heard.iter().all(|(_, body)| body["created_at"].as_str().unwrap().ends_with('Z')));
    assert!(data(0).get("bounce").is_none());
}

#[tokio::test]
async fn with_several_recipients_the_worst_news_comes_last_and_stays() {
    let stage = Stage::open().await;
    let ear = Ear::new(&stage, 0).await;
    let id = stage.sent(&with("to", json!(["suppressed@resend.dev", "bounced@resend.dev", "ann@a.example"]))).await;
    let types = ["email.sent", "email.delivered", "email.bounced", "email.suppressed"];
    assert_eq!(ear.types(4).await, types);
    assert_eq!(ear.heard(4).await[0].1["data"]["to"], json!(["ann@a.example", "bounced@resend.dev"]));
    assert_eq!(stage.get(&format!("/emails/{id}")).await["last_event"], "suppressed");
}

#[tokio::test]
async fn a_rule_decides_the_fate_and_later_news_can_be_told() {
    let stage = Stage::open().await;
    let ear = Ear::new(&stage, 0).await;
    stage.resend.misbehave(1, [Rule::on_sending(Fault::Fate(Fate::Delayed)).to("slow@")]);
    let id = stage.sent(&mail("slow@a.example")).await;
    assert_eq!(ear.types(2).await, ["email.sent", "email.delivery_delayed"]);
    assert!(stage.resend.emit(&id, Fate::BouncedSoft));
    let heard = ear.heard(3).await;
    assert_eq!(heard[2].1["data"]["bounce"]["type"], "Transient");
    assert_eq!(stage.get(&format!("/emails/{id}")).await["last_event"], "bounced");
    assert!(!stage.resend.emit("none", Fate::Delivered));
}

#[tokio::test]
async fn webhooks_come_twice_backwards_late_or_never() {
    let stage = Stage::open().await;
    let ear = Ear::new(&stage, 0).await;
    let rule = |delivery, to| Rule::on_sending(Fault::Webhooks(delivery)).to(to);
    stage.resend.misbehave(
        1,
        [
            rule(Delivery::Twice, "twice@"),
            rule(Delivery::Reversed, "back@"),
            rule(Delivery::Held, "late@"),
            rule(Delivery::Lost, "lost@"),
        ],
    );
    stage.sent(&mail("twice@a.example")).await;
    let heard = ear.heard(4).await;
    assert_eq!(ear.types(4).await, ["email.sent", "email.sent", "email.delivered", "email.delivered"]);
    assert!(heard[0] == heard[1] && heard[2] == heard[3] && heard[1].0 != heard[2].0);

    stage.sent(&mail("back@a.example")).await;
    assert_eq!(ear.types(6).await[4..], ["email.delivered", "email.sent"]);

    let late = stage.sent(&mail("late@a.example")).await;
    let lost = stage.sent(&mail("lost@a.example")).await;
    stage.sent(&mail("ann@a.example")).await;
    let on_time = ear.heard(8).await;
    assert!(on_time.iter().all(|(_, body)| ![&json!(late), &json!(lost)].contains(&&body["data"]["email_id"])));
    for id in [&late, &lost] {
        assert_eq!(stage.get(&format!("/emails/{id}")).await["last_event"], "delivered");
    }
    stage.resend.release();
    assert!(ear.heard(10).await[8..].iter().all(|(_, body)| body["data"]["email_id"] == late.as_str()));
}

#[tokio::test]
async fn an_endpoint_that_fails_is_tried_again_with_the_same_event() {
    let webhook_retries = vec![Duration::from_millis(10); 3];
    let stage = Stage::new(Options { any_domain: true, webhook_retries, ..Options::default() }).await;
    let ear = Ear::new(&stage, 2).await;
    stage.resend.misbehave(1, [Rule::on(Route::Send, Fault::Fate(Fate::Suppressed))]);
    stage.sent(&mail("ann@a.example")).await;
    assert_eq!(ear.types(1).await, ["email.suppressed"]);
    assert!(stage.resend.wait_for_webhooks(1, PATIENCE).await);
    assert_eq!(stage.resend.webhooks_delivered(), 1);
}

#[tokio::test]
async fn a_scheduled_mail_is_told_of_and_nothing_goes_where_nobody_listens() {
    let stage = Stage::open().await;
    stage.sent(&mail("ann@a.example")).await;
    let ear = Ear::new(&stage, 0).await;
    let id = stage.sent(&with("scheduled_at", json!("2100-01-01T00:00:00Z"))).await;
    assert_eq!(ear.types(1).await, ["email.scheduled"]);
    stage.call(Method::POST, &format!("/emails/{id}/cancel"), &json!(null)).await;
    stage.resend.send_webhooks_to(None);
    stage.sent(&mail("ann@a.example")).await;
    stage.resend.send_webhooks_to(Some(&ear.url));
    let last = stage.sent(&mail("suppressed@resend.dev")).await;
    let heard = ear.heard(2).await;
    assert_eq!((heard.len(), &heard[1].1["data"]["email_id"]), (2, &json!(last)));
}

#[tokio::test]
async fn a_secret_that_is_none_is_refused_at_start() {
    let options = Options { webhook_secret: Some("open sesame".to_owned()), ..Options::default() };
    let error = tenantry_standins::resend::Resend::start(options).await.unwrap_err();
    assert!(error.to_string().contains("whsec_") && !error.to_string().contains("sesame"));
}
