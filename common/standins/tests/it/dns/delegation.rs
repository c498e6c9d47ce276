//! Referrals, wildcards and what exists, asked by hand: a resolver would hide the sections of an answer.

use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, Record, RecordType};
use tenantry_standins::dns::{Dns, Fault, Options, Rule};
use tokio::net::UdpSocket;

use crate::dns::start;

/// One question over UDP; `cd`: signatures are not to be checked.
async fn ask_with(dns: &Dns, name: &str, kind: RecordType, cd: bool) -> Message {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut question = Message::new(7, MessageType::Query, OpCode::Query);
    question.metadata.checking_disabled = cd;
    question.add_query(Query::query(Name::from_ascii(format!("{name}.")).unwrap(), kind));
    socket.send_to(&question.to_vec().unwrap(), dns.addr()).await.unwrap();
    let mut answer = [0; 4096];
    let length = socket.recv(&mut answer).await.unwrap();
    Message::from_vec(&answer[..length]).unwrap()
}

async fn ask(dns: &Dns, name: &str, kind: RecordType) -> Message {
    ask_with(dns, name, kind, false).await
}

fn lines(records: &[Record]) -> Vec<String> {
    let line = |record: &Record| format!("{} {} {}", record.name, record.record_type(), record.data);
    records.iter().map(line).collect()
}

#[tokio::test]
async fn a_delegation_refers_to_another_server_that_answers_for_itself() {
    let top = start(&["test"]).await;
    let (address, port) = ([127, 0, 0, 2].into(), Some(top.addr().port()));
    let options = Options { address, port, zones: vec!["acme.test".to_owned()], ..Options::default() };
    let below = Dns::start(options).await.unwrap();
    assert_eq!(below.addr().to_string(), format!("127.0.0.2:{}", top.addr().port()));
    below.set("x.acme.test", "TXT", 60, ["below"]).unwrap();
    top.set("acme.test", "NS", 300, ["ns1.acme.test", "ns.elsewhere.example"]).unwrap();
    top.set("ns1.acme.test", "A", 300, ["127.0.0.2"]).unwrap();
    top.set("ns1.acme.test", "AAAA", 300, ["::2"]).unwrap();
    top.set("x.acme.test", "TXT", 60, ["above, and hidden"]).unwrap();

    for (name, kind) in [
        ("x.acme.test", RecordType::TXT),
        ("acme.test", RecordType::NS),
        ("acme.test", RecordType::SOA),
        ("ns1.acme.test", RecordType::A),
    ] {
        let referral = ask(&top, name, kind).await;
        assert!(!referral.metadata.authoritative && referral.answers.is_empty(), "{name} {kind}: {referral:?}");
        assert_eq!(referral.metadata.response_code, ResponseCode::NoError);
        assert_eq!(
            lines(&referral.authorities),
            ["acme.test. NS ns1.acme.test.", "acme.test. NS ns.elsewhere.example."],
            "{name} {kind}"
        );
        assert_eq!(lines(&referral.additionals), ["ns1.acme.test. A 127.0.0.2", "ns1.acme.test. AAAA ::2"]);
    }
    let unsigned = ask(&top, "acme.test", RecordType::DS).await;
    assert!(unsigned.metadata.authoritative && unsigned.authorities[0].record_type() == RecordType::SOA);
    let beside = ask(&top, "other.test", RecordType::NS).await;
    assert_eq!((beside.metadata.response_code, beside.metadata.authoritative), (ResponseCode::NXDomain, true));

    let answer = ask(&below, "x.acme.test", RecordType::TXT).await;
    assert!(answer.metadata.authoritative);
    assert_eq!(lines(&answer.answers), ["x.acme.test. TXT below"]);
    let address = ask(&below, "ns1.acme.test", RecordType::A).await;
    assert_eq!(lines(&address.answers), ["ns1.acme.test. A 127.0.0.2"]);
    assert_eq!(ask(&below, "test", RecordType::SOA).await.metadata.response_code, ResponseCode::Refused);

    top.remove("acme.test", "NS").unwrap();
    assert_eq!(lines(&ask(&top, "x.acme.test", RecordType::TXT).await.answers), ["x.acme.test. TXT above, and hidden"]);
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let address = [0, 0, 0, 0].into();
    let error = Dns::start(Options { address, ..Options::default() }).await.unwrap_err();
    assert!(error.to_string().contains("loopback"), "{error}");
}

#[tokio::test]
async fn a_wildcard_answers_for_what_is_not_there_and_for_nothing_else() {
    let dns = start(&["acme.test"]).await;
    dns.set("*.acme.test", "TXT", 60, ["any"]).unwrap();
    dns.set("send.acme.test", "MX", 60, ["10 mx.example"]).unwrap();
    dns.set("key._domainkey.acme.test", "TXT", 60, ["p="]).unwrap();
    let of = async |name: &str, kind: RecordType| {
        let answer = ask(&dns, name, kind).await;
        assert!(answer.metadata.authoritative, "{name} {kind}: {answer:?}");
        assert_eq!(answer.answers.is_empty(), answer.authorities.iter().any(|r| r.record_type() == RecordType::SOA));
        (answer.metadata.response_code, lines(&answer.answers).concat())
    };
    let (none, no_name) = ((ResponseCode::NoError, String::new()), (ResponseCode::NXDomain, String::new()));
    let any = |name: &str| (ResponseCode::NoError, format!("{name}. TXT any"));
    assert_eq!(of("x.acme.test", RecordType::TXT).await, any("x.acme.test"));
    assert_eq!(of("y.x.acme.test", RecordType::TXT).await, any("y.x.acme.test"));
    assert_eq!(of("x.acme.test", RecordType::MX).await, none, "the wildcard has none of this type");
    assert_eq!(of("send.acme.test", RecordType::TXT).await, none, "the name is there");
    assert_eq!(of("x.send.acme.test", RecordType::TXT).await, no_name, "the name above it is there");
    assert_eq!(of("_domainkey.acme.test", RecordType::TXT).await, none, "there is something below it");
    dns.remove("*.acme.test", "TXT").unwrap();
    assert_eq!(of("x.acme.test", RecordType::TXT).await, no_name);
    assert_eq!(of("_domainkey.acme.test", RecordType::TXT).await, none);
}

#[tokio::test]
async fn broken_signatures_and_missing_authority_are_told_apart() {
    let dns = start(&["acme.test"]).await;
    dns.set("a.acme.test", "TXT", 60, ["here"]).unwrap();
    dns.misbehave([Rule::at("a.acme.test", Fault::Bogus)]);
    let checked = ask(&dns, "a.acme.test", RecordType::TXT).await;
    assert_eq!((checked.metadata.response_code, checked.answers.len()), (ResponseCode::ServFail, 0));
    assert_eq!(ask_with(&dns, "a.acme.test", RecordType::TXT, true).await.answers.len(), 1);
    dns.misbehave([Rule::below("acme.test", Fault::NotAuthoritative)]);
    let lame = ask(&dns, "acme.test", RecordType::SOA).await;
    assert_eq!((lame.metadata.response_code, lame.metadata.authoritative), (ResponseCode::NoError, false));
    assert!(lame.answers.is_empty() && lame.authorities.is_empty(), "{lame:?}");
}
