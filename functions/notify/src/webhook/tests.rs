#![allow(clippy::unwrap_used)]
use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use tenantry_model::{CommandId, RunId};
use tokio::net::TcpListener;

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Delivery = (HeaderMap, Bytes);

/// What came, and the answers to give, the last one for ever.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<(Vec<Delivery>, Vec<u16>)>>);

impl Seen {
    fn deliveries(&self) -> Vec<Delivery> {
        self.0.lock().unwrap().0.clone()
    }
}

async fn take(State(seen): State<Seen>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let (deliveries, answers) = &mut *seen.0.lock().unwrap();
    deliveries.push((headers, body));
    let status = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
    (StatusCode::from_u16(status).unwrap(), [("location", "/elsewhere")])
}

/// An endpoint that answers with these, and what it sees.
async fn endpoint(answers: &[u16]) -> (Endpoint, Seen) {
    let seen = Seen::default();
    seen.0.lock().unwrap().1 = answers.to_vec();
    let routes = Router::new().route("/hook", post(take)).route("/elsewhere", post(take)).with_state(seen.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (Endpoint::new(&LifecycleWebhook { url, secret: SECRET.into() }).unwrap(), seen)
}

fn job() -> Job {
    Job { run: RunId::new(), tenant: None, command: CommandId::new(), attempt: 1, now: OffsetDateTime::now_utc() }
}

#[tokio::test]
async fn a_delivery_is_signed_as_the_reference_library_checks_it() {
    let (endpoint, seen) = endpoint(&[204]).await;
    let job = job();
    endpoint.call(&job, "email_domain.verified", &json!({ "domain": "mail.acme.test" })).await.unwrap();
    let [(headers, body)] = &seen.deliveries()[..] else { panic!("one delivery") };
    standardwebhooks::Webhook::new(SECRET).unwrap().verify(body, headers).unwrap();
    let other = standardwebhooks::Webhook::new("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    assert!(other.verify(body, headers).is_err());
    assert_eq!(headers["webhook-id"], job.command.to_string());
    assert_eq!(headers["content-type"], "application/json");

    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!((&body["type"], &body["data"]["domain"]), (&json!("email_domain.verified"), &json!("mail.acme.test")));
    let at = OffsetDateTime::parse(body["timestamp"].as_str().unwrap(), &Rfc3339).unwrap();
    assert!((job.now - at).abs() < time::Duration::SECOND, "{at} and {}", job.now);
}

#[tokio::test]
async fn a_later_try_is_the_same_delivery() {
    let (endpoint, seen) = endpoint(&[500, 200]).await;
    let first = job();
    assert!(endpoint.call(&first, "tenant.created", &json!({})).await.is_err());
    let later = Job { attempt: 2, now: first.now + time::Duration::seconds(90), ..first };
    endpoint.call(&later, "tenant.created", &json!({})).await.unwrap();
    let [(first, first_body), (second, second_body)] = &seen.deliveries()[..] else { panic!("two deliveries") };
    assert_eq!((&first["webhook-id"], first_body), (&second["webhook-id"], second_body));
    assert_ne!(first["webhook-timestamp"], second["webhook-timestamp"]);
    assert_ne!(first["webhook-signature"], second["webhook-signature"]);
}

#[tokio::test]
async fn whatever_is_not_2xx_may_be_tried_again_and_a_redirect_is_not_followed() {
    for (status, class) in [
        (307, ErrorClass::InternalError),
        (400, ErrorClass::InternalError),
        (410, ErrorClass::InternalError),
        (429, ErrorClass::RateLimited),
        (503, ErrorClass::InternalError),
    ] {
        let (endpoint, seen) = endpoint(&[status]).await;
        let fault = endpoint.call(&job(), "tenant.created", &json!({})).await.unwrap_err();
        assert_eq!((fault.class, fault.class.retryable()), (class, tenantry_model::Retryable::Yes));
        assert!(fault.message.contains(&status.to_string()), "{fault}");
        assert_eq!(seen.deliveries().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_a_fault_that_names_the_setting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let endpoint = Endpoint::new(&LifecycleWebhook { url, secret: SECRET.into() }).unwrap();
    let fault = endpoint.call(&job(), "tenant.created", &json!({})).await.unwrap_err();
    assert!(fault.class == ErrorClass::TimeoutError && fault.message.contains("LIFECYCLE_WEBHOOK_URL"), "{fault}");
}

#[test]
fn a_secret_that_is_none_is_refused_and_not_shown() {
    let url: Url = "https://example.com/".parse().unwrap();
    let error = Endpoint::new(&LifecycleWebhook { url, secret: "hunter2".into() }).unwrap_err();
    assert_eq!(error.setting(), "LIFECYCLE_WEBHOOK_SECRET");
    assert!(error.to_string().contains("whsec_") && !error.to_string().contains("hunter2"), "{error}");
}
