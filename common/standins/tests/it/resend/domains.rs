//! `/domains`: from creating one to verifying it against a DNS server whose zone changes.

use crate::resend::{Ear, PATIENCE, Stage, mail};
use reqwest::Method;
use serde_json::{Value, json};
use tenantry_standins::dns::{self, Dns};
use tenantry_standins::resend::{Fault, Options, Route, Rule, Status};

const NAME: &str = "acme.example";

async fn stage() -> (Dns, Stage) {
    let dns = Dns::start(dns::Options { zones: vec![NAME.to_owned()], ..dns::Options::default() }).await.unwrap();
    let stage = Stage::new(Options { dns: Some(dns.addr()), ..Options::default() }).await;
    (dns, stage)
}

async fn create(stage: &Stage) -> Value {
    let (status, domain) = stage.call(Method::POST, "/domains", &json!({ "name": NAME, "region": "eu-west-1" })).await;
    assert_eq!(status, 201, "{domain}");
    domain
}

/// Publishes what the domain asks for.
fn publish(dns: &Dns, domain: &Value) {
    for record in domain["records"].as_array().unwrap() {
        let text = |field: &str| record[field].as_str().unwrap();
        let value = match record["priority"].as_u64() {
            Some(priority) => format!("{priority} {}", text("value")),
            None => text("value").to_owned(),
        };
        dns.set(&format!("{}.{NAME}", text("name")), text("type"), 60, [value]).unwrap();
    }
}

async fn verify(stage: &Stage, domain: &Value, status: Status) -> Value {
    let id = domain["id"].as_str().unwrap();
    let (code, answer) = stage.call(Method::POST, &format!("/domains/{id}/verify"), &Value::Null).await;
    assert_eq!((code, &answer), (200, &json!({ "object": "domain", "id": id })));
    assert!(stage.resend.wait_for_domain(NAME, status, PATIENCE).await, "{:?}", stage.resend.domains());
    stage.get(&format!("/domains/{id}")).await
}

fn statuses(domain: &Value) -> Vec<&str> {
    domain["records"].as_array().unwrap().iter().map(|record| record["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_domain_asks_for_its_records_and_sends_once_they_are_seen() {
    let (dns, stage) = stage().await;
    let domain = create(&stage).await;
    assert_eq!((&domain["status"], statuses(&domain)), (&json!("not_started"), vec!["not_started"; 3]));
    let asked: Vec<_> = domain["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| [&record["record"], &record["type"], &record["name"]])
        .collect();
    assert_eq!(asked, [["SPF", "MX", "send"], ["SPF", "TXT", "send"], ["DKIM", "TXT", "resend._domainkey"]]);
    assert_eq!(domain["records"][0]["value"], "feedback-smtp.eu-west-1.amazonses.com");
    assert_eq!(stage.call(Method::POST, "/emails", &mail("ann@a.example")).await.0, 403);

    let failed = verify(&stage, &domain, Status::Failed).await;
    assert_eq!(statuses(&failed), ["failed"; 3]);
    publish(&dns, &domain);
    let verified = verify(&stage, &domain, Status::Verified).await;
    assert_eq!(statuses(&verified), ["verified"; 3]);
    stage.sent(&mail("ann@a.example")).await;
}

#[tokio::test]
async fn a_wrong_record_fails_and_a_dns_that_cannot_say_leaves_it_open() {
    let (dns, stage) = stage().await;
    let domain = create(&stage).await;
    publish(&dns, &domain);
    dns.set(&format!("send.{NAME}"), "MX", 60, ["20 feedback-smtp.eu-west-1.amazonses.com"]).unwrap();
    let failed = verify(&stage, &domain, Status::Failed).await;
    assert_eq!(statuses(&failed), ["failed", "verified", "verified"]);

    publish(&dns, &domain);
    let small = domain["records"][2]["value"].as_str().unwrap().to_lowercase();
    dns.set(&format!("resend._domainkey.{NAME}"), "TXT", 60, [small]).unwrap();
    let failed = verify(&stage, &domain, Status::Failed).await;
    assert_eq!(statuses(&failed), ["verified", "verified", "failed"]);

    publish(&dns, &domain);
    dns.misbehave([dns::Rule::at(&format!("send.{NAME}"), dns::Fault::ServFail).of("TXT")]);
    let ear = Ear::new(&stage, 0).await;
    let id = domain["id"].as_str().unwrap();
    stage.call(Method::POST, &format!("/domains/{id}/verify"), &Value::Null).await;
    let heard = ear.heard(2).await;
    let open = &heard[1].1["data"];
    assert_eq!(
        (&open["status"], statuses(open)),
        (&json!("pending"), vec!["verified", "temporary_failure", "verified"])
    );
}

#[tokio::test]
async fn verifying_what_is_verified_stops_its_mail_until_it_is_seen_again() {
    let (dns, stage) = stage().await;
    let domain = create(&stage).await;
    publish(&dns, &domain);
    verify(&stage, &domain, Status::Verified).await;
    stage.resend.misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    let pending = verify(&stage, &domain, Status::Pending).await;
    assert_eq!(statuses(&pending), ["pending"; 3]);
    assert_eq!(stage.call(Method::POST, "/emails", &mail("ann@a.example")).await.0, 403);
    assert!(stage.resend.wait_for_held(1, PATIENCE).await);
    stage.resend.release();
    assert!(stage.resend.wait_for_domain(NAME, Status::Verified, PATIENCE).await);
    stage.sent(&mail("ann@a.example")).await;
}

#[tokio::test]
async fn without_a_dns_server_a_verification_ends_by_hand() {
    let stage = Stage::new(Options::default()).await;
    let domain = create(&stage).await;
    verify(&stage, &domain, Status::Pending).await;
    assert!(stage.resend.finish_verification(NAME, Status::Verified));
    assert!(!stage.resend.finish_verification("other.example", Status::Verified));
    stage.sent(&mail("ann@a.example")).await;
}

#[tokio::test]
async fn a_name_is_taken_once_here_and_elsewhere() {
    let stage = Stage::new(Options::default()).await;
    create(&stage).await;
    stage.resend.registered_elsewhere("taken.example");
    for name in [NAME, "ACME.example", "taken.example"] {
        let (status, answer) = stage.call(Method::POST, "/domains", &json!({ "name": name })).await;
        assert_eq!((status, &answer["name"]), (403, &json!("validation_error")), "{name}");
        assert!(answer["message"].as_str().unwrap().contains("registered already"));
    }
    assert_eq!(stage.resend.domains().len(), 1);
}

#[tokio::test]
async fn domains_are_listed_without_records_changed_and_deleted_with_a_word_each() {
    let stage = Stage::new(Options::default()).await;
    let ear = Ear::new(&stage, 0).await;
    let domain = create(&stage).await;
    let path = format!("/domains/{}", domain["id"].as_str().unwrap());
    let list = stage.get("/domains").await;
    assert_eq!((&list["data"][0]["name"], list["data"][0].get("records")), (&json!(NAME), None));
    ear.heard(1).await;
    let changed = stage.call(Method::PATCH, &path, &json!({ "open_tracking": true, "tls": "enforced" })).await;
    assert_eq!(changed, (200, json!({ "object": "domain", "id": domain["id"] })));
    assert_eq!(stage.get(&path).await["open_tracking"], true);
    assert_eq!(stage.call(Method::PATCH, &path, &json!({ "tls": "none" })).await.0, 422);
    ear.heard(2).await;
    let deleted = stage.call(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(deleted, (200, json!({ "object": "domain", "id": domain["id"], "deleted": true })));
    assert_eq!(ear.types(3).await, ["domain.created", "domain.updated", "domain.deleted"]);
    for method in [Method::GET, Method::DELETE, Method::PATCH] {
        assert_eq!(stage.call(method, &path, &json!({})).await.0, 404);
    }
    assert_eq!(stage.call(Method::POST, &format!("{path}/verify"), &Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_registered_domain_counts_by_its_own_status_even_where_others_are_free() {
    for stage in [Stage::open().await, Stage::new(Options::default()).await] {
        // Of `acme.example`.
        let code = async || stage.call(Method::POST, "/emails", &mail("ann@a.example")).await.0;
        stage.resend.take_from("Example");
        assert_eq!(code().await, 200, "nobody has registered it");
        create(&stage).await;
        for status in [Status::NotStarted, Status::Pending, Status::Failed] {
            assert!(stage.resend.finish_verification(NAME, status));
            assert_eq!(code().await, 403, "{status:?}");
        }
        for status in [Status::Verified, Status::PartiallyVerified, Status::PartiallyFailed] {
            assert!(stage.resend.finish_verification(NAME, status));
            assert_eq!(code().await, 200, "{status:?}");
        }
    }
    let stage = Stage::new(Options::default()).await;
    stage.resend.take_from("me.example");
    assert_eq!(stage.call(Method::POST, "/emails", &mail("ann@a.example")).await.0, 403, "acme is not below me");
}

#[tokio::test]
async fn a_status_set_by_hand_keeps_to_the_words_of_the_api() {
    let stage = Stage::new(Options::default()).await;
    let body = json!({ "name": NAME, "capabilities": { "sending": "enabled", "receiving": "enabled" } });
    let (_, domain) = stage.call(Method::POST, "/domains", &body).await;
    let path = format!("/domains/{}", domain["id"].as_str().unwrap());
    for (status, word, sending, receiving) in [
        (Status::NotStarted, "not_started", "not_started", "not_started"),
        (Status::Pending, "pending", "pending", "pending"),
        (Status::Verified, "verified", "verified", "verified"),
        (Status::Failed, "failed", "failed", "failed"),
        (Status::PartiallyVerified, "partially_verified", "verified", "pending"),
        (Status::PartiallyFailed, "partially_failed", "verified", "failed"),
        (Status::TemporaryFailure, "pending", "temporary_failure", "temporary_failure"),
    ] {
        assert!(stage.resend.finish_verification(NAME, status));
        let seen = stage.get(&path).await;
        assert_eq!((&seen["status"], statuses(&seen)), (&json!(word), vec![sending, sending, sending, receiving]));
    }
}

#[tokio::test]
async fn a_person_at_the_account_adds_and_deletes_behind_our_back() {
    let stage = Stage::new(Options::default()).await;
    let ear = Ear::new(&stage, 0).await;
    let added = stage.resend.add_domain("Stray.example", Status::Verified).unwrap();
    assert_eq!(stage.get(&format!("/domains/{}", added.id)).await["name"], "stray.example");
    assert!(stage.resend.add_domain("stray.example", Status::Pending).is_err());
    assert!(stage.resend.add_domain("stray", Status::Pending).is_err());
    assert_eq!(stage.call(Method::POST, "/domains", &json!({ "name": "stray.example" })).await.0, 403);
    assert!(stage.resend.remove_domain("stray.example") && !stage.resend.remove_domain("stray.example"));
    assert_eq!(ear.types(2).await, ["domain.created", "domain.deleted"]);

    stage.resend.registered_elsewhere(NAME);
    assert!(stage.resend.add_domain(NAME, Status::Pending).is_err());
    stage.resend.given_up_elsewhere(NAME);
    create(&stage).await;
}

#[tokio::test]
async fn a_domain_is_made_although_its_answer_is_lost_and_deleted_in_the_end() {
    let stage = Stage::new(Options::default()).await;
    let made = Rule::on(Route::CreateDomain, Fault::Reset).after().times(1);
    stage.resend.misbehave(1, [made, Rule::error(Route::DeleteDomain, 500, "application_error").times(2)]);
    let lost = stage.request(Method::POST, "/domains").json(&json!({ "name": NAME })).send().await;
    assert!(lost.is_err(), "{lost:?}");
    let [domain] = stage.resend.domains().try_into().unwrap();
    let path = format!("/domains/{}", domain.id);
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(stage.call(Method::DELETE, &path, &Value::Null).await.0);
    }
    assert_eq!(codes, [500, 500, 200, 404]);
}
