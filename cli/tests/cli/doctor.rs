//! The doctor, asking a real DNS server whose zone the test writes.

use std::net::SocketAddr;

use insta::assert_snapshot;
use serde_json::{Value, json};
use tenantry_standins::dns::{Dns, Fault, Options, Rule};

use crate::stage::{Ran, Stage};

const DOMAIN: &str = "mail.acme.test";

struct Zone {
    dns: Dns,
    stage: Stage,
}

impl Zone {
    /// All records of the domain, as they should be.
    async fn perfect() -> Self {
        let dns = Dns::start(Options { zones: vec!["acme.test".into()], ..Options::default() }).await.unwrap();
        for (name, kind, value) in [
            ("_tenantry.mail.acme.test", "TXT", "tenantry-verify=abcdefgh"),
            ("send.mail.acme.test", "MX", "10 feedback-smtp.eu-west-1.amazonses.com"),
            ("send.mail.acme.test", "TXT", "v=spf1 ip4:192.0.2.1 ~all"),
            ("resend._domainkey.mail.acme.test", "TXT", &key()),
            ("_dmarc.mail.acme.test", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@mail.acme.test"),
        ] {
            dns.set(name, kind, 300, [value]).unwrap();
        }
        let stage = Stage::new().await;
        stage.write("records.json", &records().to_string());
        Self { dns, stage }
    }

    async fn doctor(&self, more: &[&str]) -> Ran {
        let server = self.dns.addr().to_string();
        let mut arguments = vec!["doctor", DOMAIN, "--server", &server, "--records", "records.json"];
        arguments.extend(more);
        // Nobody has told it of any API.
        let mut ran = self.stage.finish(self.stage.stranger(&arguments)).await;
        let port = format!(":{}", self.dns.addr().port());
        for text in [&mut ran.out, &mut ran.err] {
            *text = text.replace(&port, ":53");
        }
        ran
    }
}

/// As long as a key of 1024 bits.
fn key() -> String {
    format!("p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC{}wIDAQAB", "Tenantry".repeat(21))
}

fn records() -> Value {
    json!({ "id": "dom_1", "zone": "acme.test", "records": [
        { "purpose": "ownership", "type": "TXT", "name": "_tenantry.mail.acme.test", "relativeName": "_tenantry.mail",
          "value": "tenantry-verify=abcdefgh", "required": true, "status": "not_checked" },
        { "purpose": "return_path", "type": "MX", "name": "send.mail", "priority": 10,
          "value": "feedback-smtp.eu-west-1.amazonses.com.", "required": true },
        { "purpose": "spf", "type": "TXT", "name": "send.mail", "value": "\"v=spf1 ip4:192.0.2.1 ~all\"" },
        { "purpose": "dkim", "type": "TXT", "name": "resend._domainkey.mail.acme.test.", "value": key() },
    ] })
}

fn sorted(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_perfect_zone_is_0() {
    let zone = Zone::perfect().await;
    let ran = zone.doctor(&[]).await;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert_snapshot!("ready", ran.out);

    let ran = zone.doctor(&["--json"]).await;
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &document["verdict"], &document["findings"]), (Some(0), &json!("ready"), &json!([])));
}

#[tokio::test]
async fn a_fault_is_3_with_what_was_seen_and_what_to_do() {
    let zone = Zone::perfect().await;
    zone.dns.remove("resend._domainkey.mail.acme.test", "TXT").unwrap();
    zone.dns.set("send.mail.acme.test", "MX", 300, ["20 feedback-smtp.eu-west-1.amazonses.com"]).unwrap();

    let ran = zone.doctor(&[]).await;
    assert_eq!(ran.code, Some(3), "{}", ran.err);
    assert!(ran.err.starts_with("not yet: mail.acme.test is not ready"), "{}", ran.err);
    assert_snapshot!("not_ready", ran.out);

    let ran = zone.doctor(&["--json"]).await;
    assert_eq!(ran.code, Some(3));
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["verdict"], "not_ready");
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.len() >= 2, "{findings:?}");
    for finding in findings {
        assert_eq!(sorted(finding), ["advice", "code", "record", "saw", "severity"]);
    }
    let missing = findings.iter().find(|one| one["record"] == "TXT resend._domainkey.mail.acme.test").unwrap();
    assert_eq!(missing["severity"], "error");
    assert!(missing["advice"].as_str().unwrap().contains(&key()), "{missing}");
    // On standard error, one problem document, as after any other command.
    assert_eq!(serde_json::from_str::<Value>(&ran.err).unwrap()["code"], "not_ready");
}

#[tokio::test]
async fn without_a_file_the_usual_records_are_expected() {
    let zone = Zone::perfect().await;
    let server = zone.dns.addr().to_string();
    let spf = "v=spf1 include:amazonses.com ~all";
    zone.dns.set("send.mail.acme.test", "TXT", 300, [spf]).unwrap();
    zone.dns.add_zone("amazonses.com").unwrap();
    zone.dns.set("amazonses.com", "TXT", 300, ["v=spf1 ip4:192.0.2.0/24 -all"]).unwrap();
    for (region, code) in [("eu-west-1", Some(0)), ("us-east-1", Some(3))] {
        let arguments = ["doctor", "MAIL.Acme.test.", "--server", &server, "--region", region];
        let ran = zone.stage.finish(zone.stage.stranger(&arguments)).await;
        assert_eq!(ran.code, code, "{region}: {} {}", ran.out, ran.err);
    }
}

#[tokio::test]
async fn records_come_from_standard_input_too() {
    let zone = Zone::perfect().await;
    let server = zone.dns.addr().to_string();
    let file = std::fs::File::open(zone.stage.home.path().join("records.json")).unwrap();
    let mut command = zone.stage.stranger(&["doctor", DOMAIN, "--server", &server, "--records", "-"]);
    let ran = zone
        .stage
        .finish({
            command.stdin(file);
            command
        })
        .await;
    assert_eq!(ran.code, Some(0), "{} {}", ran.out, ran.err);
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_1() {
    let zone = Zone::perfect().await;
    zone.dns.misbehave([Rule::below("acme.test", Fault::ServFail)]);
    let ran = zone.doctor(&["--json"]).await;
    assert_eq!(ran.code, Some(1), "{} {}", ran.out, ran.err);
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["verdict"], "unclear");
    assert!(!document["findings"].as_array().unwrap().is_empty(), "{document}");

    // Nobody listens there any more.
    let gone: SocketAddr = zone.dns.addr();
    let Zone { dns, stage } = zone;
    dns.stop().await;
    let arguments = ["doctor", DOMAIN, "--server", &gone.to_string()];
    let ran = stage.finish(stage.stranger(&arguments)).await;
    assert_eq!(ran.code, Some(1), "{} {}", ran.out, ran.err);
    assert!(ran.err.contains("It cannot be said whether mail.acme.test is ready"), "{}", ran.err);
}

#[tokio::test]
async fn wrong_words_are_2_and_a_wrong_file_is_1() {
    let stage = Stage::new().await;
    stage.write("empty.json", "[]");
    for (arguments, code, words) in [
        (&["doctor"][..], 2, "<DOMAIN>"),
        (&["doctor", "com"], 2, "two labels and more"),
        (&["doctor", "https://acme.test/"], 2, "\"https://acme.test/\" is no domain"),
        (&["doctor", "a_b.test"], 2, "is no domain"),
        (&["doctor", "acme.test", "--server", "ns1.acme.test"], 2, "127.0.0.1:53"),
        (&["doctor", "acme.test", "--region", "EU"], 2, "eu-west-1"),
        (&["doctor", "acme.test", "--records", "empty.json"], 1, "the list of records is empty"),
        (&["doctor", "acme.test", "--records", "none.json"], 1, "none.json cannot be read"),
    ] {
        let ran = stage.finish(stage.stranger(arguments)).await;
        assert_eq!(ran.code, Some(code), "{arguments:?} {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?} {}", ran.err);
        assert_eq!(ran.out, "");
    }
}
