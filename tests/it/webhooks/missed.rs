//! What an endpoint has missed, and what is not kept for ever.

use std::time::Duration;

use tenantry_tests::domains::by_hand::How;
use time::format_description::well_known::Rfc3339;

use super::*;

#[tokio::test]
async fn what_was_missed_is_sent_once_when_it_is_asked_for() {
    let receiver = Receiver::start(&[Does::Answers(200)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.changed", "tenant.resumed"])).await;
    scene.happens("tenant.changed").await;
    let taken = scene.last(&endpoint).await;
    scene.stack.play(taken, "delivered", How::Alone).await;
    let now = || scene.stack.db().clock().now();
    scene.stack.pass(Duration::from_secs(60));
    let early = scene.happens("tenant.changed").await;
    scene.stack.play(scene.last(&endpoint).await, "delivered", How::Alone).await;

    assert_eq!(scene.change(&endpoint, json!({ "status": "disabled" })).await.status, 200);
    let since = now();
    scene.stack.pass(Duration::from_secs(60));
    let missed = [scene.happens("tenant.changed").await, scene.happens("tenant.resumed").await];
    scene.happens("tenant.created").await;
    let path = scene.path(&format!("webhook-endpoints/{}/replay", endpoint.id));
    let wish = json!({ "since": since.format(&Rfc3339).unwrap() });
    let refused = scene.admin.post(&path, wish.clone()).await;
    assert_eq!(refused.problem(), (409, "webhook_disabled"));
    assert_eq!(scene.change(&endpoint, json!({ "status": "enabled" })).await.status, 200);

    let got = scene.admin.post(&path, wish.clone()).await;
    assert_eq!((got.status, &got.body), (202, &json!({ "deliveries": 2, "more": false })));
    for delivery in scene.deliveries(&endpoint).await.iter().filter(|one| one["status"] == "pending") {
        scene.stack.play(run_of(delivery), "delivered", How::Alone).await;
    }
    let mut came: Vec<String> = receiver.seen()[2..].iter().map(|delivery| delivery.id().to_owned()).collect();
    came.sort_unstable();
    assert_eq!(came, missed.map(|id| id.to_string()));
    assert!(!came.contains(&early.to_string()));

    let again = scene.admin.post(&path, wish).await;
    assert_eq!(again.body["deliveries"], 0, "what it has taken is not sent again");
    let long_ago = json!({ "since": "2020-01-01T00:00:00Z" });
    assert_eq!(scene.admin.post(&path, long_ago).await.pointers(), ["/since"]);
}

#[tokio::test]
async fn the_words_of_an_event_are_kept_for_thirty_days() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "failed", How::Alone).await;
    let replay = scene.path(&format!("webhook-deliveries/{}/replay", WebhookDeliveryId(run.0)));
    scene.stack.pass(Duration::from_secs(26 * 86_400));
    scene.stack.fire().await;
    assert!(scene.delivery(run).await["body"].is_object());
    let last = scene.admin.post(&replay, json!({})).await;
    scene.stack.pass(Duration::from_secs(2 * 86_400));
    scene.stack.fire().await;
    let shown = scene.delivery(run).await;
    assert_eq!((&shown["body"], &shown["status"], &shown["attempts"]), (&json!(null), &json!("failed"), &json!(10)));
    assert_eq!(scene.admin.post(&replay, json!({})).await.problem(), (410, "webhook_event_erased"));
    scene.stack.play(run_of(&last.body), "dropped", How::Alone).await;

    // A quarter of a year later nobody looks up what became of it; what was sent again later can be looked up for longer.
    let rows = async || {
        scene.stack.fire().await;
        let count = async |table: &str| scene.stack.count(table).await;
        [count("webhook_deliveries").await, count("webhook_attempts").await, count("webhook_events").await]
    };
    let before = rows().await;
    assert!(before[0] == 2 && before[1] >= 10 && before[2] == 1, "{before:?}");
    scene.stack.pass(Duration::from_secs(65 * 86_400));
    let after = rows().await;
    assert_eq!((after[0], after[1], after[2]), (1, before[1] - 10, 1));
    scene.stack.pass(Duration::from_secs(26 * 86_400));
    assert_eq!(rows().await, [0, 0, 0]);
    assert_eq!(scene.stack.run(run).await.status, "failed", "histories stay");
}
