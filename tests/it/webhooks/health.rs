//! Whether an endpoint is well: warned of, switched off, well again.

use std::time::Duration;

use tenantry_tests::domains::by_hand::How;

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

/// Something happens, and it is tried once, with this outcome.
async fn once(scene: &Scene, endpoint: &Endpoint, state: &str) -> RunId {
    scene.happens("tenant.changed").await;
    let run = scene.last(endpoint).await;
    scene.stack.play(run, state, How::Alone).await;
    run
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_is_warned_of_after_three_days_and_switched_off_after_five() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    assert_eq!(scene.endpoint(&endpoint).await["health"], "new");
    let first = once(&scene, &endpoint, "waiting").await;
    let shown = scene.endpoint(&endpoint).await;
    assert_eq!(shown["health"], "failing");
    let since = shown["failingSince"].clone();

    scene.stack.pass(2 * DAY);
    let second = once(&scene, &endpoint, "waiting").await;
    assert_eq!((scene.stack.told(first).await.len(), scene.stack.told(second).await.len()), (0, 0));

    scene.stack.pass(DAY);
    let third = once(&scene, &endpoint, "waiting").await;
    assert_eq!(scene.stack.told(third).await, ["WebhookEndpointFailing"]);
    let fourth = once(&scene, &endpoint, "waiting").await;
    assert_eq!(scene.stack.told(fourth).await.len(), 0, "it is warned of once");
    assert_eq!(scene.endpoint(&endpoint).await["failingSince"], since);

    scene.stack.pass(2 * DAY);
    let fifth = once(&scene, &endpoint, "dropped").await;
    assert_eq!(scene.stack.told(fifth).await, ["WebhookEndpointDisabled"]);
    let shown = scene.endpoint(&endpoint).await;
    assert_eq!((&shown["status"], &shown["health"]), (&json!("disabled"), &json!("disabled")));
    assert!(shown["disabledReason"].as_str().unwrap().contains("5 days"), "{shown}");
    // What waited for its next try is dropped then.
    scene.stack.play(fourth, "dropped", How::Alone).await;
    assert_eq!(receiver.seen().len(), 5);

    // Switched on again, it begins as if it had never failed.
    receiver.does(Does::Answers(200));
    let got = scene.change(&endpoint, json!({ "status": "enabled" })).await;
    assert_eq!((&got.body["health"], &got.body["disabledReason"]), (&json!("new"), &json!(null)), "{got:?}");
    once(&scene, &endpoint, "delivered").await;
    assert_eq!(scene.endpoint(&endpoint).await["health"], "healthy");
}

#[tokio::test]
async fn one_event_that_is_taken_makes_it_well_again() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    once(&scene, &endpoint, "waiting").await;
    scene.stack.pass(4 * DAY);
    receiver.does(Does::Answers(200));
    once(&scene, &endpoint, "delivered").await;
    receiver.does(Does::Answers(500));
    scene.stack.pass(2 * DAY);
    let run = once(&scene, &endpoint, "waiting").await;
    let shown = scene.endpoint(&endpoint).await;
    assert_eq!((&shown["status"], &shown["health"]), (&json!("enabled"), &json!("failing")), "it fails since now");
    assert_eq!(scene.stack.told(run).await.len(), 0);
}

#[tokio::test]
async fn what_people_send_by_hand_cannot_harm_its_health_and_can_mend_it() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.changed"])).await;
    let failed = once(&scene, &endpoint, "waiting").await;
    let before = scene.endpoint(&endpoint).await;
    scene.stack.pass(6 * DAY);

    // Neither does a failure, which would switch it off by now ...
    let test = scene.admin.post(&scene.path(&format!("webhook-endpoints/{}/test", endpoint.id)), json!({})).await;
    assert_eq!((test.status, &test.body["replay"], &test.body["type"]), (202, &json!(true), &json!("webhook.test")));
    scene.stack.play(run_of(&test.body), "waiting", How::Alone).await;
    assert_eq!(scene.endpoint(&endpoint).await, before);
    // ... nor that it wants nothing any more.
    receiver.does(Does::Answers(410));
    let replay = |run: RunId| scene.path(&format!("webhook-deliveries/{}/replay", WebhookDeliveryId(run.0)));
    let again = scene.admin.post(&replay(failed), json!({})).await;
    assert_eq!(again.status, 202, "{again:?}");
    scene.stack.play(run_of(&again.body), "dropped", How::Alone).await;
    assert_eq!(scene.endpoint(&endpoint).await, before);
    // Whoever has mended it tries it by hand, and it is well.
    receiver.does(Does::Answers(200));
    let again = scene.admin.post(&replay(failed), json!({})).await;
    scene.stack.play(run_of(&again.body), "delivered", How::Alone).await;
    let after = scene.endpoint(&endpoint).await;
    assert_eq!((&after["health"], &after["failingSince"]), (&json!("healthy"), &json!(null)), "{after}");
    let seen = receiver.seen();
    assert_eq!(seen[0].id(), seen.last().unwrap().id(), "it is the same event");
    assert!(seen.iter().all(|delivery| delivery.is_signed_by(&endpoint.secret)));
}

#[tokio::test]
async fn at_another_place_an_endpoint_begins_as_if_it_had_never_failed() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.changed"])).await;
    once(&scene, &endpoint, "waiting").await;
    for same in [json!({ "description": "billing" }), json!({ "url": receiver.url() })] {
        let got = scene.change(&endpoint, same).await;
        assert_eq!((got.status, &got.body["health"]), (200, &json!("failing")), "{got:?}");
    }
    scene.stack.pass(6 * DAY);
    let other = Receiver::start(&[Does::Answers(500)]).await;
    let got = scene.change(&endpoint, json!({ "url": other.url() })).await;
    assert_eq!((&got.body["health"], &got.body["failingSince"]), (&json!("new"), &json!(null)), "{got:?}");
    once(&scene, &endpoint, "waiting").await;
    let shown = scene.endpoint(&endpoint).await;
    assert_eq!((&shown["status"], &shown["health"]), (&json!("enabled"), &json!("failing")), "it fails since now");
}

#[tokio::test]
async fn a_tenant_is_written_to_about_an_endpoint_that_takes_nothing() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::with(&[("EDITION", "enterprise")], Run::ALL).await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.changed"])).await;
    for (days, subject) in [
        (3, "Your webhook endpoint at 127.0.0.1 is not answering"),
        (5, "Your webhook endpoint at 127.0.0.1 was switched off"),
    ] {
        let since = scene.stack.db().clock().now() - time::Duration::days(days);
        let update = "update webhook_endpoints set failing_since = $1";
        sqlx::query(update).bind(since).execute(&scene.stack.sql).await.unwrap();
        scene.happens("tenant.changed").await;
        let fits = |mail: &tenantry_standins::smtp::Message| mail.subject() == Some(subject);
        let mail = scene.stack.mail().mailbox().wait_for(fits, Duration::from_secs(25)).await;
        let mail = mail.unwrap_or_else(|| panic!("no mail {subject:?}"));
        assert!(mail.to.iter().any(|to| to == "admin@acme-1.example"), "{:?}", mail.to);
        let text = mail.text().unwrap();
        assert!(text.contains(&endpoint.id) && text.contains("answered 500"), "{text}");
        assert!(!text.contains("/hook"), "a URL may hold a secret: {text}");
    }
}
