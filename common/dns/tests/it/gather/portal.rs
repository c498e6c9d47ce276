//! The look at a portal's hostname, against real servers: the tenant's zone, the platform's, and a public resolver.

use tenantry_dns::{
    Caa, Delegation, HostReport, HostSeen, HostWanted, Places, Pointing, RecordType, Resolver, Said, Value, check_host,
    ownership,
};
use tenantry_standins::dns::{Dns, Fault, Rule};

use crate::gather::net::{ACME, NO_NAME, Net, PUBLIC, REGISTRY, at, delegate, server};

const HOST: &str = "portal.acme.test";
const TARGET: &str = "a1b2c3d.portal.tenantry.test";
const PLATFORM: u8 = 6;
const GATEWAY: &str = "192.0.2.10";

/// The small Internet, with the platform's zone in it.
struct World {
    net: Net,
    platform: Dns,
}

impl World {
    async fn start() -> Self {
        let net = Net::start().await;
        let platform = server(net.port, PLATFORM, "portal.tenantry.test").await;
        delegate(&net.registry, "portal.tenantry.test", &[("ns1.portal.tenantry.test", PLATFORM)]);
        platform.set("*.portal.tenantry.test", "A", 60, [GATEWAY]).unwrap();
        Self { net, platform }
    }

    /// With the CNAME in place.
    async fn pointed() -> Self {
        let world = Self::start().await;
        world.set(HOST, "CNAME", &[TARGET]);
        world
    }

    fn set(&self, name: &str, kind: &str, values: &[&str]) {
        self.net.acme.set(name, kind, 300, values.iter().copied()).unwrap();
    }

    async fn look(&self) -> (HostSeen, HostReport) {
        look(self.net.places(), &wanted()).await
    }

    async fn report(&self) -> HostReport {
        self.look().await.1
    }

    /// Where it leads, and the codes of what is found.
    async fn found(&self) -> (Pointing, Vec<String>) {
        let report = self.report().await;
        (report.pointing, report.findings.into_iter().map(|finding| finding.code).collect())
    }
}

fn wanted() -> HostWanted {
    HostWanted {
        host: HOST.to_owned(),
        target: TARGET.to_owned(),
        ownership: ownership(HOST, "abc"),
        ca: "letsencrypt.org".to_owned(),
        ca_account: None,
    }
}

async fn look(places: Places, wanted: &HostWanted) -> (HostSeen, HostReport) {
    let seen = Resolver::new(places).look_at_host(wanted).await;
    let report = check_host(wanted, &seen);
    (seen, report)
}

fn codes(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[tokio::test]
async fn a_cname_is_followed_to_the_servers_that_hold_its_target() {
    let world = World::pointed().await;
    let (seen, report) = world.look().await;
    assert_eq!((report.pointing, report.matches(), report.findings.as_slice()), (Pointing::Cname, Some(true), &[][..]));
    assert_eq!(report.observed, format!("{HOST} \u{2192} {TARGET} \u{2192} {GATEWAY}"));
    assert_eq!((report.zone.as_deref(), report.caa), (Some("acme.test"), Caa::Allows));
    assert_eq!(seen.seen.delegation, Delegation::Found);
    // The names above the zone are asked for CAA of those who hold them.
    assert_eq!(world.net.registry.asked("test", "CAA"), 1);
    assert!(world.platform.asked(TARGET, "CAA") >= 1);
}

#[tokio::test]
async fn a_chain_through_other_zones_counts_and_one_past_the_target_does_too() {
    let world = World::start().await;
    world.net.registry.set("hop.test", "CNAME", 300, [TARGET]).unwrap();
    world.set(HOST, "CNAME", &["inner.acme.test"]);
    world.set("inner.acme.test", "CNAME", &["hop.test"]);
    world.platform.remove("*.portal.tenantry.test", "A").unwrap();
    world.platform.set("*.portal.tenantry.test", "CNAME", 60, ["gateway.test"]).unwrap();
    world.net.registry.set("gateway.test", "A", 60, [GATEWAY]).unwrap();
    let report = world.report().await;
    assert_eq!((report.pointing, report.findings.as_slice()), (Pointing::Cname, &[][..]));
    assert_eq!(report.chain, ["inner.acme.test", "hop.test", TARGET, "gateway.test"]);
}

#[tokio::test]
async fn a_hostname_that_is_not_there_is_missing_and_one_that_nobody_can_be_asked_for_is_not() {
    let world = World::start().await;
    assert_eq!(world.found().await, (Pointing::Missing, codes(&["missing"])));
    for fault in [Fault::ServFail, Fault::Refused, Fault::Silence, Fault::NotAuthoritative] {
        world.net.acme.misbehave([Rule::at(HOST, fault)]);
        let report = world.report().await;
        assert_eq!((report.pointing, report.proven, report.matches()), (Pointing::Unclear, None, None), "{fault:?}");
    }
    world.net.acme.misbehave([Rule::below(".", Fault::ServFail)]);
    assert_eq!(world.report().await.pointing, Pointing::Unclear);
    world.net.acme.behave();
    world.net.registry.misbehave([Rule::below(".", Fault::Silence)]);
    assert_eq!(world.report().await.pointing, Pointing::Unclear);
}

#[tokio::test]
async fn a_registered_domain_is_missing_only_when_the_registry_says_so() {
    let world = World::start().await;
    let wanted = HostWanted { host: "portal.nobody.test".to_owned(), ..wanted() };
    let (_, report) = look(world.net.places(), &wanted).await;
    assert_eq!((report.pointing, report.findings[0].code.as_str()), (Pointing::Missing, "not_registered"));
    world.net.acme.remove_zone("acme.test").unwrap();
    assert_eq!(world.found().await, (Pointing::Unclear, codes(&["lame_delegation"])));
}

#[tokio::test]
async fn a_target_that_fails_at_its_end_is_known_by_its_name() {
    let world = World::pointed().await;
    world.platform.misbehave([Rule::at(TARGET, Fault::ServFail)]);
    let report = world.report().await;
    assert_eq!((report.pointing, report.proven), (Pointing::Cname, Some(true)));
    assert_eq!(report.caa, Caa::Unclear { at: HOST.to_owned() });
}

#[tokio::test]
async fn circles_and_endless_chains_are_certain() {
    let world = World::start().await;
    let other = |name: &str, target: &str| world.net.registry.set(name, "CNAME", 300, [target]).unwrap();
    world.set(HOST, "CNAME", &["a.test"]);
    other("a.test", "b.test");
    other("b.test", "a.test");
    assert_eq!(world.found().await, (Pointing::Elsewhere, codes(&["cname_chain", "caa_unclear"])));
    other("b.test", HOST);
    assert_eq!(world.found().await.0, Pointing::Elsewhere);
    world.set(HOST, "CNAME", &[HOST]);
    assert_eq!(world.found().await.0, Pointing::Elsewhere);
    world.set(HOST, "CNAME", &["c1.test"]);
    for number in 1..12 {
        other(&format!("c{number}.test"), &format!("c{}.test", number + 1));
    }
    assert_eq!(world.found().await.0, Pointing::Elsewhere);
    // What is only unreadable at its end is none of that.
    world.set(HOST, "CNAME", &["x.acme.test"]);
    world.net.acme.misbehave([Rule::at("x.acme.test", Fault::ServFail)]);
    assert_eq!(world.found().await.0, Pointing::Unclear);
}

#[tokio::test]
async fn addresses_are_compared_with_those_that_the_platform_s_own_servers_say() {
    let world = World::start().await;
    world.set(HOST, "A", &[GATEWAY]);
    assert_eq!(world.found().await, (Pointing::Flattened, codes(&["ownership_needed", "address_record"])));
    world.set(&format!("_tenantry.{HOST}"), "TXT", &["tenantry-verify=abc"]);
    let report = world.report().await;
    assert_eq!((report.pointing, report.proven, report.matches()), (Pointing::Flattened, Some(true), Some(true)));
    world.set(HOST, "AAAA", &["2001:db8::bad"]);
    let report = world.report().await;
    assert_eq!(report.blocking().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["stray_aaaa"]);
    world.set(HOST, "A", &[GATEWAY, "203.0.113.1"]);
    assert_eq!(world.report().await.pointing, Pointing::Elsewhere);
    // A public resolver's old word for the target counts besides: the DNS host may have been told the same.
    let public = server(world.net.port, PUBLIC, "portal.tenantry.test").await;
    public.set(TARGET, "A", 60, ["203.0.113.1"]).unwrap();
    let places = Places { public: vec![at(PUBLIC, world.net.port)], ..world.net.places() };
    assert_eq!(look(places, &wanted()).await.1.pointing, Pointing::Flattened);
}

#[tokio::test]
async fn a_fault_of_the_platform_s_servers_is_no_elsewhere() {
    let world = World::start().await;
    world.set(HOST, "A", &["203.0.113.1"]);
    assert_eq!(world.report().await.pointing, Pointing::Elsewhere);
    for fault in [Fault::ServFail, Fault::Silence, Fault::NxDomain] {
        world.platform.misbehave([Rule::below(".", fault)]);
        assert_eq!(world.report().await.pointing, Pointing::Unclear, "{fault:?}");
    }
}

#[tokio::test]
async fn servers_that_differ_are_no_answer_and_one_that_is_down_is_left_out() {
    let world = World::start().await;
    let second = world.net.second().await;
    world.set(HOST, "CNAME", &[TARGET]);
    assert_eq!(world.found().await, (Pointing::Unclear, codes(&["servers_disagree"])));
    second.stop().await;
    assert_eq!(world.found().await, (Pointing::Cname, codes(&["server_down"])));
}

#[tokio::test]
async fn the_record_is_found_where_a_panel_put_it() {
    let world = World::start().await;
    for (name, code) in [
        ("portal.acme.test.acme.test", "zone_appended"),
        ("portal.portal.acme.test", "wrong_name"),
        ("www.portal.acme.test", "wrong_name"),
        ("a1b2c3d.acme.test", "wrong_name"),
    ] {
        world.set(name, "CNAME", &[TARGET]);
        assert_eq!(world.found().await, (Pointing::Missing, codes(&[code])), "{name}");
        world.net.acme.remove(name, "CNAME").unwrap();
    }
}

#[tokio::test]
async fn a_wildcard_counts_and_is_told_where_it_leads_elsewhere() {
    let world = World::start().await;
    world.set("*.acme.test", "CNAME", &[TARGET]);
    assert_eq!(world.found().await, (Pointing::Cname, codes(&[])));
    world.set("*.acme.test", "CNAME", &["www.acme.test"]);
    world.set("www.acme.test", "A", &["203.0.113.1"]);
    let (pointing, found) = world.found().await;
    assert_eq!(pointing, Pointing::Elsewhere);
    assert!(found.contains(&"wildcard".to_owned()), "{found:?}");
}

#[tokio::test]
async fn caa_records_are_looked_for_up_the_tree_and_behind_aliases() {
    let world = World::pointed().await;
    let forbids = |at: &str| Caa::Forbids { at: at.to_owned(), records: vec!["0 issue \";\"".to_owned()] };
    world.net.registry.set("test", "CAA", 300, ["0 issue \";\""]).unwrap();
    assert_eq!(world.report().await.caa, forbids("test"));
    world.set("acme.test", "CAA", &["0 issue \"letsencrypt.org; validationmethods=http-01\"", "128 issuewild \";\""]);
    assert_eq!(world.report().await.caa, Caa::Allows);
    world.platform.set(TARGET, "CAA", 300, ["0 issue \";\""]).unwrap();
    assert_eq!(world.report().await.caa, forbids(TARGET));
    world.platform.misbehave([Rule::at(TARGET, Fault::ServFail).of("CAA")]);
    let report = world.report().await;
    assert_eq!((report.pointing, report.caa), (Pointing::Cname, Caa::Unclear { at: HOST.to_owned() }));
    world.platform.behave();
    world.platform.remove(TARGET, "CAA").unwrap();
    world.net.acme.misbehave([Rule::at("acme.test", Fault::ServFail).of("CAA")]);
    assert_eq!(world.report().await.caa, Caa::Unclear { at: "acme.test".to_owned() });
}

#[tokio::test]
async fn a_public_resolver_s_old_word_is_told_with_its_time() {
    let world = World::pointed().await;
    let public = server(world.net.port, PUBLIC, "acme.test").await;
    public.set("acme.test", "SOA", 3600, ["ns1.acme.test hostmaster.acme.test 1 3600 600 604800 1800"]).unwrap();
    let places = Places { public: vec![at(PUBLIC, world.net.port)], ..world.net.places() };
    let (_, report) = look(places.clone(), &wanted()).await;
    assert_eq!((report.pointing, report.findings[0].code.as_str()), (Pointing::Cname, "public_differs"));
    assert!(report.findings[0].saw.ends_with("and may for up to 30 minutes."), "{:?}", report.findings);
    public.set(HOST, "A", 120, ["203.0.113.1"]).unwrap();
    let (_, report) = look(places, &wanted()).await;
    assert!(report.findings[0].saw.contains("remembers `203.0.113.1`"), "{:?}", report.findings);
}

#[tokio::test]
async fn signatures_that_do_not_hold_are_told_from_those_of_the_platform() {
    let world = World::pointed().await;
    let public = server(world.net.port, PUBLIC, "test").await;
    public.set(HOST, "A", 60, [GATEWAY]).unwrap();
    public.set(TARGET, "A", 60, [GATEWAY]).unwrap();
    let places = Places { public: vec![at(PUBLIC, world.net.port)], ..world.net.places() };
    public.misbehave([Rule::at(HOST, Fault::Bogus)]);
    let (seen, report) = look(places.clone(), &wanted()).await;
    assert!(seen.seen.dnssec_bogus && !seen.target_bogus);
    assert_eq!(report.blocking().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["dnssec_bogus"]);
    public.misbehave([Rule::below(".", Fault::Bogus)]);
    let (_, report) = look(places, &wanted()).await;
    assert_eq!(report.blocking().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["target_unresolved"]);
}

#[tokio::test]
async fn the_top_of_a_zone_is_known_by_the_cut() {
    let world = World::start().await;
    world.set("acme.test", "MX", &["10 mx.acme.test"]);
    let wanted = HostWanted { host: "acme.test".to_owned(), ownership: ownership("acme.test", "abc"), ..wanted() };
    let (_, report) = look(world.net.places(), &wanted).await;
    let found: Vec<&str> = report.findings.iter().map(|finding| finding.code.as_str()).collect();
    // The stand-in's zones have their server's address, but not at the top.
    assert_eq!((report.pointing, report.apex, found), (Pointing::Missing, true, vec!["missing", "apex_no_cname"]));
    assert_eq!(report.name_in_zone.as_deref(), Some("@"));
    // A hostname may be a zone of its own: the parent's CAA records count then all the same.
    let own = server(world.net.port, 5, HOST).await;
    delegate(&world.net.acme, HOST, &[("ns1.portal.acme.test", 5)]);
    own.set(HOST, "A", 300, [GATEWAY]).unwrap();
    world.set("acme.test", "CAA", &["0 issue \"ca.example\""]);
    let report = world.report().await;
    assert_eq!((report.pointing, report.apex, report.zone.as_deref()), (Pointing::Flattened, true, Some(HOST)));
    assert!(matches!(&report.caa, Caa::Forbids { at, .. } if at == "acme.test"), "{:?}", report.caa);
}

#[tokio::test]
async fn one_given_server_stands_for_all() {
    let world = World::pointed().await;
    world.net.acme.add_zone("portal.tenantry.test").unwrap();
    world.net.acme.set("*.portal.tenantry.test", "A", 60, [GATEWAY]).unwrap();
    world.net.acme.add_zone("test").unwrap();
    let places = Places { server: Some(at(ACME, world.net.port)), roots: Vec::new(), ..crate::gather::net::places(1) };
    let (seen, report) = look(places, &wanted()).await;
    assert_eq!((report.pointing, report.findings.as_slice()), (Pointing::Cname, &[][..]), "{seen:#?}");
    let registry = Places { server: Some(at(REGISTRY, world.net.port)), ..crate::gather::net::places(1) };
    let nobody = HostWanted { host: "portal.nobody.test".to_owned(), ..wanted() };
    assert_eq!(look(registry, &nobody).await.1.pointing, Pointing::Missing);
}

#[tokio::test]
async fn what_stands_at_acme_challenge_is_seen_and_does_no_harm() {
    let world = World::pointed().await;
    let name = format!("_acme-challenge.{HOST}");
    world.set(&name, "TXT", &["left over"]);
    let (seen, report) = world.look().await;
    let answers = &seen.seen.answers[&(name.clone(), RecordType::Txt)].authoritative;
    let text = Said::Records { values: vec![Value::Txt(vec!["left over".to_owned()])], ttl: 300 };
    assert_eq!(answers[0].said, text);
    assert_eq!((report.findings[0].code.as_str(), report.blocking().count()), ("acme_challenge", 0));
    // A delegation to nobody is nothing to us.
    world.net.acme.remove(&name, "TXT").unwrap();
    world.set(&name, "NS", &["ns.nowhere.test"]);
    let report = world.report().await;
    assert_eq!((report.pointing, report.blocking().count()), (Pointing::Cname, 0));
}

#[tokio::test]
async fn mail_at_the_name_is_seen() {
    let world = World::start().await;
    world.set(HOST, "MX", &["10 mx.acme.test"]);
    assert_eq!(world.found().await, (Pointing::Missing, codes(&["missing", "records_in_the_way"])));
    let (seen, _) = world.look().await;
    assert_eq!(seen.seen.answers[&(format!("_tenantry.{HOST}"), RecordType::Txt)].authoritative[0].said, NO_NAME);
}
