//! The account's domains outlive the process.

use crate::resend::{PATIENCE, Stage, mail};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use tenantry_standins::dns::{self, Dns};
use tenantry_standins::resend::{Domain, Fault, Options, Resend, Route, Rule, Status};

const NAME: &str = "acme.example";

fn kept(folder: &Path) -> Options {
    Options { folder: Some(folder.to_owned()), ..Options::default() }
}

/// A domain with everything that can be said of one.
async fn create(stage: &Stage) -> Domain {
    let body = json!({
        "name": NAME, "region": "eu-west-1", "tls": "enforced", "tracking_subdomain": "links",
        "capabilities": { "receiving": "enabled" },
    });
    let (status, answer) = stage.call(Method::POST, "/domains", &body).await;
    assert_eq!(status, 201, "{answer}");
    stage.resend.domains().pop().unwrap()
}

#[tokio::test]
async fn a_verified_domain_is_the_same_after_every_start() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::new(kept(folder.path())).await;
    let path = format!("/domains/{}", create(&stage).await.id);
    stage.resend.add_domain("second.example", Status::Failed).unwrap();
    assert!(stage.resend.finish_verification(NAME, Status::PartiallyVerified));
    assert!(stage.resend.finish_verification(NAME, Status::Verified));
    let (domains, shown) = (stage.resend.domains(), stage.get(&path).await);
    assert!(shown["records"][2]["value"].as_str().unwrap().starts_with("p="), "{shown}");
    stage.resend.stop().await;
    for _ in 0..2 {
        let stage = Stage::new(kept(folder.path())).await;
        assert_eq!((stage.resend.domains(), stage.get(&path).await), (domains.clone(), shown.clone()));
        assert_eq!(stage.call(Method::POST, "/domains", &json!({ "name": NAME })).await.0, 403, "it is registered");
        stage.sent(&mail("ann@a.example")).await;
        stage.resend.stop().await;
    }

    let stage = Stage::new(kept(folder.path())).await;
    let changed = stage.call(Method::PATCH, &path, &json!({ "open_tracking": true })).await;
    assert_eq!(changed.0, 200, "{}", changed.1);
    assert!(stage.resend.remove_domain("second.example"));
    stage.resend.stop().await;
    let stage = Stage::new(kept(folder.path())).await;
    assert_eq!(stage.get(&path).await["open_tracking"], true);
    assert_eq!(stage.call(Method::DELETE, &path, &Value::Null).await.0, 200);
    stage.resend.stop().await;
    assert!(Resend::start(kept(folder.path())).await.unwrap().domains().is_empty());
}

#[tokio::test]
async fn what_was_being_looked_for_is_looked_for_after_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let dns = Dns::start(dns::Options { zones: vec![NAME.to_owned()], ..dns::Options::default() }).await.unwrap();
    let options = || Options { dns: Some(dns.addr()), ..kept(folder.path()) };
    let stage = Stage::new(options()).await;
    let domain = create(&stage).await;
    for record in &domain.records {
        let value = record.priority.map_or_else(|| record.value.clone(), |first| format!("{first} {}", record.value));
        dns.set(&record.full_name, &record.kind, 60, [value]).unwrap();
    }
    stage.resend.misbehave(1, [Rule::on(Route::VerifyDomain, Fault::HoldVerification)]);
    let verify = format!("/domains/{}/verify", domain.id);
    assert_eq!(stage.call(Method::POST, &verify, &Value::Null).await.0, 200);
    assert!(stage.resend.wait_for_held(1, PATIENCE).await);
    assert_eq!(stage.resend.domains()[0].status, Status::Pending);
    stage.resend.stop().await;

    let resend = Resend::start(options()).await.unwrap();
    assert!(resend.wait_for_domain(NAME, Status::Verified, PATIENCE).await, "{:?}", resend.domains());
}

#[tokio::test]
async fn a_domain_that_is_to_be_verified_from_the_start_is_so_whatever_was_kept_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { verified_domains: vec!["Acme.example".to_owned()], ..kept(folder.path()) };
    let resend = Resend::start(options()).await.unwrap();
    let first = resend.domains();
    resend.stop().await;
    let resend = Resend::start(options()).await.unwrap();
    assert_eq!((resend.domains(), first[0].status), (first.clone(), Status::Verified));
    assert!(resend.finish_verification(NAME, Status::Failed));
    resend.stop().await;
    let resend = Resend::start(options()).await.unwrap();
    assert_eq!((resend.domains()[0].status, &resend.domains()[0].id), (Status::Verified, &first[0].id));
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_what_cannot_be_kept_has_not_happened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("domains.json");
    for broken in ["", "{}", "[{\"id\":", "[{ \"id\": \"1\", \"name\": \"acme.example\" }]"] {
        std::fs::write(&file, broken).unwrap();
        let error = Resend::start(kept(folder.path())).await.unwrap_err().to_string();
        assert!(error.contains("domains.json") && error.contains("damaged") && error.contains("remove it"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), broken, "it is not for us to mend");
    }
    let error = Resend::start(kept(&file)).await.unwrap_err().to_string();
    assert!(error.contains("domains.json cannot be made"), "a file is no folder: {error}");
    std::fs::remove_file(&file).unwrap();

    let stage = Stage::new(kept(folder.path())).await;
    let domain = create(&stage).await;
    // Nothing can be written where a folder is in the way.
    std::fs::create_dir(folder.path().join("domains.part")).unwrap();
    let path = format!("/domains/{}", domain.id);
    for (method, path, body) in [
        (Method::POST, "/domains", json!({ "name": "second.example" })),
        (Method::PATCH, &path, json!({ "open_tracking": true })),
        (Method::POST, &format!("{path}/verify"), Value::Null),
        (Method::DELETE, &path, Value::Null),
    ] {
        let (status, answer) = stage.call(method.clone(), path, &body).await;
        assert_eq!((status, &answer["name"]), (500, &json!("application_error")), "{method} {path}");
    }
    assert_eq!(stage.resend.domains(), [domain]);
}
