//! Identities as sending domains: every change is an ensure.

use serde_json::{Value, json};
use tenantry_model::ErrorClass;
use tenantry_provider::{DomainStatus, NewDomain, Provider};

use crate::{
    assert_fit_for_people,
    server::{Act, Server, ok},
    ses,
};

const NAME: &str = "mail.example.com";
const PATH: &str = "/v2/email/identities/mail.example.com";

fn identity(dkim: &str, mail_from: Option<&str>) -> Value {
    let mut identity = json!({
        "IdentityType": "DOMAIN",
        "VerificationStatus": dkim,
        "VerifiedForSendingStatus": dkim == "SUCCESS",
        "DkimAttributes": {"SigningEnabled": true, "Status": dkim, "Tokens": ["one", "two", "three"]},
    });
    if let Some(status) = mail_from {
        identity["MailFromAttributes"] = json!({
            "MailFromDomain": "bounce.mail.example.com",
            "MailFromDomainStatus": status,
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        });
    }
    identity
}

#[tokio::test]
async fn a_domain_comes_with_its_keys_and_its_way_back() {
    let server = Server::start([
        ok(json!({})),
        ok(identity("PENDING", None)),
        ok(json!({})),
        ok(identity("PENDING", Some("PENDING"))),
    ])
    .await;
    let ses = ses(&server.base).await;
    let made = ses.domains().unwrap().create(&NewDomain::new(NAME)).await.unwrap();
    assert_eq!((made.id.as_str(), made.status), (NAME, DomainStatus::Pending));
    let records: Vec<_> = made.records.iter().map(|r| (r.kind.as_str(), r.name.as_str(), r.value.as_str())).collect();
    let path = "bounce.mail.example.com";
    let expected = [
        ("CNAME", "one._domainkey.mail.example.com", "one.dkim.amazonses.com"),
        ("CNAME", "two._domainkey.mail.example.com", "two.dkim.amazonses.com"),
        ("CNAME", "three._domainkey.mail.example.com", "three.dkim.amazonses.com"),
        ("MX", path, "feedback-smtp.eu-west-1.amazonses.com"),
        ("TXT", path, "v=spf1 include:amazonses.com ~all"),
    ];
    assert_eq!(records, expected);
    assert_eq!(made.records[3].priority, Some(10));
    let requests = server.finish();
    assert_eq!(requests[0], ("POST /v2/email/identities".into(), json!({"EmailIdentity": NAME})));
    assert_eq!(requests[2].0, format!("PUT {PATH}/mail-from"));
    assert_eq!(requests[2].1["MailFromDomain"], path);
}

#[tokio::test]
async fn a_domain_that_is_there_already_is_left_as_it_is() {
    let there = Act::Error(400, "AlreadyExistsException", "Email identity exists");
    let server = Server::start([there, ok(identity("SUCCESS", Some("SUCCESS")))]).await;
    let ses = ses(&server.base).await;
    let found = ses.domains().unwrap().create(&NewDomain::new(NAME)).await.unwrap();
    assert_eq!(found.status, DomainStatus::Verified);
    server.finish();
}

#[tokio::test]
async fn a_status_is_read_in_our_words() {
    for (dkim, mail_from, status) in [
        ("SUCCESS", Some("SUCCESS"), DomainStatus::Verified),
        ("SUCCESS", Some("FAILED"), DomainStatus::PartiallyVerified),
        ("SUCCESS", None, DomainStatus::Verified),
        ("PENDING", Some("SUCCESS"), DomainStatus::Pending),
        ("TEMPORARY_FAILURE", None, DomainStatus::Pending),
        ("FAILED", None, DomainStatus::Failed),
        ("NOT_STARTED", None, DomainStatus::NotStarted),
        ("RESTING", None, DomainStatus::Pending),
    ] {
        let server = Server::start([ok(identity(dkim, mail_from))]).await;
        let ses = ses(&server.base).await;
        let seen = ses.domains().unwrap().find(NAME).await.unwrap().unwrap();
        assert_eq!(seen.status, status, "{dkim} {mail_from:?}");
        server.finish();
    }
}

#[tokio::test]
async fn the_list_has_every_page_and_domains_only() {
    let item = |kind: &str, name: &str, sends: bool| json!({"IdentityType": kind, "IdentityName": name, "SendingEnabled": sends, "VerificationStatus": "PENDING"});
    let first = [item("DOMAIN", "A.example", true), item("EMAIL_ADDRESS", "ada@a.example", true)];
    let server = Server::start([
        ok(json!({"EmailIdentities": first, "NextToken": "two"})),
        ok(json!({"EmailIdentities": [item("DOMAIN", "b.example", false)]})),
    ])
    .await;
    let listed = ses(&server.base).await.domains().unwrap().list().await.unwrap();
    let seen: Vec<_> = listed.iter().map(|domain| (domain.id.as_str(), domain.status)).collect();
    assert_eq!(seen, [("a.example", DomainStatus::Verified), ("b.example", DomainStatus::Pending)]);
    let requests = server.finish();
    assert_eq!((requests[0].1.get("NextToken"), &requests[1].1["NextToken"]), (None, &json!("two")));
    let server = Server::start([
        ok(json!({"EmailIdentities": [], "NextToken": "two"})),
        Act::Error(429, "TooManyRequestsException", "no"),
    ])
    .await;
    let fault = ses(&server.base).await.domains().unwrap().list().await.unwrap_err();
    assert_eq!(fault.class, ErrorClass::RateLimited, "half a list is none: {fault}");
    server.finish();
}

#[tokio::test]
async fn only_what_was_given_up_is_looked_for_again() {
    let server = Server::start([ok(identity("PENDING", Some("PENDING")))]).await;
    ses(&server.base).await.domains().unwrap().verify(NAME).await.unwrap();
    server.finish();
    let server = Server::start([ok(identity("FAILED", Some("FAILED"))), ok(json!({})), ok(json!({}))]).await;
    ses(&server.base).await.domains().unwrap().verify(NAME).await.unwrap();
    let lines: Vec<_> = server.finish().into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines[1], format!("PUT {PATH}/dkim/signing"));
    assert_eq!(lines[2], format!("PUT {PATH}/mail-from"));
}

#[tokio::test]
async fn what_is_not_there_is_no_error() {
    let gone = || Act::Error(404, "NotFoundException", "Email identity does not exist.");
    let server = Server::start([gone(), gone(), gone()]).await;
    let ses = ses(&server.base).await;
    let domains = ses.domains().unwrap();
    assert_eq!(domains.get(NAME).await.unwrap(), None);
    domains.delete(NAME).await.unwrap();
    assert_eq!(domains.verify(NAME).await.unwrap_err().class, ErrorClass::ValidationError);
    server.finish();
}

#[tokio::test]
async fn a_change_that_fails_may_be_asked_for_again() {
    for (act, class) in [
        (Act::Error(500, "InternalServiceErrorException", "no"), ErrorClass::EmailError),
        (Act::Error(409, "ConcurrentModificationException", "no"), ErrorClass::EmailError),
        (Act::Error(400, "BadRequestException", "Invalid domain"), ErrorClass::ValidationError),
        (Act::Error(400, "LimitExceededException", "no"), ErrorClass::AccountRefused),
    ] {
        let server = Server::start([act]).await;
        let ses = ses(&server.base).await;
        let fault = ses.domains().unwrap().create(&NewDomain::new(NAME)).await.unwrap_err();
        assert_eq!(fault.class, class, "{fault}");
        assert_fit_for_people(&fault);
        server.finish();
    }
}
