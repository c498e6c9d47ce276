//! The DNS server, asked by hickory's resolver and by hand.

mod delegation;
mod edits;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use serde_json::{Value, json};
use std::time::Duration;
use tenantry_standins::dns::{Dns, Fault, Options, Rule, Wrong};
use tokio::net::UdpSocket;
use tower::ServiceExt;

async fn start(zones: &[&str]) -> Dns {
    let zones = zones.iter().map(ToString::to_string).collect();
    Dns::start(Options { zones, ..Options::default() }).await.unwrap()
}

/// A resolver that remembers nothing and asks over these, with a short patience.
fn resolver(dns: &Dns, connections: Vec<ConnectionConfig>) -> TokioResolver {
    let connections = connections.into_iter().map(|mut connection| {
        connection.port = dns.addr().port();
        connection
    });
    let server = NameServerConfig::new(dns.addr().ip(), true, connections.collect());
    let mut options = ResolverOpts::default();
    (options.cache_size, options.attempts, options.timeout) = (0, 1, Duration::from_millis(300));
    let config = ResolverConfig::from_name_servers(vec![server]);
    Resolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options).build().unwrap()
}

fn both(dns: &Dns) -> TokioResolver {
    resolver(dns, vec![ConnectionConfig::udp(), ConnectionConfig::tcp()])
}

async fn look(resolver: &TokioResolver, name: &str, kind: RecordType) -> Result<Vec<String>, NetError> {
    let found = resolver.lookup(format!("{name}."), kind).await?;
    Ok(found.answers().iter().map(|record| record.data.to_string()).collect())
}

fn code(error: &NetError) -> Option<ResponseCode> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => Some(none.response_code),
        NetError::Dns(DnsError::ResponseCode(code)) => Some(*code),
        _ => None,
    }
}

#[tokio::test]
async fn edits_are_in_force_at_once_over_udp_and_tcp() {
    let dns = start(&["acme.example"]).await;
    for connection in [ConnectionConfig::udp(), ConnectionConfig::tcp()] {
        let ask = resolver(&dns, vec![connection]);
        assert!(look(&ask, "send.acme.example", RecordType::MX).await.unwrap_err().is_nx_domain());
        dns.set("Send.ACME.example.", "mx", 60, ["10 feedback.example"]).unwrap();
        assert_eq!(look(&ask, "send.acme.example", RecordType::MX).await.unwrap(), ["10 feedback.example."]);
        dns.set("send.acme.example", "MX", 60, ["20 other.example.", "30 third.example"]).unwrap();
        assert_eq!(look(&ask, "send.acme.example", RecordType::MX).await.unwrap().len(), 2);
        let none = look(&ask, "send.acme.example", RecordType::TXT).await.unwrap_err();
        assert!(none.is_no_records_found() && !none.is_nx_domain(), "{none:?}");
        assert!(dns.remove("send.acme.example", "MX").unwrap());
        assert!(!dns.remove("send.acme.example", "MX").unwrap());
    }
    assert_eq!(dns.asked("send.acme.example", "MX"), 6);
    assert_eq!(dns.asked("send.acme.example", "TXT"), 2);
}

#[tokio::test]
async fn a_zone_has_its_soa_name_server_and_address_and_ends_where_another_begins() {
    let dns = start(&["acme.example", "mail.acme.example"]).await;
    let ask = both(&dns);
    assert_eq!(look(&ask, "acme.example", RecordType::NS).await.unwrap(), ["ns1.acme.example."]);
    assert_eq!(look(&ask, "ns1.acme.example", RecordType::A).await.unwrap(), ["127.0.0.1"]);
    assert!(look(&ask, "acme.example", RecordType::SOA).await.unwrap()[0].starts_with("ns1.acme.example. "));
    let deep = look(&ask, "x.mail.acme.example", RecordType::A).await.unwrap_err();
    let NetError::Dns(DnsError::NoRecordsFound(none)) = deep else { panic!("{deep:?}") };
    assert_eq!(none.soa.unwrap().name, Name::from_ascii("mail.acme.example.").unwrap());
    let foreign = look(&ask, "other.example", RecordType::A).await.unwrap_err();
    assert_eq!(code(&foreign), Some(ResponseCode::Refused));

    dns.remove_zone("mail.acme.example").unwrap();
    dns.set("x.mail.acme.example", "A", 60, ["192.0.2.1"]).unwrap();
    assert_eq!(look(&ask, "x.mail.acme.example", RecordType::A).await.unwrap(), ["192.0.2.1"]);
}

#[tokio::test]
async fn long_texts_arrive_whole_and_in_the_strings_they_were_given_in() {
    let dns = start(&["acme.example"]).await;
    let ask = both(&dns);
    let key = format!("p={}", "k".repeat(390));
    dns.set("resend._domainkey.acme.example", "TXT", 60, [key.clone()]).unwrap();
    dns.set("cut.acme.example", "TXT", 60, [r#""p=abc" "def""#]).unwrap();
    let strings = async |name: &str| {
        let found = ask.lookup(format!("{name}."), RecordType::TXT).await.unwrap();
        let RData::TXT(txt) = &found.answers()[0].data else { panic!("{found:?}") };
        txt.txt_data.iter().map(|string| String::from_utf8(string.to_vec()).unwrap()).collect::<Vec<_>>()
    };
    let whole = strings("resend._domainkey.acme.example").await;
    assert_eq!((whole.concat(), whole[0].len()), (key, 255));
    assert_eq!(strings("cut.acme.example").await, ["p=abc", "def"]);
}

#[tokio::test]
async fn a_cname_is_followed_and_stands_alone() {
    let dns = start(&["acme.example"]).await;
    dns.set("www.acme.example", "CNAME", 60, ["web.acme.example"]).unwrap();
    dns.set("web.acme.example", "A", 60, ["192.0.2.7"]).unwrap();
    let seen = look(&both(&dns), "www.acme.example", RecordType::A).await.unwrap();
    assert_eq!(seen, ["web.acme.example.", "192.0.2.7"]);
    let beside = Wrong::Cname("www.acme.example".to_owned());
    assert_eq!(dns.set("www.acme.example", "TXT", 60, ["x"]), Err(beside));
    assert!(matches!(dns.set("web.acme.example", "CNAME", 60, ["x.example"]), Err(Wrong::Cname(_))));
    assert!(matches!(dns.set("acme.example", "CNAME", 60, ["x.example"]), Err(Wrong::Cname(_))));
    assert!(matches!(dns.set("www.other.example", "A", 60, ["192.0.2.1"]), Err(Wrong::Zone { .. })));
    assert!(matches!(dns.set("a.acme.example", "A", 60, ["here"]), Err(Wrong::Value { .. })));
}

#[tokio::test]
async fn wildcards_answer_for_names_that_are_not_there() {
    let dns = start(&["acme.example"]).await;
    dns.set("*.acme.example", "TXT", 60, ["anything"]).unwrap();
    assert_eq!(look(&both(&dns), "send.acme.example", RecordType::TXT).await.unwrap(), ["anything"]);
}

#[tokio::test]
async fn every_fault_is_seen_by_a_resolver_and_ends_with_its_rule() {
    let dns = start(&["acme.example"]).await;
    dns.set("a.acme.example", "A", 60, ["192.0.2.1"]).unwrap();
    dns.set("a.acme.example", "TXT", 60, ["here"]).unwrap();
    let ask = both(&dns);
    for (fault, expected) in [
        (Fault::ServFail, Some(ResponseCode::ServFail)),
        (Fault::Refused, Some(ResponseCode::Refused)),
        (Fault::NxDomain, Some(ResponseCode::NXDomain)),
        (Fault::Silence, None),
    ] {
        dns.misbehave([Rule::at("a.acme.example", fault).of("A")]);
        let error = look(&ask, "a.acme.example", RecordType::A).await.unwrap_err();
        assert_eq!(code(&error), expected, "{fault:?}: {error:?}");
        assert_eq!(error.is_nx_domain(), fault == Fault::NxDomain);
        assert_eq!(look(&ask, "a.acme.example", RecordType::TXT).await.unwrap(), ["here"], "{fault:?}");
        dns.behave();
        assert_eq!(look(&ask, "a.acme.example", RecordType::A).await.unwrap(), ["192.0.2.1"], "{fault:?}");
    }
    dns.misbehave([Rule::below("acme.example", Fault::Slow(Duration::from_millis(50)))]);
    let began = std::time::Instant::now();
    assert_eq!(look(&ask, "a.acme.example", RecordType::A).await.unwrap(), ["192.0.2.1"]);
    assert!(began.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_truncated_answer_says_so_over_udp_and_is_whole_over_tcp() {
    let dns = start(&["acme.example"]).await;
    dns.set("a.acme.example", "TXT", 60, ["here"]).unwrap();
    dns.misbehave([Rule::at("a.acme.example", Fault::Truncated)]);
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut question = Message::new(7, MessageType::Query, OpCode::Query);
    question.add_query(Query::query(Name::from_ascii("a.acme.example.").unwrap(), RecordType::TXT));
    socket.send_to(&question.to_vec().unwrap(), dns.addr()).await.unwrap();
    let mut answer = [0; 1500];
    let length = socket.recv(&mut answer).await.unwrap();
    let answer = Message::from_vec(&answer[..length]).unwrap();
    assert!(answer.metadata.truncation && answer.answers.is_empty() && answer.metadata.id == 7, "{answer:?}");
    assert_eq!(look(&both(&dns), "a.acme.example", RecordType::TXT).await.unwrap(), ["here"]);
}

#[tokio::test]
async fn zones_survive_a_restart_where_they_are_kept_on_the_port_they_had() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().join("dns")), ..Options::default() };
    let zones = vec!["acme.example".to_owned()];
    let first = Dns::start(Options { zones: zones.clone(), ..options.clone() }).await.unwrap();
    first.set("a.acme.example", "TXT", 60, ["kept"]).unwrap();
    first.remove("ns1.acme.example", "A").unwrap();
    let port = Some(first.addr().port());
    first.stop().await;

    let second = Dns::start(Options { port, zones, ..options.clone() }).await.unwrap();
    assert_eq!(look(&both(&second), "a.acme.example", RecordType::TXT).await.unwrap(), ["kept"]);
    assert!(look(&both(&second), "ns1.acme.example", RecordType::A).await.is_err());
    assert!(second.remove_zone("acme.example").unwrap());
    second.stop().await;
    assert_eq!(Dns::start(options.clone()).await.unwrap().dump("acme.example"), None);

    std::fs::write(folder.path().join("dns/zones.json"), "damaged").unwrap();
    assert!(Dns::start(options).await.unwrap_err().to_string().contains("damaged"));
}

#[tokio::test]
async fn a_dump_is_a_zone_file() {
    let dns = start(&["acme.example"]).await;
    dns.set("acme.example", "TXT", 60, ["v=spf1 -all"]).unwrap();
    dns.set("send.acme.example", "MX", 90, ["10 mx.example"]).unwrap();
    let text = dns.dump("acme.example").unwrap();
    assert!(text.starts_with("$ORIGIN acme.example.\nacme.example. 300 IN SOA ns1.acme.example. "), "{text}");
    for line in [
        "acme.example. 60 IN TXT \"v=spf1 -all\"",
        "send.acme.example. 90 IN MX 10 mx.example.",
        "acme.example. 300 IN NS ns1.acme.example.",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn zones_are_edited_over_http() {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    let dns = start(&[]).await;
    let call = async |method: &str, path: &str, body: Value| {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let answer = dns.routes().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice::<Value>(&bytes).unwrap_or(Value::Null))
    };
    let record = "/records/a.acme.example/TXT";
    assert_eq!(call("PUT", record, json!({ "values": ["x"] })).await.0, 404);
    assert_eq!(call("PUT", "/zones/acme.example", Value::Null).await.0, 204);
    assert_eq!(call("GET", "/zones", Value::Null).await.1["data"], json!(["acme.example"]));
    assert_eq!(call("PUT", record, json!({ "ttl": 5, "values": ["x"] })).await.0, 204);
    let (status, set) = call("GET", record, Value::Null).await;
    assert_eq!((status, &set), (200, &json!({ "name": "a.acme.example", "type": "TXT", "ttl": 5, "values": ["x"] })));
    assert_eq!(look(&both(&dns), "a.acme.example", RecordType::TXT).await.unwrap(), ["x"]);
    assert_eq!(call("PUT", "/records/a.acme.example/CNAME", json!({ "values": ["b.example"] })).await.0, 409);
    assert_eq!(call("PUT", "/records/a.acme.example/A", json!({ "values": ["no address"] })).await.0, 422);
    assert_eq!(call("DELETE", record, Value::Null).await.0, 204);
    assert_eq!(call("GET", record, Value::Null).await.0, 404);
    assert_eq!(call("GET", "/zones/acme.example", Value::Null).await.0, 200);
    assert_eq!(call("DELETE", "/zones/acme.example", Value::Null).await.0, 204);
    assert_eq!(call("GET", "/zones/acme.example", Value::Null).await.0, 404);
}
