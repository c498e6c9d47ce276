//! Sending domains: every change is an ensure.

use serde_json::{Value, json};
use tenantry_model::ErrorClass;
use tenantry_provider::{DomainStatus, NewDomain, Provider};

use crate::resend::{
    assert_fit_for_people, impatient, resend,
    server::{Act, Server, error, ok},
};

fn domain(status: &str) -> Value {
    json!({
        "object": "domain", "id": "d-1", "name": "mail.example.com", "status": status, "region": "eu-west-1",
        "created_at": "2023-04-03 22:13:42.674981+00",
        "records": [
            {"record": "SPF", "name": "send.mail", "type": "MX", "ttl": "Auto", "status": "verified",
             "value": "feedback-smtp.eu-west-1.amazonses.com", "priority": 10},
            {"record": "DKIM", "name": "resend._domainkey.mail", "type": "TXT", "ttl": "3600",
             "status": "temporary_failure", "value": "p=MIGf"},
        ],
    })
}

const TAKEN: (u16, &str, &str) = (403, "validation_error", "The mail.example.com domain has been registered already.");

#[tokio::test]
async fn a_domain_comes_with_records_that_can_be_set() {
    let server = Server::start(vec![Act::Answer(201, "", domain("not_started"))]).await;
    let resend = resend(&server);
    let new = NewDomain {
        region: Some("eu-west-1".into()),
        return_path: Some("bounce".into()),
        enforce_tls: true,
        ..NewDomain::new("mail.example.com")
    };
    let made = resend.domains().unwrap().create(&new).await.unwrap();
    assert_eq!((made.id.as_str(), made.status), ("d-1", DomainStatus::NotStarted));
    let (mx, dkim) = (&made.records[0], &made.records[1]);
    assert_eq!((mx.name.as_str(), mx.priority, mx.ttl), ("send.mail.example.com", Some(10), None));
    assert_eq!((dkim.name.as_str(), dkim.ttl), ("resend._domainkey.mail.example.com", Some(3600)));
    assert_eq!((mx.status, dkim.status), (DomainStatus::Verified, DomainStatus::Pending));
    let request = server.finish().await.remove(0);
    assert_eq!(request.line, "POST /domains HTTP/1.1");
    let body = json!({
        "name": "mail.example.com", "region": "eu-west-1", "custom_return_path": "bounce",
        "open_tracking": false, "click_tracking": false, "tls": "enforced",
    });
    assert_eq!(request.body, body);
}

#[tokio::test]
async fn a_domain_that_we_have_already_is_found_on_whatever_page() {
    let page = |name: &str, id: &str, more: bool| {
        let item = json!({"id": id, "name": name, "status": "pending", "region": "us-east-1"});
        ok(json!({"object": "list", "has_more": more, "data": [item]}))
    };
    let (status, name, message) = TAKEN;
    let server = Server::start(vec![
        error(status, name, message),
        page("other.example", "d-0", true),
        page("mail.example.com", "d-1", true),
        ok(domain("pending")),
    ])
    .await;
    let resend = resend(&server);
    let found = resend.domains().unwrap().create(&NewDomain::new("mail.example.com")).await.unwrap();
    assert_eq!((found.id.as_str(), found.records.len()), ("d-1", 2));
    let lines: Vec<_> = server.finish().await.into_iter().map(|request| request.line).collect();
    assert_eq!(lines[1], "GET /domains?limit=100 HTTP/1.1");
    assert_eq!(lines[2], "GET /domains?limit=100&after=d-0 HTTP/1.1");
    assert_eq!(lines[3], "GET /domains/d-1 HTTP/1.1");
}

fn page(items: &[(&str, &str)], more: bool) -> Act {
    let item = |(id, name): &(&str, &str)| json!({"id": id, "name": name, "status": "verified", "region": "us-east-1"});
    let data: Vec<Value> = items.iter().map(item).collect();
    ok(json!({"object": "list", "has_more": more, "data": data}))
}

#[tokio::test]
async fn the_list_has_every_page() {
    let pages = vec![page(&[("d-2", "b.example"), ("d-1", "A.example")], true), page(&[("d-0", "c.example")], false)];
    let server = Server::start(pages).await;
    let listed = resend(&server).domains().unwrap().list().await.unwrap();
    let seen: Vec<_> = listed.iter().map(|domain| (domain.id.as_str(), domain.name.as_str(), domain.status)).collect();
    let verified = DomainStatus::Verified;
    assert_eq!(seen, [("d-2", "b.example", verified), ("d-1", "a.example", verified), ("d-0", "c.example", verified)]);
    assert!(listed.iter().all(|domain| domain.records.is_empty()));
    let lines: Vec<_> = server.finish().await.into_iter().map(|request| request.line).collect();
    assert_eq!(lines, ["GET /domains?limit=100 HTTP/1.1", "GET /domains?limit=100&after=d-1 HTTP/1.1"]);
}

#[tokio::test]
async fn a_list_that_breaks_off_is_no_list() {
    let gone = || error(422, "invalid_parameter", "The domain to go on after does not exist.");
    for (act, class) in [
        (gone(), ErrorClass::EmailError),
        (error(429, "rate_limit_exceeded", "no"), ErrorClass::RateLimited),
        (error(401, "restricted_api_key", "no"), ErrorClass::AccountRefused),
    ] {
        let server = Server::start(vec![page(&[("d-1", "a.example")], true), act]).await;
        let fault = resend(&server).domains().unwrap().list().await.unwrap_err();
        assert_eq!(fault.class, class, "{fault}");
        assert_fit_for_people(&fault);
        server.finish().await;
    }
    let server = Server::start(vec![gone()]).await;
    let fault = resend(&server).domains().unwrap().list().await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::ValidationError, "without a page before it nothing has changed");
    server.finish().await;
}

#[tokio::test]
async fn a_domain_that_vanishes_while_it_is_found_again_may_be_created_later() {
    let (status, name, message) = TAKEN;
    let acts = vec![
        error(status, name, message),
        page(&[("d-1", "mail.example.com")], false),
        error(404, "not_found", "Domain not found"),
    ];
    let server = Server::start(acts).await;
    let resend = resend(&server);
    let fault = resend.domains().unwrap().create(&NewDomain::new("mail.example.com")).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::EmailError, "{fault}");
    assert_fit_for_people(&fault);
    server.finish().await;
}

#[tokio::test]
async fn a_domain_of_somebody_elses_account_is_a_duplicate() {
    let (status, name, message) = TAKEN;
    let none = ok(json!({"object": "list", "has_more": false, "data": []}));
    let server = Server::start(vec![error(status, name, message), none]).await;
    let resend = resend(&server);
    let fault = resend.domains().unwrap().create(&NewDomain::new("mail.example.com")).await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::DuplicateError);
    assert!(fault.message.contains("another account; remove it from that account"), "{fault}");
    assert!(!fault.message.contains("provider") && !fault.message.contains("403"), "{fault}");
    assert_fit_for_people(&fault);
    server.finish().await;
}

#[tokio::test]
async fn every_failure_of_a_change_has_its_class() {
    for (act, class) in [
        (
            error(403, "validation_error", "Your plan includes 1 domain. Upgrade to add more."),
            ErrorClass::AccountRefused,
        ),
        (error(422, "invalid_region", "no such region"), ErrorClass::ValidationError),
        (error(401, "restricted_api_key", "may only send"), ErrorClass::AccountRefused),
        (error(429, "rate_limit_exceeded", "no"), ErrorClass::RateLimited),
        (error(500, "application_error", "no"), ErrorClass::EmailError),
        (Act::Reset, ErrorClass::EmailError),
        (Act::Hang, ErrorClass::TimeoutError),
    ] {
        let server = Server::start(vec![act]).await;
        let resend = impatient(&server);
        let fault = resend.domains().unwrap().create(&NewDomain::new("mail.example.com")).await.unwrap_err();
        assert_eq!(fault.class, class, "{fault}");
        assert_fit_for_people(&fault);
        server.finish().await;
    }
}

#[tokio::test]
async fn what_is_verified_is_never_verified_again() {
    let server = Server::start(vec![ok(domain("verified"))]).await;
    resend(&server).domains().unwrap().verify("d-1").await.unwrap();
    assert_eq!(server.finish().await.len(), 1);
    let server = Server::start(vec![ok(domain("failed")), ok(json!({"object": "domain", "id": "d-1"}))]).await;
    resend(&server).domains().unwrap().verify("d-1").await.unwrap();
    assert_eq!(server.finish().await[1].line, "POST /domains/d-1/verify HTTP/1.1");
}

#[tokio::test]
async fn a_word_that_is_new_means_pending() {
    for (word, status) in [("verified", DomainStatus::Verified), ("resting", DomainStatus::Pending)] {
        let server = Server::start(vec![ok(domain(word))]).await;
        let seen = resend(&server).domains().unwrap().get("d-1").await.unwrap().unwrap();
        assert_eq!(seen.status, status);
        server.finish().await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_no_error() {
    let gone = || error(404, "not_found", "Domain not found");
    let server = Server::start(vec![gone(), gone(), gone()]).await;
    let resend = resend(&server);
    let domains = resend.domains().unwrap();
    assert_eq!(domains.get("d-1").await.unwrap(), None);
    domains.delete("d-1").await.unwrap();
    assert_eq!(domains.verify("d-1").await.unwrap_err().class, ErrorClass::ValidationError);
    server.finish().await;
}
