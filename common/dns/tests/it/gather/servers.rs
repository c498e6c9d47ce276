//! Several servers of one zone.

use std::time::Duration;

use tenantry_dns::{Delegation, RecordType, Said, Trouble};
use tenantry_standins::dns::{Fault, Rule};

use crate::gather::net::{ACME, NO_NAME, Net, OTHER, answers, at, delegate, said, server, text, token};

#[tokio::test]
async fn each_server_says_what_it_has() {
    let net = Net::start().await;
    let second = net.second().await;
    net.acme.set("_tenantry.acme.test", "TXT", 300, ["new"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("new", 300), &NO_NAME]);
    second.set("_tenantry.acme.test", "TXT", 60, ["old"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("new", 300), &text("old", 60)]);
    let names: Vec<&str> = seen.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["ns1.acme.test", "ns2.acme.test"]);
}

#[tokio::test]
async fn a_server_that_only_the_zone_names_is_asked_too() {
    let net = Net::start().await;
    let _second = server(net.port, OTHER, "acme.test").await;
    delegate(&net.acme, "acme.test", &[("ns1.acme.test", ACME), ("ns2.acme.test", OTHER)]);
    let seen = net.gather("acme.test", &[]).await;
    assert_eq!(seen.servers.len(), 2);
    assert_eq!(answers(&seen, "acme.test", RecordType::Mx).authoritative[1].address, at(OTHER, net.port));
}

#[tokio::test]
async fn a_dead_server_costs_its_time_once_and_hides_nothing() {
    let net = Net::start().await;
    let second = net.second().await;
    net.acme.set("_tenantry.acme.test", "TXT", 300, ["a"]).unwrap();
    second.misbehave([Rule::below(".", Fault::Silence)]);
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(seen.delegation, Delegation::Found);
    let silent = Said::Failed(Trouble::TimeOut);
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("a", 300), &silent]);
    assert_eq!(second.asked("_tenantry.acme.test", "TXT"), 0, "it was known to be dead");
}

#[tokio::test]
async fn the_next_address_of_a_server_is_asked_where_the_first_is_dead() {
    let net = Net::start().await;
    net.registry.set("ns1.acme.test", "A", 300, ["127.0.0.77", "127.0.0.3"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    let answer = &answers(&seen, "_tenantry.acme.test", RecordType::Txt).authoritative[0];
    assert_eq!((answer.address, &answer.said), (at(ACME, net.port), &NO_NAME));
}

#[tokio::test]
async fn a_server_that_fails_for_one_name_is_heard_for_the_others() {
    let net = Net::start().await;
    for (fault, trouble) in
        [(Fault::ServFail, Trouble::ServFail), (Fault::Refused, Trouble::Refused), (Fault::Silence, Trouble::TimeOut)]
    {
        net.acme.misbehave([Rule::at("_tenantry.acme.test", fault).of("TXT")]);
        let seen = net.gather("acme.test", &[token("acme.test")]).await;
        assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&Said::Failed(trouble)]);
        assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Mx), [&NO_NAME]);
        assert_eq!(said(&seen, "_dmarc.acme.test", RecordType::Txt), [&NO_NAME]);
    }
}

#[tokio::test]
async fn a_lost_question_is_put_again() {
    let net = Net::start().await;
    net.acme.set("_tenantry.acme.test", "TXT", 300, ["a"]).unwrap();
    net.acme.misbehave([Rule::at("_tenantry.acme.test", Fault::Silence).of("TXT").times(1)]);
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("a", 300)]);
    assert_eq!(net.acme.asked("_tenantry.acme.test", "TXT"), 2);
}

#[tokio::test]
async fn everything_ends_when_the_time_is_over() {
    let net = Net::start().await;
    net.acme.misbehave([Rule::below("_tenantry.acme.test", Fault::Slow(Duration::from_secs(5)))]);
    let mut places = net.places();
    (places.time_out, places.overall) = (Duration::from_secs(60), Duration::from_millis(600));
    let seen = tenantry_dns::Resolver::new(places).gather("acme.test", &[token("acme.test")]).await;
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&Said::Failed(Trouble::TimeOut)]);
}

#[tokio::test]
async fn a_server_that_sends_us_elsewhere_for_its_own_zone_does_not_hold_it() {
    let net = Net::start().await;
    let second = server(net.port, OTHER, "test").await;
    for dns in [&net.registry, &net.acme, &second] {
        delegate(dns, "acme.test", &[("ns1.acme.test", ACME), ("ns2.acme.test", OTHER)]);
    }
    net.acme.set("_tenantry.acme.test", "TXT", 300, ["a"]).unwrap();
    let seen = net.gather("acme.test", &[token("acme.test")]).await;
    let refused = Said::Failed(Trouble::Refused);
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("a", 300), &refused]);
}
