//! One event on its way to one endpoint.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use deliver_webhook::Webhooks;
use serde_json::json;
use tenantry_fetch::Guarded;
use tenantry_kernel::Workflow as _;
use tenantry_runtime::{Function, Hints, Message, Worker, config::Reader};
use tenantry_secrets::Sealer;
use tenantry_store::runs::Hint;
use tenantry_tests::domains::by_hand::How;
use tenantry_workflows::webhook_delivery::{WAITS, WebhookDelivery};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::*;

#[tokio::test]
async fn an_event_is_signed_as_the_reference_library_checks_it() {
    let receiver = Receiver::start(&[Does::Answers(204)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.changed"])).await;
    let event = scene.happens("tenant.changed").await;
    scene.happens("tenant.created").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "delivered", How::Alone).await;

    let [delivery] = &receiver.seen()[..] else { panic!("one delivery: it asks for nothing else") };
    let reference = standardwebhooks::Webhook::new(&endpoint.secret).unwrap();
    reference.verify(delivery.body.as_bytes(), &delivery.headers).unwrap();
    assert!(delivery.is_signed_by(&endpoint.secret));
    assert!(!delivery.is_signed_by("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    assert_eq!((delivery.id(), delivery.path.as_str()), (event.to_string().as_str(), "/hook"));
    for name in ["id", "timestamp", "signature"] {
        assert_eq!(delivery.headers[&format!("svix-{name}")], delivery.headers[&format!("webhook-{name}")]);
    }
    assert_eq!(delivery.headers["content-type"], "application/json");
    assert_eq!(delivery.json()["type"], "tenant.changed");

    let shown = scene.delivery(run).await;
    assert_eq!(
        (&shown["status"], &shown["attempts"], &shown["body"]),
        (&json!("delivered"), &json!(1), &delivery.json())
    );
    assert_eq!((&shown["log"][0]["statusCode"], &shown["log"][0]["error"]), (&json!(204), &json!(null)));
    assert_eq!((&shown["replay"], &shown["type"]), (&json!(false), &json!("tenant.changed")));
    assert_eq!(scene.endpoint(&endpoint).await["health"], "healthy");
}

#[tokio::test]
async fn what_is_not_taken_is_tried_ten_times_by_the_schedule_of_the_standard() {
    let receiver = Receiver::start(&[Does::Answers(500)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    let event = scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "failed", How::Alone).await;

    let seen = receiver.seen();
    assert_eq!(ids(&seen), vec![event.to_string(); 10], "the same event each time");
    assert!(seen.iter().all(|delivery| delivery.is_signed_by(&endpoint.secret) && delivery.body == seen[0].body));
    let shown = scene.delivery(run).await;
    assert_eq!((&shown["status"], &shown["attempts"]), (&json!("failed"), &json!(10)));
    let log = shown["log"].as_array().unwrap();
    let at = |at: usize| OffsetDateTime::parse(log[at]["at"].as_str().unwrap(), &Rfc3339).unwrap();
    for (n, wait) in WAITS.iter().enumerate() {
        let waited = (at(n + 1) - at(n)).as_seconds_f64();
        // A little later by itself, and a moment for whoever works by hand.
        let (least, most) = (*wait as f64, *wait as f64 * 1.1 + 20.0);
        assert!((least..=most).contains(&waited), "try {}: {waited} s after the one before, not {wait}", n + 2);
    }
    for line in log {
        assert_eq!(line["statusCode"], 500);
        assert!(line["error"].as_str().unwrap().contains("500 and not 2xx"), "{line}");
    }
}

#[tokio::test]
async fn a_receiver_that_asks_for_patience_gets_it() {
    let receiver = Receiver::start(&[Does::AsksForPatience(429, 7200), Does::Answers(200)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    scene.happens("tenant.changed").await;
    let (run, before) = (scene.last(&endpoint).await, scene.stack.db().clock().now());
    scene.stack.play(run, "waiting", How::Alone).await;
    let shown = scene.delivery(run).await;
    assert_eq!(shown["status"], "pending");
    let next = OffsetDateTime::parse(shown["nextAttemptAt"].as_str().unwrap(), &Rfc3339).unwrap() - before;
    assert!((7200..8000).contains(&next.whole_seconds()), "{next}");
    scene.stack.play(run, "delivered", How::Alone).await;
    assert_eq!(receiver.seen().len(), 2);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_endless_answer_is_an_answer() {
    let receiver = Receiver::start(&[Does::Redirects, Does::Babbles]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "delivered", How::Alone).await;
    let paths: Vec<String> = receiver.seen().into_iter().map(|delivery| delivery.path).collect();
    assert_eq!(paths, ["/hook", "/hook"]);
    let shown = scene.delivery(run).await;
    assert_eq!(shown["log"][0]["statusCode"], 302);
    assert!(shown["log"][0]["error"].as_str().unwrap().contains("not followed"), "{shown}");
    assert!(!shown.to_string().contains("hello"), "what it says is nobody's to read");
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_nothing_more() {
    let receiver = Receiver::start(&[Does::Answers(410)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.happens("tenant.plan_changed").await;
    let waiting = scene.last(&endpoint).await;
    scene.stack.play(run, "dropped", How::Alone).await;
    let shown = scene.endpoint(&endpoint).await;
    assert_eq!((&shown["status"], &shown["health"]), (&json!("disabled"), &json!("disabled")));
    assert!(shown["disabledReason"].as_str().unwrap().contains("410"), "{shown}");
    assert_eq!(scene.stack.told(run).await, ["WebhookEndpointDisabled"]);
    // What was on its way is dropped, and what happens then is not sent at all.
    scene.stack.play(waiting, "dropped", How::Alone).await;
    scene.happens("tenant.resumed").await;
    assert_eq!((scene.deliveries(&endpoint).await.len(), receiver.seen().len()), (2, 1));
    assert!(scene.delivery(waiting).await["reason"].as_str().unwrap().contains("switched off"));
}

#[tokio::test]
async fn whoever_dies_between_sending_and_writing_it_down_sends_the_same_event_again() {
    let receiver = Receiver::start(&[Does::Dies, Does::Answers(200)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    for how in [How::AfterADeath, How::Twice] {
        scene.happens("tenant.changed").await;
        let run = scene.last(&endpoint).await;
        let before = receiver.seen().len();
        scene.stack.play(run, "delivered", how).await;
        let seen = receiver.seen();
        let mine = ids(&seen[before..]);
        assert!(!mine.is_empty() && mine.iter().all(|id| *id == mine[0]), "{how:?}: {mine:?}");
        let shown = scene.delivery(run).await;
        let taken = shown["log"].as_array().unwrap().iter().filter(|line| line["error"].is_null()).count();
        assert_eq!((&shown["status"], taken), (&json!("delivered"), 1), "{how:?}: {shown}");
    }
    // The one that took it and died before it answered has it twice, by one id.
    assert_eq!(ids(&receiver.seen())[0], ids(&receiver.seen())[1]);
    let unexpected = scene.stack.count("history where outcome = 'unexpected'").await;
    assert_eq!(unexpected, 0);
}

struct Lost;

#[async_trait]
impl Hints for Lost {
    async fn send(&self, _: Vec<Hint>) {}
}

/// A process of the function that reaches what it reaches in a deployment, or this machine too, and waits so long.
pub(super) async fn worker(scene: &Scene, client: Guarded, patience: Duration) -> Worker {
    let mut read = Reader::new(scene.stack.stack.environment.clone());
    let sealer = Sealer::new(&read.secret("SEALING_KEYS").await).unwrap();
    let db = scene.stack.db().clone();
    let webhooks = Webhooks { db: db.clone(), client, sealer, patience };
    Worker::new(Function::new(deliver_webhook::NAME).performs(WebhookDelivery::KIND, webhooks), db, Arc::new(Lost))
}

/// Works the delivery's next command.
pub(super) async fn work(scene: &Scene, run: RunId, worker: &Worker) {
    let open = scene.stack.open(run).await.expect("a try is due");
    worker.handle(&[&Message::new(open.id.into(), None).body()], Instant::now()).await;
}

#[tokio::test]
async fn silence_is_a_failure_after_a_while() {
    let receiver = Receiver::start(&[Does::IsSilent]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    let impatient = worker(&scene, Guarded::with_loopback().unwrap(), Duration::from_millis(300)).await;
    work(&scene, run, &impatient).await;
    let shown = scene.delivery(run).await;
    assert_eq!((&shown["status"], receiver.seen().len()), (&json!("pending"), 1));
    assert_eq!(shown["log"][0]["statusCode"], json!(null));
    assert!(shown["log"][0]["error"].as_str().unwrap().contains("did not answer within 15 seconds"), "{shown}");
    assert!(shown["log"][0]["durationMs"].as_i64().unwrap() >= 300);
}

#[tokio::test]
async fn nothing_that_is_not_public_is_reached_by_what_is_deployed() {
    let receiver = Receiver::start(&[Does::Answers(200)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add("https://hooks.acme.example/", json!(["*"])).await;
    let deployed = worker(&scene, Guarded::new().unwrap(), Duration::from_secs(5)).await;
    let port = receiver.port;
    for (url, words) in [
        (format!("http://127.0.0.1:{port}/hook"), "must begin with https://"),
        (format!("https://127.0.0.1:{port}/hook"), "not on the public Internet"),
        (format!("https://[::1]:{port}/hook"), "not on the public Internet"),
        // Refused when it is resolved, and not before.
        (format!("https://localhost:{port}/hook"), "not on the public Internet"),
        ("https://169.254.169.254/latest/meta-data/".to_owned(), "not on the public Internet"),
    ] {
        let update = "update webhook_endpoints set url = $1";
        sqlx::query(update).bind(&url).execute(&scene.stack.sql).await.unwrap();
        scene.happens("tenant.changed").await;
        let run = scene.last(&endpoint).await;
        work(&scene, run, &deployed).await;
        let shown = scene.delivery(run).await;
        assert!(shown["log"][0]["error"].as_str().unwrap().contains(words), "{url}: {shown}");
    }
    assert_eq!(receiver.seen().len(), 0);
}

#[tokio::test]
async fn a_delivery_that_waits_for_its_next_try_is_tried_when_somebody_retries_its_run() {
    let receiver = Receiver::start(&[Does::Answers(500), Does::Answers(200)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "waiting", How::Alone).await;
    let operator = Caller::operator(&scene.stack);
    let path = format!("/v1/runs/{run}/retry");
    let retry = || operator.post(&path, json!({}));
    let got = retry().await;
    assert_eq!((got.status, &got.body["hinted"]), (200, &json!(1)), "{got:?}");
    assert_eq!(scene.stack.run(run).await.state, "sending");
    // It is under way: there is nothing to hasten but the try itself.
    assert_eq!(retry().await.body["hinted"], 1);
    scene.stack.play(run, "delivered", How::Alone).await;
    assert_eq!((retry().await.problem(), receiver.seen().len()), ((409, "run_ended"), 2));

    // One that is held is left as it is.
    receiver.does(Does::Answers(500));
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "waiting", How::Alone).await;
    let paused = operator.post(&format!("/v1/runs/{run}/pause"), json!({ "reason": "looking" })).await;
    assert_eq!(paused.status, 200, "{paused:?}");
    let got = operator.post(&format!("/v1/runs/{run}/retry"), json!({})).await;
    assert_eq!((got.status, &got.body["hinted"]), (200, &json!(0)), "{got:?}");
    assert_eq!(scene.stack.run(run).await.state, "waiting");
}
