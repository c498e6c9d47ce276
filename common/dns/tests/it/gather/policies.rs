//! SPF and DMARC, which lead out of the zone.

use tenantry_dns::{Purpose, RecordType, Said};

use crate::gather::net::{NO_NAME, Net, OTHER, answers, at, delegate, said, server, text, wanted};

#[tokio::test]
async fn spf_records_are_read_as_deep_as_they_go() {
    let net = Net::start().await;
    let other = server(net.port, OTHER, "other.test").await;
    delegate(&net.registry, "other.test", &[("ns1.other.test", OTHER)]);
    net.acme.set("send.acme.test", "TXT", 300, ["v=spf1 include:_spf.other.test a:void.acme.test -all"]).unwrap();
    net.acme.set("acme.test", "TXT", 300, ["something", "v=spf1 redirect=_r.acme.test"]).unwrap();
    net.acme.set("_r.acme.test", "TXT", 300, ["v=spf1 mx -all"]).unwrap();
    other.set("_spf.other.test", "TXT", 300, ["v=spf1 include:_deep.other.test ~all"]).unwrap();
    other.set("_deep.other.test", "TXT", 300, ["v=spf1 include:_spf.other.test exists:%{i}.other.test ~all"]).unwrap();
    let seen = net.gather("acme.test", &[wanted(Purpose::Spf, RecordType::Txt, "send.acme.test")]).await;
    assert_eq!(said(&seen, "_spf.other.test", RecordType::Txt), [&text("v=spf1 include:_deep.other.test ~all", 300)]);
    assert!(matches!(said(&seen, "_deep.other.test", RecordType::Txt)[..], [Said::Records { .. }]));
    assert_eq!(said(&seen, "void.acme.test", RecordType::A), [&NO_NAME]);
    assert_eq!(said(&seen, "_r.acme.test", RecordType::Txt), [&text("v=spf1 mx -all", 300)]);
    assert!(seen.answers.contains_key(&("_r.acme.test".into(), RecordType::Mx)));
    let answer = &answers(&seen, "_spf.other.test", RecordType::Txt).authoritative[0];
    assert_eq!((answer.server.as_str(), answer.address), ("ns1.other.test", at(OTHER, net.port)));
}

#[tokio::test]
async fn an_spf_record_without_end_is_not_read_for_ever() {
    let net = Net::start().await;
    net.acme.set("acme.test", "TXT", 300, ["v=spf1 include:l1.acme.test -all"]).unwrap();
    for number in 1..40 {
        let more = format!("v=spf1 include:l{}.acme.test -all", number + 1);
        net.acme.set(&format!("l{number}.acme.test"), "TXT", 300, [more]).unwrap();
    }
    net.gather("acme.test", &[]).await;
    assert_eq!(net.acme.asked("l10.acme.test", "TXT"), 1);
    assert_eq!(net.acme.asked("l11.acme.test", "TXT"), 0);
}

#[tokio::test]
async fn policies_are_looked_for_up_the_tree() {
    let net = Net::start().await;
    net.acme.set("_dmarc.acme.test", "TXT", 300, ["v=DMARC1; p=none"]).unwrap();
    net.registry.set("_dmarc.test", "TXT", 300, ["v=DMARC1; p=reject; psd=y"]).unwrap();
    let seen = net.gather("mail.acme.test", &[]).await;
    assert_eq!(said(&seen, "_dmarc.mail.acme.test", RecordType::Txt), [&NO_NAME]);
    assert_eq!(said(&seen, "_dmarc.acme.test", RecordType::Txt), [&text("v=DMARC1; p=none", 300)]);
    assert_eq!(said(&seen, "_dmarc.test", RecordType::Txt), [&text("v=DMARC1; p=reject; psd=y", 300)]);
}
