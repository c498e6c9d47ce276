//! Where a hostname leads.

use tenantry_dns::{Pointing, RecordType, Said, Trouble, blocks_certificate};

use super::world::{HOST, NOBODY, TARGET, V4, V6, World, addresses, alias, codes};
use crate::check::world::no_data;

const OTHER: &str = "203.0.113.7";

fn pointing(change: impl FnOnce(&mut World)) -> Pointing {
    let mut world = World::new();
    change(&mut world);
    world.check().pointing
}

#[test]
fn a_hostname_at_which_all_is_right_gives_no_finding() {
    let report = World::new().check();
    assert_eq!(report.findings, []);
    assert_eq!((report.pointing, report.proven, report.matches()), (Pointing::Cname, Some(true), Some(true)));
    assert_eq!(report.observed, format!("{HOST} \u{2192} {TARGET} \u{2192} {V4}, {V6}"));
    assert_eq!(report.chain, [TARGET]);
    assert_eq!(report.addresses, [V4, V6].map(|address| address.parse::<std::net::IpAddr>().unwrap()));
    assert_eq!((report.zone.as_deref(), report.name_in_zone.as_deref()), (Some("acme.com"), Some("portal")));
    let create = &report.record_to_create;
    assert_eq!((create.name.as_str(), create.kind, create.value.as_str()), (HOST, RecordType::Cname, TARGET));
    assert!(!report.apex);
}

#[test]
fn a_chain_may_pass_other_names_before_and_after() {
    assert_eq!(pointing(|w| w.cname(&["alias.acme.com", TARGET, "gateway.example.com"])), Pointing::Cname);
    // A server that fails at the end has told the chain all the same.
    let failed = Said::Failed(Trouble::ServFail);
    assert_eq!(pointing(|w| w.end(failed.clone(), failed.clone())), Pointing::Cname);
    // Case and final dots do not matter.
    assert_eq!(pointing(|w| w.cname(&["A1B2C3D.Portal.Example.COM."])), Pointing::Cname);
    let mut world = World::new();
    (world.wanted.host, world.wanted.target) = ("Portal.ACME.com.".to_owned(), format!("{}.", TARGET.to_uppercase()));
    assert_eq!((world.check().pointing, world.check().findings), (Pointing::Cname, vec![]));
}

#[test]
fn a_chain_that_was_not_followed_to_its_end_is_unclear() {
    for trouble in [Trouble::ServFail, Trouble::TimeOut, Trouble::Refused, Trouble::Unreachable, Trouble::Malformed] {
        let chain = |w: &mut World| {
            w.cname(&["www.acme.com"]);
            w.end(Said::Failed(trouble), Said::Failed(trouble));
        };
        assert_eq!(pointing(chain), Pointing::Unclear, "{trouble:?}");
    }
    // Another portal is another portal, whatever it leads to.
    let other = |w: &mut World| {
        w.cname(&["zzzzzzz.portal.example.com"]);
        w.end(Said::Failed(Trouble::ServFail), Said::Failed(Trouble::ServFail));
    };
    assert_eq!(pointing(other), Pointing::Elsewhere);
    // Eight names are too many, wherever they would have led.
    let long = |w: &mut World| {
        w.cname(&["a.x", "b.x", "c.x", "d.x", "e.x", "f.x", "g.x", "h.x"]);
        w.end(Said::Failed(Trouble::Malformed), Said::Failed(Trouble::Malformed));
    };
    assert_eq!(pointing(long), Pointing::Elsewhere);
}

#[test]
fn what_could_not_be_asked_is_never_missing() {
    for trouble in [Trouble::ServFail, Trouble::Refused, Trouble::TimeOut, Trouble::Unreachable, Trouble::Malformed] {
        assert_eq!(pointing(|w| w.fail(trouble)), Pointing::Unclear);
        for (v4, v6) in [(Said::Failed(trouble), no_data()), (NOBODY, Said::Failed(trouble))] {
            let half = |w: &mut World| {
                w.gone(no_data());
                w.end(v4, v6);
            };
            assert_eq!(pointing(half), Pointing::Unclear, "{trouble:?}");
        }
    }
    assert_eq!(pointing(|w| w.seen.seen.answers.clear()), Pointing::Unclear);
}

#[test]
fn one_server_that_says_something_is_enough_and_two_that_differ_are_no_answer() {
    for (said, aliases, expected) in [
        (Said::Failed(Trouble::TimeOut), &[][..], Pointing::Cname),
        (NOBODY, &[], Pointing::Unclear),
        (addresses(&[OTHER]), &[], Pointing::Unclear),
        (addresses(&[V4]), &["alias.acme.com", TARGET], Pointing::Cname),
        (Said::Failed(Trouble::ServFail), &["alias.acme.com", TARGET], Pointing::Cname),
        (Said::Failed(Trouble::ServFail), &["www.acme.com"], Pointing::Unclear),
    ] {
        assert_eq!(pointing(|w| w.at(1, said.clone(), aliases)), expected, "{said:?}");
    }
    let one_no = |w: &mut World| {
        w.gone(NOBODY);
        w.at(0, Said::Failed(Trouble::TimeOut), &[]);
    };
    assert_eq!(pointing(one_no), Pointing::Missing);
    // Who knows an alias, and not where it ends, has not said "no".
    let half_a_chain = |w: &mut World| {
        w.gone(NOBODY);
        w.at(0, Said::Failed(Trouble::TimeOut), &["www.acme.com"]);
    };
    assert_eq!(pointing(half_a_chain), Pointing::Unclear);
}

#[test]
fn addresses_are_ours_when_all_of_them_are() {
    let ours = |w: &mut World| w.say(TARGET, RecordType::A, addresses(&[V4, "192.0.2.11", "192.0.2.12"]));
    for (v4, v6, expected) in [
        (&[V4][..], &[][..], Pointing::Flattened),
        (&["192.0.2.12", V4], &[V6], Pointing::Flattened),
        (&[], &[V6], Pointing::Flattened),
        (&[V4], &["2001:db8::bad"], Pointing::Flattened),
        (&[V4, OTHER], &[V6], Pointing::Elsewhere),
        (&[OTHER], &[V6], Pointing::Elsewhere),
        (&[], &["2001:db8::bad"], Pointing::Elsewhere),
    ] {
        let change = |w: &mut World| {
            ours(w);
            w.addresses(v4, v6);
        };
        assert_eq!(pointing(change), expected, "{v4:?} {v6:?}");
    }
}

#[test]
fn our_addresses_are_those_that_anybody_is_told() {
    // Where the DNS host looks the canonical host up, it may be told others of its addresses than we are.
    let mut world = World::new();
    world.addresses(&["192.0.2.77"], &[]);
    assert_eq!(world.check().pointing, Pointing::Elsewhere);
    let mut public = world.seen.seen.answers[&(TARGET.to_owned(), RecordType::A)].authoritative[0].clone();
    public.said = addresses(&["192.0.2.77"]);
    world.answers(TARGET, RecordType::A).public = Some(public);
    assert_eq!(world.check().pointing, Pointing::Flattened);
}

#[test]
fn a_fault_of_ours_is_never_taken_for_one_of_the_tenant_s() {
    for said in [Said::Failed(Trouble::TimeOut), NOBODY, no_data()] {
        let mut world = World::new();
        world.addresses(&[OTHER], &[]);
        world.say(TARGET, RecordType::A, said.clone());
        world.say(TARGET, RecordType::Aaaa, said);
        assert_eq!(world.check().pointing, Pointing::Unclear);
        assert_eq!(world.check().matches(), None);
    }
}

#[test]
fn a_chain_to_a_name_with_our_addresses_counts_as_flattened() {
    // `www` is an alias of the zone's top, and that is flattened.
    let through = |w: &mut World| {
        w.cname(&["acme.com"]);
        w.end(addresses(&[V4]), no_data());
    };
    assert_eq!(pointing(through), Pointing::Flattened);
}

#[test]
fn a_proxy_is_one_at_its_own_name_servers_only() {
    assert_eq!(pointing(|w| w.addresses(&["104.16.1.1"], &[])), Pointing::Elsewhere);
    let mut world = World::new();
    world.hosted_by(["amy.ns.cloudflare.com", "bob.ns.cloudflare.com"]);
    world.addresses(&["104.16.1.1"], &[]);
    assert_eq!(world.check().pointing, Pointing::Proxied);
    assert_eq!(world.check().matches(), Some(false));
    // Where our own host is behind it, its addresses are right.
    world.say(TARGET, RecordType::A, addresses(&["104.16.1.1"]));
    assert_eq!(world.check().pointing, Pointing::Flattened);
}

#[test]
fn a_wildcard_s_cname_counts() {
    let mut world = World::new();
    world.seen.seen.wildcard = vec![RecordType::Cname];
    for name in [format!("_acme-challenge.{HOST}"), format!("_tenantry.{HOST}")] {
        world.say(&name, RecordType::Cname, alias(TARGET));
    }
    let report = world.check();
    assert_eq!((report.pointing, report.findings), (Pointing::Cname, vec![]));
    // And its answer at another name does not say that the record stands there.
    world.addresses(&[OTHER], &[]);
    world.say("www.acme.com", RecordType::Cname, alias(TARGET));
    assert_eq!(codes(&world.check()), ["address_elsewhere", "wildcard"]);
}

#[test]
fn where_canonical_hosts_lie_below_a_top_level_its_other_names_are_no_portals() {
    let mut world = World::new();
    world.wanted.target = "portal.net".to_owned();
    world.cname(&["elsewhere.net"]);
    assert_eq!(codes(&world.check()), ["cname_other_target"]);
}

#[test]
fn what_is_seen_is_said_in_a_line() {
    let line = |change: fn(&mut World)| {
        let mut world = World::new();
        change(&mut world);
        world.check().observed
    };
    assert_eq!(line(|w| w.gone(NOBODY)), "portal.acme.com does not exist");
    assert_eq!(line(|w| w.gone(no_data())), "portal.acme.com has neither a CNAME nor an address");
    assert_eq!(line(|w| w.cname(&["x.acme.com"])), "portal.acme.com \u{2192} x.acme.com \u{2192} no address");
    assert_eq!(line(|w| w.addresses(&[OTHER], &[])), "portal.acme.com \u{2192} 203.0.113.7");
    assert_eq!(
        line(|w| w.fail(Trouble::ServFail)),
        "portal.acme.com \u{2192} (a server says that it failed (SERVFAIL))"
    );
    assert_eq!(
        line(|w| w.at(1, NOBODY, &[])),
        format!(
            "ns1.example.net: {HOST} \u{2192} {TARGET} \u{2192} {V4}, {V6} and ns2.example.net: {HOST} does not exist"
        )
    );
    assert_eq!(
        line(|w| w.addresses(&["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4", "203.0.113.5"], &[])),
        "portal.acme.com \u{2192} 203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.4 and 1 more"
    );
}

#[test]
fn findings_with_which_an_order_would_fail_can_be_told() {
    for code in
        ["caa_forbids", "caa_unclear", "caa_account", "caa_method", "caa_critical", "stray_aaaa", "dnssec_bogus"]
    {
        assert!(blocks_certificate(code), "{code}");
    }
    for code in ["acme_challenge", "public_differs", "server_down", "address_record", "wildcard", "", "CAA_FORBIDS"] {
        assert!(!blocks_certificate(code), "{code}");
    }
    let mut world = World::new();
    world.caa("acme.com", &[(0, "issue", ";")]);
    world.at(1, Said::Failed(Trouble::TimeOut), &[]);
    let report = world.check();
    assert_eq!(codes(&report), ["caa_forbids", "server_down"]);
    assert_eq!(report.blocking().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["caa_forbids"]);
}

#[test]
fn a_report_is_kept_as_json() {
    let mut world = World::new();
    world.caa("acme.com", &[(0, "issue", ";")]);
    world.hosted_by(["dns1.registrar-servers.com", "dns2.registrar-servers.com"]);
    let report = world.check();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["pointing"], "cname");
    assert_eq!(json["caa"], serde_json::json!({"state": "forbids", "at": "acme.com", "records": ["0 issue \";\""]}));
    assert_eq!(json["recordToCreate"]["type"], "CNAME");
    assert_eq!(json["nameInZone"], "portal");
    assert_eq!(json["hostHint"]["name"], "Namecheap");
    assert_eq!(serde_json::from_value::<tenantry_dns::HostReport>(json).unwrap(), report);
}
