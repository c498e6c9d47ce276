//! Endpoints by the API: added, shown, changed, deleted; secrets that are shown once.

use std::time::Duration;

use tenantry_tests::domains::by_hand::How;

use super::*;

#[tokio::test]
async fn a_secret_is_shown_once_and_rests_sealed() {
    let scene = Scene::by_hand().await;
    let wanted = json!({ "url": "https://hooks.acme.example/t?token=abc", "description": " billing " });
    let path = scene.path("webhook-endpoints");
    let made = scene.admin.post_once(&path, "one", &wanted).await;
    assert_eq!((made.status, &made.body["description"], &made.body["events"]), (201, &json!("billing"), &json!(["*"])));
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44, "{} characters", secret.len());
    assert_eq!(made.header("location"), format!("{path}/{}", made.body["id"].as_str().unwrap()));

    let again = scene.admin.post_once(&path, "one", &wanted).await;
    assert_eq!((again.status, &again.body["id"], again.body.get("secret")), (201, &made.body["id"], None));
    let endpoint = Endpoint { id: made.body["id"].as_str().unwrap().to_owned(), secret };
    let list = scene.admin.get(&path).await;
    assert_eq!(list.body["data"].as_array().unwrap().len(), 1);
    let stored: String = sqlx::query_scalar(
        "select concat((select string_agg(w::text, ' ') from webhook_endpoints w), (select string_agg(a::text, ' ') from audit a),
                       (select string_agg(i::text, ' ') from idempotency_keys i))",
    )
    .fetch_one(&scene.stack.sql)
    .await
    .unwrap();
    for text in [list.body.to_string(), scene.endpoint(&endpoint).await.to_string(), stored.clone()] {
        assert!(!text.contains(&endpoint.secret) && !text.contains("whsec_"), "{text}");
    }
    let audit = scene.admin.get("/v1/audit").await.body.to_string();
    assert!(audit.contains("webhook_endpoint.add") && audit.contains("hooks.acme.example"), "{audit}");
    assert!(!audit.contains("token=abc"), "a URL may hold a secret, and the log can never be changed: {audit}");
}

#[tokio::test]
async fn everything_that_is_wrong_with_an_endpoint_is_told_at_once() {
    let scene = Scene::with(&[("WEBHOOK_LOOPBACK", "off")], BY_HAND).await;
    let path = scene.path("webhook-endpoints");
    let wrong =
        json!({ "url": "http://hooks.acme.example/", "events": ["tenant.created", "x"], "description": "a\nb" });
    let got = scene.admin.post(&path, wrong).await;
    assert_eq!((got.status, got.pointers()), (422, vec!["/description", "/events/1", "/url"]), "{got:?}");
    for url in [
        "hooks.acme.example",
        "http://127.0.0.1:9000/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "https://user:password@hooks.acme.example/",
        "https://hooks.acme.example:22/",
        "https://hooks.acme.example/#x",
        "ftp://hooks.acme.example/",
    ] {
        let got = scene.admin.post(&path, json!({ "url": url })).await;
        assert_eq!((got.status, got.pointers()), (422, vec!["/url"]), "{url}: {got:?}");
    }
    assert_eq!(scene.stack.count("webhook_endpoints").await, 0);
    let types = scene.admin.get("/v1/webhook-event-types").await;
    let types = types.body["data"].as_array().unwrap();
    assert!(types.len() > 20 && types.iter().all(|one| one["help"].as_str().unwrap().ends_with('.')));
}

#[tokio::test]
async fn a_tenant_has_twenty_endpoints_at_most_and_a_deleted_one_makes_room() {
    let scene = Scene::by_hand().await;
    let path = scene.path("webhook-endpoints");
    let mut first = None;
    for n in 0..20 {
        let endpoint = scene.add(&format!("https://hooks-{n}.acme.example/"), json!(["*"])).await;
        first.get_or_insert(endpoint);
    }
    let more = json!({ "url": "https://hooks.acme.example/" });
    assert_eq!(scene.admin.post(&path, more.clone()).await.problem(), (409, "webhook_limit_reached"));
    let first = format!("{path}/{}", first.unwrap().id);
    for _ in 0..2 {
        let gone = scene.admin.ask(reqwest::Method::DELETE, &first, None, &[]).await;
        assert_eq!(gone.status, 204, "deleted twice is deleted");
    }
    assert_eq!(scene.admin.get(&first).await.problem(), (404, "not_found"));
    assert_eq!(scene.admin.post(&path, more).await.status, 201);
    let secrets = scene.stack.count("webhook_endpoints where deleted_at is not null and secret is not null").await;
    assert_eq!(secrets, 0);
}

#[tokio::test]
async fn a_change_says_which_version_it_changes_and_what_is_on_its_way_goes_to_the_new_place() {
    let (old, new) = (Receiver::start(&[Does::Answers(500)]).await, Receiver::start(&[Does::Answers(200)]).await);
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&old.url(), json!(["tenant.changed"])).await;
    let path = scene.path(&format!("webhook-endpoints/{}", endpoint.id));
    scene.happens("tenant.changed").await;
    let run = scene.last(&endpoint).await;
    scene.stack.play(run, "waiting", How::Alone).await;

    let etag = scene.admin.get(&path).await.header("etag").to_owned();
    let patch = || Some(json!({ "url": new.url(), "events": ["*"] }).to_string().into_bytes());
    let without = scene.admin.ask(reqwest::Method::PATCH, &path, patch(), &[]).await;
    assert_eq!(without.problem(), (428, "precondition_required"));
    let changed = scene.admin.ask(reqwest::Method::PATCH, &path, patch(), &[("if-match", &etag)]).await;
    assert_eq!(
        (changed.status, &changed.body["url"], &changed.body["events"]),
        (200, &json!(new.url()), &json!(["*"]))
    );
    assert_ne!(changed.header("etag"), etag);
    let late = scene.admin.ask(reqwest::Method::PATCH, &path, patch(), &[("if-match", &etag)]).await;
    assert_eq!(late.problem(), (412, "precondition_failed"));

    scene.stack.play(run, "delivered", How::Alone).await;
    assert_eq!((old.seen().len(), new.seen().len()), (1, 1));
    assert_eq!(old.seen()[0].id(), new.seen()[0].id());
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_sign_for_a_day() {
    let receiver = Receiver::start(&[Does::Answers(200)]).await;
    let scene = Scene::by_hand().await;
    let endpoint = scene.add(&receiver.url(), json!(["*"])).await;
    let path = scene.path(&format!("webhook-endpoints/{}/rotate-secret", endpoint.id));
    let rotated = scene.admin.post(&path, json!({})).await;
    let fresh = rotated.body["secret"].as_str().unwrap().to_owned();
    assert!(rotated.status == 200 && fresh != endpoint.secret && rotated.body["previousSecretUntil"].is_string());
    let sent = async || {
        scene.happens("tenant.changed").await;
        scene.stack.play(scene.last(&endpoint).await, "delivered", How::Alone).await;
        receiver.seen().pop().unwrap()
    };
    let both = sent().await;
    assert!(both.is_signed_by(&endpoint.secret) && both.is_signed_by(&fresh));
    assert_eq!(both.headers["webhook-signature"].to_str().unwrap().split(' ').count(), 2);

    scene.stack.pass(Duration::from_secs(86_400));
    let after = sent().await;
    assert!(after.is_signed_by(&fresh) && !after.is_signed_by(&endpoint.secret));
    scene.stack.fire().await;
    assert_eq!(scene.stack.count("webhook_endpoints where previous_secret is not null").await, 0);
    assert_eq!(scene.endpoint(&endpoint).await["previousSecretUntil"], json!(null));
}

#[tokio::test]
async fn a_test_goes_to_an_endpoint_whatever_it_asks_for() {
    let receiver = Receiver::start(&[Does::Answers(200)]).await;
    let scene = Scene::with(&[], Run::ALL).await;
    let endpoint = scene.add(&receiver.url(), json!(["tenant.created"])).await;
    let path = scene.path(&format!("webhook-endpoints/{}/test", endpoint.id));
    let test = scene.admin.post_once(&path, "one", &json!({})).await;
    let again = scene.admin.post_once(&path, "one", &json!({})).await;
    assert_eq!((test.status, &test.body["id"]), (202, &again.body["id"]));
    scene.stack.ends(run_of(&test.body), "completed").await;
    let [delivery] = &receiver.seen()[..] else { panic!("one test") };
    assert!(delivery.is_signed_by(&endpoint.secret));
    assert_eq!(
        (&delivery.json()["type"], &delivery.json()["data"]["endpointId"]),
        (&json!("webhook.test"), &json!(endpoint.id))
    );
}
