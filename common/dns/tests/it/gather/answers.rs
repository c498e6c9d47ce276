//! What answers look like: values, aliases, wildcards, wrong places.

use std::net::IpAddr;

use tenantry_dns::{Purpose, RecordType, Said, Trouble, Value};
use tenantry_standins::dns::{Fault, Rule};

use crate::gather::net::{NO_DATA, NO_NAME, Net, OTHER, answers, delegate, said, server, text, token, wanted};

#[tokio::test]
async fn values_come_as_they_are() {
    let net = Net::start().await;
    net.acme.set("k._domainkey.acme.test", "TXT", 300, [r#""p=ab" " cd""#]).unwrap();
    net.acme.set("send.acme.test", "MX", 60, ["10 Feedback.Example."]).unwrap();
    net.acme.set("send.acme.test", "TXT", 300, ["one", "two"]).unwrap();
    net.acme.set("acme.test", "MX", 300, ["0 ."]).unwrap();
    let records = [
        wanted(Purpose::Dkim, RecordType::Txt, "k._domainkey.acme.test"),
        wanted(Purpose::ReturnPath, RecordType::Mx, "send.acme.test"),
    ];
    let seen = net.gather("acme.test", &records).await;
    let key = Said::Records { values: vec![Value::Txt(vec!["p=ab".into(), " cd".into()])], ttl: 300 };
    assert_eq!(said(&seen, "k._domainkey.acme.test", RecordType::Txt), [&key]);
    let mx = Said::Records { values: vec![Value::Mx(10, "feedback.example".into())], ttl: 60 };
    assert_eq!(said(&seen, "send.acme.test", RecordType::Mx), [&mx]);
    let null = Said::Records { values: vec![Value::Mx(0, String::new())], ttl: 300 };
    assert_eq!(said(&seen, "acme.test", RecordType::Mx), [&null]);
    let [Said::Records { values, .. }] = said(&seen, "send.acme.test", RecordType::Txt)[..] else { panic!("no texts") };
    assert_eq!(values.len(), 2);
}

#[tokio::test]
async fn how_long_a_no_lasts_is_the_smaller_of_the_soa_s_two_times() {
    let net = Net::start().await;
    let soa = |minimum| format!("ns1.acme.test hostmaster.acme.test 7 3600 600 604800 {minimum}");
    for (ttl, minimum, expected) in [(300, 30, 30), (20, 900, 20)] {
        net.acme.set("acme.test", "SOA", ttl, [soa(minimum)]).unwrap();
        let seen = net.gather("acme.test", &[token("acme.test")]).await;
        let no = Said::NxDomain { negative_ttl: Some(expected) };
        assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&no]);
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_is_fetched_by_tcp() {
    let net = Net::start().await;
    // Too long for the datagram that is asked for, and so cut by the server itself.
    let long = "k".repeat(2000);
    net.acme.set("_tenantry.acme.test", "TXT", 300, [long.as_str()]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    let [Said::Records { values, .. }] = said(&seen, "_tenantry.acme.test", RecordType::Txt)[..] else {
        panic!("no answer by TCP")
    };
    let [Value::Txt(strings)] = &values[..] else { panic!("no text") };
    assert_eq!(strings.concat(), long);
    assert_eq!(net.acme.asked("_tenantry.acme.test", "TXT"), 2);
    net.acme.misbehave([Rule::below(".", Fault::Truncated)]);
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_dmarc.acme.test", RecordType::Txt), [&NO_NAME]);
}

#[tokio::test]
async fn aliases_are_followed_within_the_zone_and_out_of_it() {
    let net = Net::start().await;
    let other = server(net.port, OTHER, "other.test").await;
    delegate(&net.registry, "other.test", &[("ns1.other.test", OTHER)]);
    net.acme.set("_tenantry.acme.test", "CNAME", 300, ["b.acme.test"]).unwrap();
    net.acme.set("b.acme.test", "CNAME", 60, ["c.other.test"]).unwrap();
    other.set("c.other.test", "TXT", 120, ["far"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    let answer = &answers(&seen, "_tenantry.acme.test", RecordType::Txt).authoritative[0];
    assert_eq!(answer.aliases, ["b.acme.test", "c.other.test"]);
    assert_eq!(answer.said, text("far", 120));
    let alias = Said::Records { values: vec![Value::Cname("b.acme.test".into())], ttl: 300 };
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Cname), [&alias]);
    // What the alias leads to has no MX, and is not there at all.
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Mx), [&NO_DATA]);
    other.remove("c.other.test", "TXT").unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&NO_NAME]);
}

#[tokio::test]
async fn aliases_that_go_in_circles_or_on_and_on_are_no_answer() {
    let net = Net::start().await;
    let other = server(net.port, OTHER, "other.test").await;
    delegate(&net.registry, "other.test", &[("ns1.other.test", OTHER)]);
    net.acme.set("_tenantry.acme.test", "CNAME", 300, ["a.other.test"]).unwrap();
    other.set("a.other.test", "CNAME", 300, ["_tenantry.acme.test"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&Said::Failed(Trouble::Malformed)]);
    // The whole circle in one answer: it is no answer, and what was followed is told.
    net.acme.set("_tenantry.acme.test", "CNAME", 300, ["a.acme.test"]).unwrap();
    net.acme.set("a.acme.test", "CNAME", 300, ["_tenantry.acme.test"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&Said::Failed(Trouble::Malformed)]);
    let answers = &seen.answers[&("_tenantry.acme.test".to_owned(), RecordType::Txt)];
    assert_eq!(answers.authoritative[0].aliases, ["a.acme.test"]);
    net.acme.remove("a.acme.test", "CNAME").unwrap();
    for (aliases, expected) in [(8, text("end", 300)), (9, Said::Failed(Trouble::Malformed))] {
        net.acme.set("_tenantry.acme.test", "CNAME", 300, ["c1.acme.test"]).unwrap();
        for number in 1..aliases {
            net.acme.remove(&format!("c{number}.acme.test"), "TXT").unwrap();
            net.acme
                .set(&format!("c{number}.acme.test"), "CNAME", 300, [format!("c{}.acme.test", number + 1)])
                .unwrap();
        }
        net.acme.set(&format!("c{aliases}.acme.test"), "TXT", 300, ["end"]).unwrap();
        let seen = net.gather("acme.test", &[token("acme.test")]).await;
        assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&expected], "{aliases}");
    }
}

#[tokio::test]
async fn a_name_below_the_zone_that_others_hold_is_asked_there() {
    let net = Net::start().await;
    let other = server(net.port, OTHER, "_domainkey.acme.test").await;
    delegate(&net.acme, "_domainkey.acme.test", &[("ns1._domainkey.acme.test", OTHER)]);
    other.set("k._domainkey.acme.test", "TXT", 300, ["p=x"]).unwrap();
    let seen = net.gather("acme.test", &[wanted(Purpose::Dkim, RecordType::Txt, "k._domainkey.acme.test")]).await;
    assert_eq!(seen.zone.as_deref(), Some("acme.test"));
    assert_eq!(said(&seen, "k._domainkey.acme.test", RecordType::Txt), [&text("p=x", 300)]);
}

#[tokio::test]
async fn wildcards_show_by_a_name_that_nobody_made() {
    let net = Net::start().await;
    net.acme.set("*.acme.test", "TXT", 300, ["any"]).unwrap();
    assert_eq!(net.gather("acme.test", &[]).await.wildcard, [RecordType::Txt]);
    net.acme.set("*.acme.test", "MX", 300, ["10 mx.acme.test"]).unwrap();
    assert_eq!(net.gather("mail.acme.test", &[]).await.wildcard, [RecordType::Txt, RecordType::Mx]);
    net.acme.remove("*.acme.test", "TXT").unwrap();
    net.acme.remove("*.acme.test", "MX").unwrap();
    net.acme.set("*.acme.test", "CNAME", 300, ["acme.test"]).unwrap();
    assert_eq!(net.gather("acme.test", &[]).await.wildcard, [RecordType::Cname]);
}

#[tokio::test]
async fn records_at_the_wrong_name_are_found() {
    let net = Net::start().await;
    let name = "send.mail.acme.test";
    for wrong in
        ["send.mail.acme.test.acme.test", "send.acme.test", "acme.test", "mail.acme.test", "send.mail.mail.acme.test"]
    {
        net.acme.set(wrong, "MX", 300, ["10 mx.example"]).unwrap();
        let seen = net.gather("mail.acme.test", &[wanted(Purpose::ReturnPath, RecordType::Mx, name)]).await;
        assert!(matches!(said(&seen, wrong, RecordType::Mx)[..], [Said::Records { .. }]), "{wrong}");
    }
}

#[tokio::test]
async fn the_addresses_of_an_alias_are_asked_with_those_of_its_target() {
    let net = Net::start().await;
    net.acme.set("k.acme.test", "A", 300, ["192.0.2.1"]).unwrap();
    net.acme.set("target.acme.test", "A", 300, ["192.0.2.1", "192.0.2.2"]).unwrap();
    let mut record = wanted(Purpose::Dkim, RecordType::Cname, "k.acme.test");
    record.value = "Target.acme.test.".into();
    let seen = net.gather("acme.test", &[record]).await;
    let address = Value::Address(IpAddr::from([192, 0, 2, 1]));
    let flat = Said::Records { values: vec![address], ttl: 300 };
    assert_eq!(said(&seen, "k.acme.test", RecordType::A), [&flat]);
    assert_eq!(said(&seen, "k.acme.test", RecordType::Aaaa), [&NO_DATA]);
    let [Said::Records { values, .. }] = said(&seen, "target.acme.test", RecordType::A)[..] else {
        panic!("no target")
    };
    assert_eq!(values.len(), 2);
}
