//! What the layers do without a database.
#![allow(clippy::unwrap_used)]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{
    Extension, Router,
    body::Body,
    http::{Request, Response},
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tenantry_fetch::Guarded;
use tenantry_model::Role;
use tenantry_outbox::{Account, Accounts, Outbox, Patterns, Unsubscribe};
use tenantry_provider::Discard;
use tenantry_runtime::config::{Environment, Reader};
use tenantry_secrets::Sealer;
use tenantry_store::{
    Clock, Db, DbOptions, DbRole,
    runs::{Hint, LaneLimits},
};
use tower::ServiceExt as _;

use crate::{
    ApiState, DomainState, Limits, MailState, Onboarding,
    auth::{OidcOptions, Principal, Trusted, Verifier, authenticate},
    http::{catch_panic, observe},
    router,
};

struct Nowhere;

#[async_trait]
impl tenantry_runtime::Hints for Nowhere {
    async fn send(&self, _: Vec<Hint>) {}
}

/// An API whose database does not answer.
fn api() -> Router {
    router(state())
}

fn state() -> ApiState {
    let verifier = Verifier::new(OidcOptions::new("https://issuer.invalid", "api"), Clock::default()).unwrap();
    let nobody_listens = DbOptions {
        url: "postgres://nobody@127.0.0.1:1/nothing".to_owned().into(),
        max_connections: 1,
        patience: Duration::from_secs(1),
        role: DbRole::Api,
        hint_patience: Duration::from_secs(60),
    };
    let sealer = Sealer::new(&"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned().into()).unwrap();
    ApiState {
        db: Db::new(&nobody_listens, Clock::default()).unwrap(),
        hints: Arc::new(Nowhere),
        verifier: Arc::new(verifier),
        mail: mail(&sealer),
        events: crate::EventState::default(),
        domains: domains(&sealer),
        portal: crate::PortalState { platform: Vec::new(), test_names: false, confirm: Duration::from_secs(300) },
        webhooks: Guarded::new().unwrap(),
        sealer,
        limits: Limits { body: 1000, ..Limits::default() },
        onboarding: Onboarding::default(),
    }
}

fn domains(sealer: &Sealer) -> DomainState {
    let mut read = Reader::new(Environment::new(|name| (name == "EDITION").then(|| "enterprise".to_owned())));
    DomainState::configured(&mut read, &mail(sealer), sealer)
}

fn mail(sealer: &Sealer) -> MailState {
    let retention = Duration::from_secs(86_400);
    MailState {
        enabled: true,
        outbox: Outbox::new(sealer.clone(), tenantry_mail::Limits::default(), retention),
        patterns: Patterns { subdomain: "{tenant}.example.com".to_owned() },
        accounts: Accounts(vec![Account { provider: Arc::new(Discard), fallback: false, default_domain: None }]),
        patience: Duration::ZERO,
        lanes: LaneLimits { per_minute: None, per_day: None },
        retention,
        from: ("platform@example.com".parse().unwrap(), "Tenantry".to_owned()),
        public_url: None,
        unsubscribe: Unsubscribe::new(sealer.clone(), ""),
        fetch: Guarded::new().unwrap(),
    }
}

async fn ask(router: Router, request: Request<Body>) -> (Response<()>, Value) {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), serde_json::from_slice(&bytes).unwrap_or_default())
}

fn get_of(path: &str) -> Request<Body> {
    Request::get(path).header("x-request-id", "test-1").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn an_unknown_path_and_an_unknown_method_are_problems() {
    let (response, body) = ask(api(), get_of("/v2/nothing?secret=1")).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (404, Some("route_not_found")));
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert_eq!((body["request_id"].as_str(), body["instance"].as_str()), (Some("test-1"), Some("/v2/nothing")));
    assert_eq!(response.headers()["x-request-id"], "test-1");

    let request = Request::delete("/v1/tenants").body(Body::empty()).unwrap();
    let (response, body) = ask(api(), request).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (405, Some("method_not_allowed")));
    let allowed = response.headers()["allow"].to_str().unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
}

#[tokio::test]
async fn a_request_without_credentials_is_challenged_before_anything_is_read() {
    let (response, body) = ask(api(), get_of("/v1/tenants?nonsense=1")).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (401, Some("unauthenticated")));
    assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
    let request = Request::get("/v1/me").header("authorization", "Bearer tk_short").body(Body::empty()).unwrap();
    let (response, body) = ask(api(), request).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (401, Some("key_invalid")));
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_refused_first() {
    let large =
        Request::post("/v1/tenants").header("content-length", "1001").body(Body::from(vec![b' '; 1001])).unwrap();
    let (response, body) = ask(api(), large).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (413, Some("body_too_large")));
}

#[tokio::test]
async fn a_body_that_hides_its_length_is_counted_while_it_is_read() {
    let pieces = (0..11).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100]));
    let request = Request::post("/v1/invitations/accept")
        .header("content-type", "application/json")
        .body(Body::from_stream(futures::stream::iter(pieces)))
        .unwrap();
    let (response, body) = ask(api(), request).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (413, Some("body_too_large")));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_503_and_worth_another_try() {
    let (response, body) = ask(api(), get_of("/v1/health")).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (503, Some("database_unavailable")));
    assert_eq!(body["retryable"], true);
    assert!(response.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn the_document_is_served_without_credentials() {
    let (response, body) = ask(api(), get_of("/v1/openapi.json")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(body, serde_json::to_value(crate::openapi()).unwrap());
}

#[tokio::test]
async fn a_panic_is_a_problem_with_the_requests_id() {
    let router = Router::new()
        .route(
            "/",
            get(|| async {
                if true {
                    panic!("a value that is secret")
                }
            }),
        )
        .layer(from_fn(catch_panic))
        .layer(from_fn(observe));
    let (response, body) = ask(router, get_of("/")).await;
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (500, Some("internal_error")));
    assert_eq!(body["request_id"], "test-1");
    assert!(!body.to_string().contains("secret"));
}

#[tokio::test]
async fn who_is_known_in_this_process_needs_no_credentials_and_no_header_says_so() {
    let who = async |Extension(principal): Extension<Principal>| principal.actor();
    let routes = || Router::new().route("/", get(who)).layer(from_fn_with_state(state(), authenticate));
    let operator = Principal::person("ada", None, vec![Role::PlatformOperator]).unwrap();
    let mut request = get_of("/");
    request.extensions_mut().insert(Trusted(operator.clone()));
    // Beside it, credentials are not even looked at.
    request.headers_mut().insert("x-api-key", "tk_invented".parse().unwrap());
    let answer = routes().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "ada");

    let mut request = get_of("/");
    for name in ["trusted", "x-trusted", "principal"] {
        request.headers_mut().insert(name, "ada".parse().unwrap());
    }
    // A principal that the layer has not put there itself does not count either.
    request.extensions_mut().insert(operator);
    assert_eq!(routes().oneshot(request).await.unwrap().status(), 401);
}
