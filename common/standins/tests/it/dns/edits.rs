//! Zones changed value by value, with an SOA of one's own, and as a whole.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use hickory_resolver::proto::rr::RecordType;
use tenantry_standins::dns::{Dns, Options, Wrong};
use tower::ServiceExt;

use crate::dns::{both, look, start};

const ZONE: &str = "$ORIGIN acme.test.
$TTL 120
@ IN SOA ns1.host.example. hostmaster.host.example. 7 3600 600 604800 30
@ NS ns1.host.example. ; not below the zone
@ NS ns2
ns2 A 192.0.2.2
send 60 IN MX 10 feedback.example.
send TXT \"v=spf1 include:\" \"a.example ~all\"
*.free CNAME there.example.
";

#[tokio::test]
async fn one_value_comes_and_goes_beside_the_others() {
    let dns = start(&["acme.test"]).await;
    let seen = async || {
        let mut values = look(&both(&dns), "acme.test", RecordType::MX).await.unwrap();
        values.sort();
        values
    };
    dns.add("acme.test", "MX", 60, "10 a.example").unwrap();
    dns.add("acme.test", "MX", 60, "20 b.example").unwrap();
    dns.add("acme.test", "MX", 60, "20 b.example.").unwrap();
    assert_eq!(seen().await, ["10 a.example.", "20 b.example."]);
    assert!(dns.remove_value("acme.test", "MX", "10 A.example.").unwrap());
    assert!(!dns.remove_value("acme.test", "MX", "10 a.example").unwrap());
    assert_eq!(seen().await, ["20 b.example."]);
    assert!(dns.remove_value("acme.test", "MX", "20 b.example").unwrap());
    assert_eq!(dns.get("acme.test", "MX"), None);
    assert!(matches!(dns.remove_value("acme.test", "MX", "b.example"), Err(Wrong::Value { .. })));
}

#[tokio::test]
async fn a_zone_has_the_soa_that_it_was_given_until_that_is_taken_away() {
    let dns = start(&["acme.test"]).await;
    let soa = async || look(&both(&dns), "acme.test", RecordType::SOA).await.unwrap().concat();
    dns.set("acme.test", "SOA", 900, ["ns.b.example host.b.example 5 1 2 3 15"]).unwrap();
    assert_eq!(soa().await, "ns.b.example. host.b.example. 5 1 2 3 15");
    let dump = dns.dump("acme.test").unwrap();
    assert!(dump.contains("acme.test. 900 IN SOA ns.b.example."), "{dump}");
    assert_eq!(dump.matches("SOA").count(), 1);
    assert_eq!(dns.set("x.acme.test", "SOA", 1, ["a. b. 1 1 1 1 1"]), Err(Wrong::Soa("x.acme.test".to_owned())));
    assert!(dns.remove("acme.test", "SOA").unwrap());
    assert!(soa().await.starts_with("ns1.acme.test. hostmaster.acme.test. "));
}

#[tokio::test]
async fn a_zone_file_becomes_the_zone_and_its_dump_again_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let dns = Dns::start(options.clone()).await.unwrap();
    dns.load("acme.test", ZONE).unwrap();
    let check = async |dns: &Dns| {
        let ask = both(dns);
        let mut servers = look(&ask, "acme.test", RecordType::NS).await.unwrap();
        servers.sort();
        assert_eq!(servers, ["ns1.host.example.", "ns2.acme.test."]);
        assert!(look(&ask, "ns1.acme.test", RecordType::A).await.unwrap_err().is_nx_domain());
        assert!(look(&ask, "acme.test", RecordType::SOA).await.unwrap()[0].ends_with(" 7 3600 600 604800 30"));
        assert_eq!(look(&ask, "send.acme.test", RecordType::MX).await.unwrap(), ["10 feedback.example."]);
        assert_eq!(look(&ask, "send.acme.test", RecordType::TXT).await.unwrap(), ["v=spf1 include:a.example ~all"]);
        assert_eq!(look(&ask, "x.free.acme.test", RecordType::CNAME).await.unwrap(), ["there.example."]);
    };
    check(&dns).await;
    assert_eq!(dns.get("send.acme.test", "MX").map(|set| set.ttl), Some(60));
    assert_eq!(dns.get("send.acme.test", "TXT").map(|set| set.ttl), Some(120));
    let dump = dns.dump("acme.test").unwrap();
    dns.load("acme.test", &dump).unwrap();
    assert_eq!(dns.dump("acme.test").unwrap(), dump);
    dns.stop().await;
    check(&Dns::start(options).await.unwrap()).await;
}

#[tokio::test]
async fn what_is_no_zone_file_changes_nothing_and_reads_no_file() {
    let dns = start(&["acme.test"]).await;
    dns.set("a.acme.test", "TXT", 60, ["kept"]).unwrap();
    let before = dns.dump("acme.test");
    for (text, why) in [
        ("$INCLUDE /etc/hostname\n", "$INCLUDE is not followed here"),
        ("  $include /etc/hostname\n", "$INCLUDE is not followed here"),
        ("$TTL 60\na.other.test. A 192.0.2.1\n", "a.other.test is not in it"),
        ("$TTL 60\na A here\n", ""),
    ] {
        let wrong = dns.load("acme.test", text).unwrap_err();
        assert!(matches!(wrong, Wrong::File { .. }) && wrong.to_string().contains(why), "{text}: {wrong}");
    }
    let beside = dns.load("acme.test", "$TTL 60\na CNAME b.example.\na TXT x\n").unwrap_err();
    assert_eq!(beside, Wrong::Cname("a.acme.test".to_owned()));
    assert_eq!(dns.dump("acme.test"), before);
}

#[tokio::test]
async fn over_http_too_and_a_name_of_no_zone_is_told_which_there_are() {
    let dns = start(&[]).await;
    let call = async |method: &str, path: &str, body: &str| {
        let kind = if path.ends_with("/file") { "text/plain" } else { "application/json" };
        let request = Request::builder().method(method).uri(path).header("content-type", kind);
        let answer = dns.routes().oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        (status, String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap())
    };
    let (record, value) = ("/records/mail.acme.test/TXT", r#"{"values": ["one"]}"#);
    let (status, said) = call("PUT", record, value).await;
    let advice = "no zone here holds mail.acme.test; there are no zones yet; make one first, for instance by PUT /zones/acme.test.";
    assert!(status == 404 && said.contains(advice), "{said}");
    assert_eq!(call("PUT", "/zones/acme.test/file", ZONE).await.0, 204);
    let (status, said) = call("PUT", "/zones/acme.test/file", "$TTL 60\na A here\n").await;
    assert!(status == 422 && said.contains("this is not the zone file of acme.test: "), "{said}");
    assert_eq!(call("POST", record, value).await.0, 204);
    assert_eq!(call("POST", record, r#"{"values": ["two"]}"#).await.0, 204);
    assert_eq!(call("DELETE", &format!("{record}?value=one"), "").await.0, 204);
    assert_eq!(call("DELETE", &format!("{record}?value=one"), "").await.0, 404);
    assert_eq!(dns.get("mail.acme.test", "TXT").unwrap().values, ["two"]);
    let (_, all) = call("GET", "/zones/acme.test/records", "").await;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let mine = serde_json::json!({ "name": "mail.acme.test", "type": "TXT", "ttl": 300, "values": ["two"] });
    assert!(all["data"].as_array().unwrap().contains(&mine), "{all}");
    let (status, said) = call("GET", "/zones/other.test/records", "").await;
    assert!(status == 404 && said.contains("the only zone is acme.test"), "{said}");
}
