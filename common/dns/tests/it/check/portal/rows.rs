//! Hostnames with one fault each, and what is said of it.

use tenantry_dns::{
    Delegation, RecordType, Said,
    Severity::{Error, Info, Warning},
    Trouble, Value,
};

use super::world::{HOST, NOBODY, OWNER, Row, TARGET, TEXT, V4, V6, World, addresses, alias};
use crate::check::world::{no_data, records};

const OTHER: &str = "203.0.113.7";
const STRAY: &str = "2001:db8:bad::1";

fn text(world: &mut World, name: &str, value: &str) {
    world.say(name, RecordType::Txt, records(vec![Value::Txt(vec![value.to_owned()])]));
}

/// The CNAME at another name.
fn moved(world: &mut World, name: &str) {
    world.gone(NOBODY);
    world.say(name, RecordType::Cname, alias(TARGET));
}

pub(crate) const ROWS: &[Row] = &[
    Row::new("nothing there", |w| w.gone(NOBODY), "missing", Error)
        .saw("The name `portal.acme.com` does not exist; the world may remember that for 15 minutes.")
        .advice("Publish a CNAME record at `portal.acme.com` (`portal` in a panel that adds acme.com by itself)"),
    Row::new("a name without address", |w| w.gone(no_data()), "missing", Error).saw("neither a CNAME nor an address"),
    Row::new("a dead target", |w| w.cname(&["www.acme.com"]), "cname_other_target", Error)
        .saw("is a CNAME for `www.acme.com`, and not for `a1b2c3d.portal.example.com`")
        .advice("Replace its target."),
    Row::new(
        "a chain to somebody else",
        |w| {
            w.cname(&["www.acme.com", "lb.example.net"]);
            w.end(addresses(&[OTHER]), no_data());
        },
        "cname_other_target",
        Error,
    )
    .saw("and in the end for `lb.example.net`"),
    Row::new(
        "another tenant's host, at the same addresses",
        |w| {
            w.cname(&["zzzzzzz.portal.example.com"]);
            w.end(addresses(&[V4]), addresses(&[V6]));
        },
        "other_portal",
        Error,
    )
    .saw("another portal of this platform, and not to yours"),
    Row::new("a slip into another portal", |w| w.cname(&["a1b2c3e.portal.example.com"]), "other_portal", Error)
        .saw("perhaps by a typing mistake"),
    Row::new("a slip", |w| w.cname(&["a1b2c3d.portal.exmaple.com"]), "target_typo", Error).saw("almost"),
    Row::new("a link in place of a host", |w| w.cname(&["https://a1b2c3d.portal.example.com"]), "target_typo", Error)
        .advice("without `https://`"),
    Row::new("the zone behind the target", |w| w.cname(&["a1b2c3d.portal.example.com.acme.com"]), "value_zone_appended", Error)
        .saw("the panel added `acme.com`")
        .advice("a dot at its end, `a1b2c3d.portal.example.com.`"),
    Row::new(
        "a circle",
        |w| {
            w.cname(&["www.acme.com"]);
            w.end(Said::Failed(Trouble::Malformed), Said::Failed(Trouble::Malformed));
            w.say("www.acme.com", RecordType::Cname, alias(HOST));
        },
        "cname_chain",
        Error,
    )
    .saw("leads to `www.acme.com` and on, and never to a record"),
    Row::new(
        "an alias of itself",
        |w| {
            w.gone(Said::Failed(Trouble::Malformed));
            w.say(HOST, RecordType::Cname, alias(HOST));
            w.say(HOST, RecordType::Caa, no_data());
        },
        "cname_chain",
        Error,
    ),
    Row::new("another server's address", |w| w.addresses(&[OTHER], &[]), "address_elsewhere", Error)
        .saw("leads to `203.0.113.7`, which is not ours")
        .advice("Delete the address records at `portal` first. Publish a CNAME"),
    Row::new("an IPv6 address only, of another", |w| w.addresses(&[], &[STRAY]), "address_elsewhere", Error),
    Row::new(
        "some of each",
        |w| {
            w.addresses(&[V4, OTHER], &[]);
            w.proof();
        },
        "address_mixed",
        Error,
    )
    .saw("`203.0.113.7` beside them"),
    Row::new(
        "our address, typed in",
        |w| {
            w.addresses(&[V4], &[]);
            w.proof();
        },
        "address_record",
        Warning,
    )
    .saw("It breaks when our addresses change")
    .advice("Use a CNAME"),
    Row::new("our address, and no text", |w| w.addresses(&[V4], &[V6]), "ownership_needed", Error)
        .saw("do not show that the name is yours")
        .advice(TEXT)
        .also(&["address_record"]),
    Row::new(
        "our address, and the text of somebody else",
        |w| {
            w.addresses(&[V4], &[V6]);
            text(w, OWNER, "tenantry-verify=somebodyelse");
        },
        "ownership_other_token",
        Error,
    )
    .also(&["address_record", "ownership_needed"]),
    Row::new(
        "our address, and a text that could not be asked for",
        |w| {
            w.addresses(&[V4], &[V6]);
            w.say(OWNER, RecordType::Txt, Said::Failed(Trouble::ServFail));
        },
        "lookup_failed",
        Warning,
    )
    .saw("whether `_tenantry.portal.acme.com` has the text")
    .also(&["address_record"]),
    Row::new(
        "flattened at the top",
        |w| {
            w.at_the_top();
            w.addresses(&[V4], &[V6]);
            w.proof();
        },
        "cname_flattened",
        Info,
    ),
    Row::new(
        "nothing at the top",
        |w| {
            w.at_the_top();
            w.gone(no_data());
        },
        "apex_no_cname",
        Warning,
    )
    .saw("the top of its zone")
    .advice("ALIAS or ANAME")
    .also(&["missing"]),
    Row::new(
        "another's address at the top, with mail",
        |w| {
            w.at_the_top();
            w.addresses(&[OTHER], &[]);
            w.say(HOST, RecordType::Mx, records(vec![Value::Mx(10, "mx.example.net".to_owned())]));
            w.hosted_by(["ns-1.awsdns-12.com", "ns-2.awsdns-13.net"]);
        },
        "apex_no_cname",
        Warning,
    )
    .advice("Amazon Route 53 has no record that leads the top of a zone to a host elsewhere: choose a name below it")
    .also(&["address_elsewhere"]),
    Row::new(
        "nothing at the top, where there is a way",
        |w| {
            w.at_the_top();
            w.gone(no_data());
            w.hosted_by(["dns1.registrar-servers.com", "dns2.registrar-servers.com"]);
        },
        "missing",
        Error,
    )
    .advice("At Namecheap, lead the top of the zone to `a1b2c3d.portal.example.com` with a record of type ALIAS")
    .also(&["apex_no_cname"]),
    Row::new(
        "a stray IPv6 address",
        |w| {
            w.addresses(&[V4], &[STRAY]);
            w.proof();
        },
        "stray_aaaa",
        Error,
    )
    .saw("ask at the IPv6 address first")
    .advice("Delete the AAAA record of `2001:db8:bad::1` at `portal`")
    .also(&["address_record"]),
    Row::new(
        "a stray IPv6 address beside the CNAME",
        |w| {
            for answer in &mut w.answers(HOST, RecordType::Aaaa).authoritative {
                (answer.said, answer.aliases) = (addresses(&[STRAY]), Vec::new());
            }
        },
        "stray_aaaa",
        Error,
    ),
    Row::new(
        "a proxy",
        |w| {
            w.hosted_by(["amy.ns.cloudflare.com", "bob.ns.cloudflare.com"]);
            w.addresses(&["104.16.1.1"], &["2606:4700::1"]);
        },
        "proxied",
        Error,
    )
    .saw("behind Cloudflare's proxy")
    .advice("DNS only"),
    Row::new("the zone twice", |w| moved(w, "portal.acme.com.acme.com"), "zone_appended", Error)
        .saw("the panel added `acme.com` to the name")
        .advice("enter only `portal`"),
    Row::new("at another name", |w| moved(w, "www.acme.com"), "wrong_name", Error)
        .saw("stands at `www.acme.com` and not at `portal.acme.com`"),
    Row::new(
        "as a text",
        |w| {
            w.gone(no_data());
            text(w, HOST, TARGET);
        },
        "wrong_type",
        Error,
    )
    .advice("add it again with the right type")
    .also(&["records_in_the_way"]),
    Row::new(
        "mail at the name",
        |w| {
            w.gone(no_data());
            w.say(HOST, RecordType::Mx, records(vec![Value::Mx(10, "mx.example.net".to_owned())]));
        },
        "records_in_the_way",
        Warning,
    )
    .saw("records of type MX; no CNAME can stand beside them")
    .also(&["missing"]),
    Row::new(
        "mail beside the CNAME",
        |w| w.say(HOST, RecordType::Mx, records(vec![Value::Mx(10, "mx.example.net".to_owned())])),
        "cname_beside_others",
        Warning,
    )
    .saw("records of type MX, which is not allowed"),
    Row::new(
        "a wildcard that leads elsewhere",
        |w| {
            w.addresses(&[OTHER], &[]);
            w.seen.seen.wildcard = vec![RecordType::A];
        },
        "wildcard",
        Warning,
    )
    .saw("any name below `acme.com`")
    .also(&["address_elsewhere"]),
    Row::new(
        "certificates by DNS",
        |w| w.say("_acme-challenge.portal.acme.com", RecordType::Cname, alias("acme.dns.example.net")),
        "acme_challenge",
        Info,
    )
    .saw("has a CNAME record, `acme.dns.example.net`")
    .advice("Nothing needs to be done"),
    Row::new(
        "our own host is gone",
        |w| {
            w.say(TARGET, RecordType::A, NOBODY);
            w.say(TARGET, RecordType::Aaaa, NOBODY);
            w.end(NOBODY, NOBODY);
        },
        "target_unresolved",
        Error,
    )
    .saw("Our own host")
    .advice("Nothing needs to be done on your side"),
    Row::new("our own signatures", |w| (w.seen.target_bogus, w.seen.seen.dnssec_bogus) = (true, true), "target_unresolved", Error),
    Row::new("signatures that do not hold", |w| w.seen.seen.dnssec_bogus = true, "dnssec_bogus", Error).saw("`acme.com`"),
    Row::new(
        "not registered",
        |w| {
            w.seen.seen.answers.clear();
            w.seen.seen.delegation = Delegation::NotRegistered { name: "acme.com".to_owned() };
        },
        "not_registered",
        Error,
    ),
    Row::new(
        "lame",
        |w| {
            w.seen.seen.answers.clear();
            w.seen.seen.delegation = Delegation::Lame;
        },
        "lame_delegation",
        Error,
    ),
    Row::new(
        "lost on the way",
        |w| {
            w.seen.seen.answers.clear();
            w.seen.seen.delegation = Delegation::Unknown(Trouble::TimeOut);
        },
        "lookup_failed",
        Warning,
    ),
    Row::new(
        "everybody fails",
        |w| w.fail(Trouble::ServFail),
        "lookup_failed",
        Warning,
    )
    .saw("`ns1.example.net` says that it failed (SERVFAIL)")
    .also(&["caa_unclear"]),
    Row::new(
        "our own addresses could not be looked up",
        |w| {
            w.addresses(&[OTHER], &[]);
            w.say(TARGET, RecordType::A, Said::Failed(Trouble::TimeOut));
            w.say(TARGET, RecordType::Aaaa, Said::Failed(Trouble::TimeOut));
        },
        "lookup_failed",
        Warning,
    )
    .saw("our own host"),
    Row::new("one server is down", |w| w.at(1, Said::Failed(Trouble::TimeOut), &[]), "server_down", Warning)
        .saw("`ns2.example.net` did not answer in time"),
    Row::new(
        "one server has no address",
        |w| {
            w.seen.seen.servers[1].addresses.clear();
            w.at(1, Said::Failed(Trouble::Unreachable), &[]);
        },
        "server_down",
        Warning,
    )
    .saw("answers: `ns2.example.net` has no address."),
    Row::new("still spreading", |w| w.at(1, NOBODY, &[]), "servers_disagree", Error)
        .saw("`ns1.example.net` says a CNAME for `a1b2c3d.portal.example.com` and `ns2.example.net` says that there is no such name")
        .advice("Wait"),
    Row::new("a resolver that remembers a no", |w| w.public(Said::NxDomain { negative_ttl: Some(1800) }, &[]), "public_differs", Info)
        .saw("(1.1.1.1) still remembers that there is no such name for `portal.acme.com`, and may for up to 30 minutes"),
    Row::new("a resolver that remembers an address", |w| w.public(addresses(&[OTHER]), &[]), "public_differs", Info)
        .saw("still remembers `203.0.113.7")
        .advice("goes away by itself"),
    Row::new(
        "a resolver that remembers the CNAME",
        |w| {
            w.gone(NOBODY);
            w.public(addresses(&[V4]), &[TARGET]);
        },
        "public_differs",
        Info,
    )
    .also(&["missing"]),
    Row::new("another CA only", |w| w.caa("acme.com", &[(0, "issue", "ca.example.net")]), "caa_forbids", Error)
        .saw("`0 issue \"ca.example.net\"`")
        .advice("Add a CAA record at `@` with the flags 0, the tag issue and the value `letsencrypt.org`; the others may stay."),
    Row::new("no CA at all", |w| w.caa("com", &[(0, "issue", ";")]), "caa_forbids", Error).saw("The CAA records at `com`"),
    Row::new(
        "another account",
        |w| w.caa("acme.com", &[(0, "issue", "letsencrypt.org; accounturi=https://ca.example/acct/8")]),
        "caa_account",
        Error,
    )
    .advice("`letsencrypt.org; accounturi=https://ca.example/acct/7`"),
    Row::new(
        "another method",
        |w| w.caa("acme.com", &[(0, "issue", "letsencrypt.org; validationmethods=dns-01")]),
        "caa_method",
        Error,
    )
    .advice("Add `http-01` to `validationmethods`"),
    Row::new(
        "a tag that nobody knows",
        |w| w.caa("acme.com", &[(0, "issue", "letsencrypt.org"), (128, "tbs", "unknown")]),
        "caa_critical",
        Error,
    )
    .saw("the tag `tbs`"),
    Row::new(
        "no answer about CAA",
        |w| w.say("acme.com", RecordType::Caa, Said::Failed(Trouble::ServFail)),
        "caa_unclear",
        Error,
    )
    .saw("whether `acme.com` has CAA records: `ns1.example.net` says that it failed (SERVFAIL)")
    .advice("passes by itself"),
];

#[test]
fn each_fault_of_a_hostname_has_its_finding() {
    ROWS.iter().for_each(Row::run);
}

#[test]
fn no_word_names_what_a_tenant_does_not_know() {
    for row in ROWS {
        let mut world = World::new();
        (row.zone)(&mut world);
        for finding in world.check().findings {
            for words in [&finding.saw, &finding.advice] {
                // Values stand in backticks.
                let said: String = words.split('`').step_by(2).collect::<String>().to_lowercase();
                let known = ["kubernetes", "istio", "cert-manager", "namespace", "let's encrypt", "letsencrypt"];
                assert!(!known.iter().any(|word| said.contains(word)), "{}: {words}", row.what);
            }
        }
    }
}
