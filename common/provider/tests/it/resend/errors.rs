//! Every error of the API, row by row: its class, and words fit for people.

use serde_json::Value;
use tenantry_model::ErrorClass::{
    self, AccountRefused, EmailError, EmailRefused, RateLimited, SenderRefused, UnknownOutcome,
};
use tenantry_provider::Provider;

use crate::resend::{
    assert_fit_for_people, mail, resend,
    server::{Act, Server, error},
};

const ROWS: &[(u16, &str, &str, ErrorClass, &str)] = &[
    (400, "invalid_idempotency_key", "The key must be between 1-256 chars.", EmailRefused, "the key must be between"),
    (400, "validation_error", "We found an error with one or more fields.", EmailRefused, "does not take this"),
    (401, "missing_api_key", "Missing API key in the authorization header.", AccountRefused, "API key"),
    (401, "restricted_api_key", "This API key is restricted to only send emails.", AccountRefused, "more rights"),
    (403, "invalid_api_key", "API key is invalid: re_s3cret_word", AccountRefused, "refuses our API key"),
    (403, "suspended_api_key", "suspended", AccountRefused, "account is suspended"),
    (403, "email_above_quota", "above", AccountRefused, "used up"),
    (
        403,
        "validation_error",
        "The mail.example.com domain is not verified. See resend.com",
        SenderRefused,
        "From domain",
    ),
    (403, "validation_error", "You can only send testing emails to ada@example.com.", SenderRefused, "From domain"),
    (403, "", "", AccountRefused, "403"),
    (404, "not_found", "The requested endpoint does not exist.", AccountRefused, "base URL"),
    (405, "method_not_allowed", "no", AccountRefused, "base URL"),
    (408, "", "", UnknownOutcome, "408"),
    (409, "concurrent_idempotent_requests", "in flight", UnknownOutcome, "still at work"),
    (409, "invalid_idempotent_request", "another body", UnknownOutcome, "another message under the same"),
    (409, "resource_locked", "locked", EmailError, "busy"),
    (413, "", "", EmailRefused, "413"),
    (422, "missing_required_field", "Missing `subject` for ada@example.com", EmailRefused, "Missing `subject` for …@"),
    (422, "invalid_parameter", "no", EmailRefused, "does not take this: no"),
    (422, "invalid_attachment", "no", EmailRefused, "does not take this"),
    (422, "invalid_from_address", "Write to support of Resend", EmailRefused, "does not take this"),
    (422, "invalid_region", "no", EmailRefused, "does not take this"),
    (422, "validation_error", "Invalid `to` field: example.com", EmailRefused, "Invalid `to` field"),
    (429, "rate_limit_exceeded", "Too many requests.", RateLimited, "too often"),
    (429, "", "", RateLimited, "too often"),
    (429, "daily_quota_exceeded", "no", AccountRefused, "of the day"),
    (429, "monthly_quota_exceeded", "no", AccountRefused, "of the month"),
    (500, "application_error", "An unexpected error occurred.", UnknownOutcome, "500"),
    (500, "service_unavailable", "no", UnknownOutcome, "500"),
    (502, "", "", UnknownOutcome, "502"),
    (503, "", "", UnknownOutcome, "503"),
    (302, "", "", UnknownOutcome, "302"),
];

#[tokio::test]
async fn every_error_has_its_class_and_its_words() {
    for (status, name, message, class, words) in ROWS {
        let act = match *name {
            "" => Act::Answer(*status, "location: http://127.0.0.1:1/\r\n", Value::Null),
            name => error(*status, name, message),
        };
        let server = Server::start(vec![act]).await;
        let fault = resend(&server).send(&mail()).await.unwrap_err();
        assert_eq!(fault.class, *class, "{status} {name}: {fault}");
        assert!(fault.message.to_lowercase().contains(&words.to_lowercase()), "{status} {name}: {fault}");
        assert_fit_for_people(&fault);
        server.finish().await;
    }
}

#[tokio::test]
async fn it_is_left_alone_for_as_long_as_it_asks() {
    let rows = [
        ("retry-after: 7\r\nratelimit-reset: 3\r\n", Some(7)),
        ("ratelimit-reset: 3\r\n", Some(3)),
        ("retry-after: 0\r\n", Some(1)),
        ("retry-after: soon\r\n", Some(1)),
        ("", Some(1)),
    ];
    for (headers, wait) in rows {
        let body = serde_json::json!({"statusCode": 429, "name": "rate_limit_exceeded", "message": "no"});
        let server = Server::start(vec![Act::Answer(429, headers, body)]).await;
        let fault = resend(&server).send(&mail()).await.unwrap_err();
        assert_eq!((fault.class, fault.retry_after), (RateLimited, wait), "{headers:?}");
        server.finish().await;
    }
}

#[tokio::test]
async fn a_refusal_whose_explanation_is_torn_is_still_a_refusal() {
    let torn = "HTTP/1.1 422 X\r\ncontent-length: 100\r\n\r\n{\"name\":";
    let server = Server::start(vec![Act::Raw(torn)]).await;
    assert_eq!(resend(&server).send(&mail()).await.unwrap_err().class, EmailRefused);
    server.finish().await;
}
