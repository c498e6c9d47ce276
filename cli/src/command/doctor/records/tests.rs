#![allow(clippy::unwrap_used)]
use tenantry_dns::{Purpose, RecordType};

use super::*;

const DOMAIN: &str = "mail.acme.test";

fn records(document: &Value) -> Vec<Wanted> {
    read(&document.to_string(), DOMAIN, "records.json").unwrap()
}

fn record(document: Value) -> Wanted {
    records(&json!([document])).remove(0)
}

fn refused(document: &Value) -> String {
    read(&document.to_string(), DOMAIN, "records.json").unwrap_err().to_string()
}

#[test]
fn the_list_stands_alone_or_in_an_answer_of_the_api() {
    let list = json!([{ "purpose": "spf", "type": "TXT", "name": "send.mail.acme.test", "value": "v=spf1 -all" }]);
    let alone = records(&list);
    assert_eq!(alone.len(), 1);
    assert_eq!(records(&json!({ "id": "dom_1", "status": "awaiting_dns", "zone": null, "records": list })), alone);
    assert_eq!(records(&json!({ "data": list, "has_more": false })), alone);
}

#[test]
fn what_the_checks_write_is_read_again() {
    let usual = tenantry_dns::usual(DOMAIN, "eu-west-1");
    assert_eq!(records(&serde_json::to_value(&usual).unwrap()), usual);
}

#[test]
fn a_providers_own_list_is_read_too() {
    let wanted = records(&json!([
        { "record": "SPF", "name": "send.mail", "type": "MX", "ttl": "Auto", "status": "pending", "priority": 10,
          "value": "feedback-smtp.eu-west-1.amazonses.com." },
        { "record": "DKIM", "name": "resend._domainkey.mail", "type": "TXT", "ttl": 300, "value": "p=MIGf" },
    ]));
    assert_eq!(wanted[0].name, "send.mail.acme.test");
    assert_eq!((wanted[0].kind, wanted[0].priority, wanted[0].ttl), (RecordType::Mx, Some(10), None));
    assert_eq!(wanted[0].value, "feedback-smtp.eu-west-1.amazonses.com");
    assert_eq!(wanted[1].name, "resend._domainkey.mail.acme.test");
    assert_eq!((wanted[1].purpose, wanted[1].ttl, wanted[1].required), (Purpose::Dkim, Some(300), true));
}

#[test]
fn names_are_absolute_or_relative_with_or_without_the_dot() {
    for (name, zone, absolute) in [
        ("send.mail.acme.test", None, "send.mail.acme.test"),
        ("Send.MAIL.acme.test.", None, "send.mail.acme.test"),
        ("send.mail", None, "send.mail.acme.test"),
        ("send", None, "send.mail.acme.test"),
        ("send.mail", Some("acme.test"), "send.mail.acme.test"),
        ("@", Some("mail.acme.test"), "mail.acme.test"),
        ("_dmarc", None, "_dmarc.mail.acme.test"),
        ("büro", None, "xn--bro-hoa.mail.acme.test"),
    ] {
        let document = json!({ "zone": zone, "records": [{ "type": "txt", "name": name, "value": "x" }] });
        assert_eq!(records(&document)[0].name, absolute, "{name}");
    }
}

#[test]
fn quotes_around_a_value_are_the_zone_files() {
    for (value, text) in [
        (r#"v=spf1 -all"#, "v=spf1 -all"),
        (r#""v=spf1 -all""#, "v=spf1 -all"),
        (r#""p=AAA" "BBB""#, "p=AAABBB"),
        (r#""a\"b""#, r#"a"b"#),
        (r#""a" b "c""#, r#""a" b "c""#),
        (r#"""#, r#"""#),
    ] {
        assert_eq!(record(json!({ "type": "TXT", "name": "send", "value": value })).value, text, "{value}");
    }
}

#[test]
fn a_priority_may_stand_in_front_of_the_host() {
    let mx = record(json!({ "type": "MX", "name": "send", "value": "10 MX.example.net." }));
    assert_eq!((mx.priority, mx.value.as_str()), (Some(10), "mx.example.net"));
    let mx = record(json!({ "type": "MX", "name": "send", "value": "mx.example.net", "priority": "20" }));
    assert_eq!(mx.priority, Some(20));
}

#[test]
fn what_a_record_is_for_is_told_by_its_looks_where_it_is_not_said() {
    for (kind, name, value, purpose) in [
        ("MX", "send", "mx.example.net", Purpose::ReturnPath),
        ("TXT", "send", "V=SPF1 -all", Purpose::Spf),
        ("TXT", "_dmarc", "v=DMARC1; p=none", Purpose::Dmarc),
        ("TXT", "k1._domainkey", "p=MIG", Purpose::Dkim),
        ("CNAME", "k1._domainkey", "k1.example.net", Purpose::Dkim),
        ("TXT", "_tenantry", "tenantry-verify=abc", Purpose::Ownership),
        ("TXT", "other", "abc", Purpose::Other),
    ] {
        assert_eq!(record(json!({ "type": kind, "name": name, "value": value })).purpose, purpose, "{name}");
    }
}

#[test]
fn what_is_wrong_is_said_with_the_record() {
    let good = json!({ "type": "TXT", "name": "send", "value": "x" });
    for (document, words) in [
        (json!({ "records": [] }), "the list of records is empty"),
        (json!({ "id": "dom_1" }), "there is no list of records"),
        (json!("x"), "there is no list of records"),
        (json!([good, "x"]), "record 2: this is no record"),
        (json!([{ "name": "a", "value": "x" }]), "record 1: it has no type"),
        (json!([{ "type": "TXT", "value": "x" }]), "record 1: it has no name"),
        (json!([{ "type": "SRV", "name": "a", "value": "x" }]), "\"SRV\" is no type of record"),
        (json!([{ "type": "TXT", "name": "a b", "value": "x" }]), "\"a b\" is no name"),
        (json!([{ "type": "TXT", "name": "a..b", "value": "x" }]), "\"a..b\" is no name"),
        (json!([{ "type": "MX", "name": "a", "value": "x", "priority": 65536 }]), "its priority is 65536"),
        (json!([{ "type": "MX", "name": "a", "value": "x", "priority": -1 }]), "its priority is -1"),
        (json!([{ "type": "MX", "name": "a", "value": "ten mx.example.net" }]), "\"ten\" is no priority"),
    ] {
        let refused = refused(&document);
        assert!(refused.starts_with("records.json: ") && refused.contains(words), "{refused}");
    }
    let refused = read("{", DOMAIN, "standard input").unwrap_err().to_string();
    assert_eq!(refused, "standard input: this is not JSON (line 1, column 1)");
}
