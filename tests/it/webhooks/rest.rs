//! An endpoint that keeps whoever calls it waiting, so that others have to wait for their turn.

use std::time::Duration;

use serde_json::json;
use tenantry_fetch::Guarded;
use tenantry_store::webhooks::probe;
use tenantry_tests::domains::by_hand::How;
use time::OffsetDateTime;

use super::{
    deliver::{work, worker},
    *,
};

/// Longer than an endpoint may take to refuse something.
const SLOW: Duration = Duration::from_millis(5_200);
/// Longer than it is left alone, and than those that were put off wait.
const AFTERWARDS: Duration = Duration::from_secs(70);

async fn resting_until(scene: &Scene) -> Option<OffsetDateTime> {
    sqlx::query_scalar("select resting_until from webhook_endpoints").fetch_one(&scene.stack.sql).await.unwrap()
}

#[tokio::test]
async fn an_endpoint_that_keeps_others_waiting_is_left_alone_but_for_one_try_at_a_time() {
    let receiver = Receiver::start(&[Does::IsSilent]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        scene.happens("tenant.changed").await;
        runs.push(scene.last(&endpoint).await);
    }
    let patient = worker(&scene, Guarded::with_loopback().unwrap(), SLOW).await;
    work(&scene, runs[0], &patient).await;
    assert_eq!((receiver.seen().len(), resting_until(&scene).await.is_some()), (1, true));

    // The others are put off without a try, and say why.
    for run in &runs[1..] {
        work(&scene, *run, &patient).await;
        let shown = scene.delivery(*run).await;
        assert_eq!((&shown["status"], &shown["attempts"], &shown["log"]), (&json!("pending"), &json!(0), &json!([])));
        assert!(shown["reason"].as_str().unwrap().contains("left alone"), "{shown}");
    }
    assert_eq!(receiver.seen().len(), 1);
    // A person's wish is not, and its failure changes nothing.
    receiver.does(Does::Answers(500));
    let before = resting_until(&scene).await;
    let test = scene.admin.post(&scene.path(&format!("webhook-endpoints/{}/test", endpoint.id)), json!({})).await;
    scene.stack.play(run_of(&test.body), "waiting", How::Alone).await;
    assert_eq!((receiver.seen().len(), resting_until(&scene).await), (2, before));

    // Nor is a delivery that a person tries again now, which is a try; of many that are sent again at once each waits its turn.
    let retried = format!("/v1/runs/{}/retry", runs[2]);
    assert_eq!(Caller::operator(&scene.stack).post(&retried, json!({})).await.body["hinted"], 1);
    work(&scene, runs[2], &patient).await;
    assert_eq!((scene.delivery(runs[2]).await["attempts"].as_i64(), receiver.seen().len()), (Some(1), 3));
    sqlx::query("update webhook_endpoints set resting_until = $1")
        .bind(before)
        .execute(&scene.stack.sql)
        .await
        .unwrap();

    // When the rest is over, one of many that ask at once is let through, and the others wait on.
    scene.stack.pass(AFTERWARDS);
    let (db, id) = (scene.stack.db(), endpoint.id.parse().unwrap());
    let asked =
        (0..8).map(|_| async { probe(&mut db.connection().await.unwrap(), id, db.clock().now()).await.unwrap() });
    let let_through = futures::future::join_all(asked).await.into_iter().filter(|taken| *taken).count();
    assert_eq!(let_through, 1);
    scene.stack.fire().await;
    work(&scene, runs[1], &patient).await;
    assert_eq!((scene.delivery(runs[1]).await["attempts"].as_i64(), receiver.seen().len()), (Some(0), 3));

    // It answers again: whoever tries it first ends its rest, and all of them arrive, each after one try that was taken.
    receiver.does(Does::Answers(200));
    scene.stack.pass(AFTERWARDS);
    for run in &runs {
        scene.stack.play(*run, "delivered", How::Alone).await;
    }
    assert_eq!(resting_until(&scene).await, None);
    for (run, tries) in runs.iter().zip([2, 1, 2]) {
        let shown = scene.delivery(*run).await;
        assert_eq!((&shown["attempts"], &shown["reason"]), (&json!(tries), &json!(null)), "{shown}");
    }
}

#[tokio::test]
async fn one_that_refuses_at_once_is_not_left_alone_and_another_place_begins_anew() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    for _ in 0..2 {
        scene.happens("tenant.changed").await;
        scene.stack.play(scene.last(&endpoint).await, "waiting", How::Alone).await;
    }
    assert_eq!((receiver.seen().len(), resting_until(&scene).await), (2, None));

    let rests = "update webhook_endpoints set resting_until = now() + interval '10 years'";
    sqlx::query(rests).execute(&scene.stack.sql).await.unwrap();
    assert_eq!(scene.change(&endpoint, json!({ "description": "billing" })).await.status, 200);
    assert!(resting_until(&scene).await.is_some());
    let other = Receiver::start(&[Does::Answers(200)]).await;
    assert_eq!(scene.change(&endpoint, json!({ "url": other.url() })).await.status, 200);
    assert_eq!(resting_until(&scene).await, None);
}

#[tokio::test]
async fn what_many_replays_find_silent_is_left_alone_too_and_a_single_one_is_not_held_up() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    let since = scene.stack.db().clock().now();
    for _ in 0..3 {
        scene.happens("tenant.changed").await;
        let run = scene.last(&endpoint).await;
        let got = Caller::operator(&scene.stack).post(&format!("/v1/runs/{run}/cancel"), json!({})).await;
        assert_eq!((got.status, scene.stack.run(run).await.state.as_str()), (200, "dropped"), "{got:?}");
    }
    let tries = receiver.seen().len();
    receiver.does(Does::IsSilent);
    let since = since.format(&time::format_description::well_known::Rfc3339).unwrap();
    let path = scene.path(&format!("webhook-endpoints/{}/replay", endpoint.id));
    let got = scene.admin.post(&path, json!({ "since": since })).await;
    assert_eq!(got.status, 202, "{got:?}");
    let replays: Vec<_> = scene.deliveries(&endpoint).await[..3].iter().map(run_of).collect();
    let patient = worker(&scene, Guarded::with_loopback().unwrap(), SLOW).await;
    for run in &replays {
        work(&scene, *run, &patient).await;
    }
    assert_eq!((receiver.seen().len() - tries, resting_until(&scene).await.is_some()), (1, true));
    assert_eq!(scene.endpoint(&endpoint).await["status"], "enabled");
}
