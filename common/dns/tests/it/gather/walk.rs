//! The way from the root to the zone.

use tenantry_dns::{Delegation, Places, RecordType, Resolver, Trouble};
use tenantry_standins::dns::{Fault, Rule};

use crate::gather::net::{
    ACME, NO_DATA, NO_NAME, Net, OTHER, REGISTRY, answers, at, delegate, places, said, server, text, token,
};

#[tokio::test]
async fn two_delegations_lead_to_the_zone_and_its_server_is_asked() {
    let net = Net::start().await;
    net.acme.set("_tenantry.mail.acme.test", "TXT", 120, ["tenantry-verify=a"]).unwrap();
    let resolver = Resolver::new(net.places());
    // On another thread, as in a function.
    let look = async move { resolver.gather("mail.acme.test", &[token("mail.acme.test")]).await };
    let seen = tokio::spawn(look).await.unwrap();
    assert_eq!(seen.delegation, Delegation::Found);
    assert_eq!(seen.zone.as_deref(), Some("acme.test"));
    assert_eq!(seen.servers.len(), 1);
    assert_eq!(
        (seen.servers[0].name.as_str(), &seen.servers[0].addresses),
        ("ns1.acme.test", &vec![at(ACME, net.port)])
    );
    assert_eq!(said(&seen, "_tenantry.mail.acme.test", RecordType::Txt), [&text("tenantry-verify=a", 120)]);
    assert_eq!(said(&seen, "_tenantry.mail.acme.test", RecordType::Mx), [&NO_DATA]);
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&NO_NAME]);
    let asked = &answers(&seen, "acme.test", RecordType::Ns).authoritative[0];
    assert_eq!((asked.server.as_str(), asked.address), ("ns1.acme.test", at(ACME, net.port)));
    assert_eq!(net.root.asked("_tenantry.mail.acme.test", "TXT"), 0);
    assert!(seen.wildcard.is_empty() && !seen.dnssec_bogus);
}

#[tokio::test]
async fn a_domain_that_the_registry_does_not_know_is_not_registered() {
    let net = Net::start().await;
    let seen = net.gather("mail.nobody.test", &[token("mail.nobody.test")]).await;
    assert_eq!(seen.delegation, Delegation::NotRegistered { name: "nobody.test".into() });
    assert!(seen.answers.is_empty());
    let seen = net.gather("mail.nobody.invalid", &[]).await;
    assert_eq!(seen.delegation, Delegation::NotRegistered { name: "invalid".into() });
    // A name that a registered domain's own servers do not know is just not there yet.
    let seen = net.gather("new.acme.test", &[]).await;
    assert_eq!((seen.delegation, seen.zone.as_deref()), (Delegation::Found, Some("acme.test")));
}

#[tokio::test]
async fn a_registry_below_a_registry_does_not_know_a_domain_either() {
    let net = Net::start().await;
    net.registry.add_zone("co.uk").unwrap();
    delegate(&net.root, "co.uk", &[("ns1.co.uk", REGISTRY)]);
    let seen = net.gather("mail.nobody.co.uk", &[]).await;
    assert_eq!(seen.delegation, Delegation::NotRegistered { name: "nobody.co.uk".into() });
    assert_eq!(seen.zone.as_deref(), Some("co.uk"));
}

#[tokio::test]
async fn what_cannot_be_asked_on_the_way_is_unknown_and_never_missing() {
    let net = Net::start().await;
    for (fault, trouble) in
        [(Fault::ServFail, Trouble::ServFail), (Fault::Refused, Trouble::Refused), (Fault::Silence, Trouble::TimeOut)]
    {
        net.registry.misbehave([Rule::below(".", fault)]);
        let seen = net.gather("mail.nobody.test", &[]).await;
        assert_eq!(seen.delegation, Delegation::Unknown(trouble), "{fault:?}");
        assert!(seen.answers.is_empty());
    }
    net.registry.behave();
    net.acme.misbehave([Rule::below(".", Fault::ServFail)]);
    assert_eq!(net.gather("acme.test", &[]).await.delegation, Delegation::Unknown(Trouble::ServFail));
}

#[tokio::test]
async fn a_zone_that_its_servers_do_not_hold_is_lame() {
    let net = Net::start().await;
    // They refuse.
    net.acme.remove_zone("acme.test").unwrap();
    let seen = net.gather("mail.acme.test", &[token("mail.acme.test")]).await;
    assert_eq!((seen.delegation, seen.zone.as_deref()), (Delegation::Lame, Some("acme.test")));
    assert_eq!(seen.servers[0].addresses, [at(ACME, net.port)]);
    // They send the walk back to where it came from.
    net.acme.add_zone("test").unwrap();
    delegate(&net.acme, "acme.test", &[("ns1.acme.test", ACME)]);
    assert_eq!(net.gather("mail.acme.test", &[]).await.delegation, Delegation::Lame);
    // They have no address.
    net.registry.set("acme.test", "NS", 300, ["ns.nowhere.test"]).unwrap();
    assert_eq!(net.gather("mail.acme.test", &[]).await.delegation, Delegation::Lame);
    // One refuses and one is silent: then nothing is certain.
    delegate(&net.registry, "acme.test", &[("ns1.acme.test", ACME), ("ns2.acme.test", 77)]);
    assert_eq!(net.gather("mail.acme.test", &[]).await.delegation, Delegation::Unknown(Trouble::TimeOut));
}

#[tokio::test]
async fn the_addresses_of_servers_elsewhere_are_found_by_another_walk() {
    let net = Net::start().await;
    let hoster = server(net.port, OTHER, "hoster.test").await;
    delegate(&net.registry, "hoster.test", &[("ns1.hoster.test", OTHER)]);
    hoster.set("a.dns.hoster.test", "A", 300, ["127.0.0.3"]).unwrap();
    net.registry.set("acme.test", "NS", 300, ["a.dns.hoster.test"]).unwrap();
    net.acme.set("acme.test", "NS", 300, ["a.dns.hoster.test"]).unwrap();
    let seen = net.gather("acme.test", &[]).await;
    assert_eq!(seen.delegation, Delegation::Found);
    assert_eq!(seen.servers.len(), 1);
    assert_eq!(
        (seen.servers[0].name.as_str(), &seen.servers[0].addresses),
        ("a.dns.hoster.test", &vec![at(ACME, net.port)])
    );
}

#[tokio::test]
async fn servers_whose_names_need_each_other_are_nowhere() {
    let net = Net::start().await;
    for (zone, name) in [("acme.test", "ns.loop.test"), ("loop.test", "ns.acme.test")] {
        net.registry.set(zone, "NS", 300, [name]).unwrap();
    }
    net.registry.remove("ns1.acme.test", "A").unwrap();
    let seen = net.gather("acme.test", &[]).await;
    assert_eq!(seen.delegation, Delegation::Lame);
    assert!(net.registry.asked("ns.loop.test", "A") < 10, "the walk went in circles");
}

#[tokio::test]
async fn one_server_for_the_zone_and_the_one_above_it_says_itself_who_holds_it() {
    let net = Net::start().await;
    net.registry.add_zone("own.test").unwrap();
    delegate(&net.registry, "own.test", &[("ns1.own.test", REGISTRY)]);
    let seen = net.gather("mail.own.test", &[]).await;
    assert_eq!((seen.delegation, seen.zone.as_deref()), (Delegation::Found, Some("own.test")));
    assert_eq!(seen.servers[0].addresses, [at(REGISTRY, net.port)]);
}

#[tokio::test]
async fn the_servers_that_a_zone_names_itself_have_to_hold_it() {
    let net = Net::start().await;
    net.registry.add_zone("own.test").unwrap();
    delegate(&net.registry, "own.test", &[("ns1.own.test", ACME)]);
    assert_eq!(net.gather("own.test", &[]).await.delegation, Delegation::Lame);
    delegate(&net.registry, "own.test", &[("ns1.own.test", ACME), ("ns2.own.test", 77)]);
    assert_eq!(net.gather("own.test", &[]).await.delegation, Delegation::Unknown(Trouble::TimeOut));
    delegate(&net.registry, "own.test", &[("ns1.own.test", ACME), ("ns2.own.test", REGISTRY)]);
    assert_eq!(net.gather("own.test", &[]).await.delegation, Delegation::Found);
}

#[tokio::test]
async fn a_domain_that_is_an_alias_belongs_to_the_zone_above_it() {
    let net = Net::start().await;
    net.acme.set("mail.acme.test", "CNAME", 300, ["acme.test"]).unwrap();
    let seen = net.gather("mail.acme.test", &[]).await;
    assert_eq!((seen.delegation, seen.zone.as_deref()), (Delegation::Found, Some("acme.test")));
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_asked_on_the_internet_s_own_port() {
    let net = Net::start().await;
    // The root is one of ours and may be anywhere; what it names is not.
    let places = Places { port: 53, ..net.places() };
    let seen = Resolver::new(places).gather("acme.test", &[]).await;
    assert_eq!(seen.delegation, Delegation::Unknown(Trouble::Refused));
    assert_eq!(net.registry.asked("acme.test", "SOA"), 0);
    assert_eq!(net.root.asked("acme.test", "SOA"), 1);
}

#[tokio::test]
async fn one_given_server_stands_for_all() {
    let net = Net::start().await;
    net.acme.set("_tenantry.acme.test", "TXT", 300, ["tenantry-verify=a"]).unwrap();
    let alone = Resolver::new(Places { server: Some(at(ACME, net.port)), roots: Vec::new(), ..places(1) });
    let seen = alone.gather("acme.test", &[token("acme.test")]).await;
    assert_eq!((&seen.delegation, seen.zone.as_deref()), (&Delegation::Found, Some("acme.test")));
    assert_eq!(said(&seen, "_tenantry.acme.test", RecordType::Txt), [&text("tenantry-verify=a", 300)]);
    assert_eq!(alone.gather("other.test", &[]).await.delegation, Delegation::Lame);
    let registry = Resolver::new(Places { server: Some(at(REGISTRY, net.port)), ..places(1) });
    let name = "nobody.test".to_owned();
    assert_eq!(registry.gather("x.nobody.test", &[]).await.delegation, Delegation::NotRegistered { name });
    net.acme.misbehave([Rule::below(".", Fault::Silence)]);
    assert_eq!(alone.gather("acme.test", &[]).await.delegation, Delegation::Unknown(Trouble::TimeOut));
}
