//! The zone as a whole, names, and servers.

use tenantry_dns::{
    Delegation, RecordStatus, RecordType, Said,
    Severity::{Error, Info, Warning},
    Trouble, Value, Verdict,
};

use crate::check::world::{DOMAIN, HOST, KEY, OWNER, PATH, Row, SIGNER, SPF, World, no_data, records};

fn spf_at(world: &mut World, name: &str) {
    world.say(PATH, RecordType::Txt, no_data());
    world.txt(name, &[SPF]);
}

pub(crate) const ROWS: &[Row] = &[
    Row::new(
        "the one server we were told to ask refuses",
        |w| {
            w.fail(Trouble::Refused);
            w.seen.delegation = Delegation::Lame;
            w.seen.servers.truncate(1);
            w.seen.servers[0].name = "192.0.2.1".to_owned();
        },
        "lookup_failed",
        Warning,
    )
    .saw("The server `192.0.2.1` does not answer")
    .advice("Ask a server that holds the zone"),
    Row::new(
        "not registered",
        |w| {
            w.fail(Trouble::ServFail);
            w.seen.answers.clear();
            w.seen.delegation = Delegation::NotRegistered { name: "acme.com".to_owned() };
        },
        "not_registered",
        Error,
    )
    .saw("`acme.com` does not exist")
    .advice("register it"),
    Row::new(
        "lame",
        |w| {
            w.fail(Trouble::Refused);
            w.seen.delegation = Delegation::Lame;
        },
        "lame_delegation",
        Error,
    )
    .saw("`ns1.example.net` and `ns2.example.net`, and none of them answers")
    .advice("At the registrar"),
    Row::new(
        "lost on the way",
        |w| {
            w.seen.answers.clear();
            w.seen.delegation = Delegation::Unknown(Trouble::TimeOut);
        },
        "lookup_failed",
        Warning,
    )
    .saw("did not answer in time")
    .advice("passes by itself"),
    Row::new("everybody fails", |w| w.fail(Trouble::ServFail), "lookup_failed", Warning)
        .saw("`ns1.example.net` says that it failed (SERVFAIL)")
        .advice("passes by itself"),
    Row::new(
        "everybody fails for one record",
        |w| w.say(SIGNER, RecordType::Txt, Said::Failed(Trouble::TimeOut)),
        "lookup_failed",
        Warning,
    )
    .saw("whether `resend._domainkey.mail.acme.com` has a TXT record"),
    Row::new(
        "one server is down",
        |w| {
            for (name, kind) in [(PATH, RecordType::Mx), (PATH, RecordType::Txt), (SIGNER, RecordType::Txt)] {
                w.say_at(1, name, kind, Said::Failed(Trouble::TimeOut));
            }
        },
        "server_down",
        Warning,
    )
    .saw("`ns2.example.net` did not answer in time"),
    Row::new("one server has no address", |w| w.seen.servers[1].addresses.clear(), "server_down", Warning)
        .saw("`ns2.example.net` has no address"),
    Row::new("still spreading", |w| w.say_at(1, PATH, RecordType::Mx, no_data()), "servers_disagree", Error)
        .saw("is there at `ns1.example.net`, and not at `ns2.example.net`.")
        .advice("Wait"),
    Row::new(
        "an old value at one server",
        |w| {
            let old = records(vec![Value::Txt(vec!["v=spf1 -all".to_owned()])]);
            w.say_at(0, PATH, RecordType::Txt, old);
        },
        "servers_disagree",
        Error,
    )
    .saw("not at `ns1.example.net` (which has `v=spf1 -all`)"),
    Row::new(
        "a resolver that remembers",
        |w| w.public(PATH, RecordType::Mx, Said::NxDomain { negative_ttl: Some(1800) }),
        "public_differs",
        Info,
    )
    .saw("(1.1.1.1) still remembers that there is nothing at `send.mail.acme.com`, and may for up to 30 minutes"),
    Row::new("signatures that do not hold", |w| w.seen.dnssec_bogus = true, "dnssec_bogus", Error)
        .saw("`acme.com` do not hold")
        .advice("DS record"),
    Row::new("a wildcard", |w| w.seen.wildcard = vec![RecordType::Txt], "wildcard", Info)
        .saw("any name below `mail.acme.com`"),
    Row::new(
        "a wildcard's answer",
        |w| {
            w.seen.wildcard = vec![RecordType::Mx];
            w.mx(PATH, &[(10, "mx.example.net")]);
        },
        "wildcard",
        Warning,
    )
    .advice("`*.mail.acme.com`")
    .also(&["mx_other_host"]),
    Row::new("nothing there", |w| w.gone(PATH, RecordType::Mx), "missing", Error)
        .saw("does not exist; the world may remember that for 15 minutes")
        .advice("`feedback-smtp.eu-west-1.amazonses.com` and the preference 10"),
    Row::new("other texts only", |w| w.say(PATH, RecordType::Mx, no_data()), "missing", Error)
        .saw("no MX record that fits"),
    Row::new("the zone twice", |w| spf_at(w, "send.mail.acme.com.acme.com"), "zone_appended", Error)
        .saw("the panel added `acme.com` to the name")
        .advice("enter only `send.mail`"),
    Row::new("the domain twice", |w| spf_at(w, "send.mail.acme.com.mail.acme.com"), "zone_appended", Error)
        .saw("added `mail.acme.com`"),
    Row::new("a subdomain twice", |w| spf_at(w, "send.mail.mail.acme.com"), "wrong_name", Error)
        .saw("`send.mail.mail.acme.com` and not at `send.mail.acme.com`")
        .advice("`send.mail`"),
    Row::new(
        "a subdomain forgotten",
        |w| {
            w.say(PATH, RecordType::Mx, no_data());
            w.mx("send.acme.com", &[(10, HOST)]);
        },
        "wrong_name",
        Error,
    )
    .saw("`send.acme.com`")
    .advice("Delete it there"),
    Row::new(
        "the key at the domain",
        |w| {
            w.gone(SIGNER, RecordType::Txt);
            w.txt(DOMAIN, &["v=spf1 -all", &format!("p={KEY}")]);
        },
        "wrong_name",
        Error,
    )
    .saw("`mail.acme.com` and not at `resend._domainkey.mail.acme.com`"),
];

#[test]
fn each_fault_of_a_zone_has_its_finding() {
    ROWS.iter().for_each(Row::run);
}

fn status(world: &World, name: &str, kind: RecordType) -> RecordStatus {
    let report = world.check();
    report.records.iter().find(|record| record.wanted.name == name && record.wanted.kind == kind).unwrap().status
}

#[test]
fn what_could_not_be_asked_is_never_missing() {
    for trouble in [Trouble::ServFail, Trouble::Refused, Trouble::TimeOut, Trouble::Unreachable, Trouble::Malformed] {
        let mut world = World::new();
        world.fail(trouble);
        let report = world.check();
        assert_eq!(report.verdict, Verdict::Unclear);
        assert!(report.records.iter().all(|record| record.status == RecordStatus::LookupFailed), "{report:#?}");
    }
}

#[test]
fn one_server_of_two_is_enough_and_one_that_says_no_is_too_much() {
    let mut world = World::new();
    world.say_at(0, PATH, RecordType::Mx, Said::Failed(Trouble::Unreachable));
    assert_eq!(status(&world, PATH, RecordType::Mx), RecordStatus::Detected);
    assert_eq!(world.check().verdict, Verdict::Ready);
    world.say_at(0, PATH, RecordType::Mx, no_data());
    assert_eq!(status(&world, PATH, RecordType::Mx), RecordStatus::Missing);
    assert_eq!(world.check().verdict, Verdict::NotReady);
}

#[test]
fn what_stands_in_somebody_else_s_zone_is_not_misplaced() {
    let mut world = World::new();
    spf_at(&mut world, "_spf.example.net");
    assert_eq!(world.check().findings[0].code, "missing");
    // Nor is what a CNAME leads to.
    let mut world = World::new();
    spf_at(&mut world, "x.acme.com");
    assert_eq!(world.check().findings[0].code, "wrong_name");
    for answer in &mut world.seen.answers.get_mut(&("x.acme.com".to_owned(), RecordType::Txt)).unwrap().authoritative {
        answer.aliases = vec!["_spf.example.net".to_owned()];
    }
    assert_eq!(world.check().findings[0].code, "missing");
}

#[test]
fn an_address_of_a_proxy_means_something_only_at_its_own_servers() {
    let mut world = World::new();
    world.tracking();
    world.say("links.mail.acme.com", RecordType::Cname, no_data());
    world.address("links.mail.acme.com", "104.16.1.1");
    assert_eq!(world.check().findings[0].code, "missing");
    // Where the target itself is behind the proxy, its addresses are right.
    world.hosted_by(&["amy.ns.cloudflare.com", "bob.ns.cloudflare.com"]);
    world.address("links.example.net", "104.16.1.1");
    assert_eq!(world.check().findings[0].code, "cname_flattened");
}

#[test]
fn a_certain_no_outweighs_what_could_not_be_asked() {
    let mut world = World::new();
    world.say(SIGNER, RecordType::Txt, Said::Failed(Trouble::TimeOut));
    assert_eq!(world.check().verdict, Verdict::Unclear);
    world.gone(OWNER, RecordType::Txt);
    assert_eq!(world.check().verdict, Verdict::NotReady);
}

#[test]
fn statuses_say_what_kind_of_fault_it_is() {
    let mut world = World::new();
    world.seen.answers.remove(&(OWNER.to_owned(), RecordType::Txt));
    world.mx(PATH, &[(10, HOST), (20, "mx.example.net")]);
    world.txt(PATH, &["v=spf1 -all"]);
    world.gone(SIGNER, RecordType::Txt);
    let statuses: Vec<RecordStatus> = world.check().records.iter().map(|record| record.status).collect();
    use RecordStatus::{Conflict, Detected, Mismatch, Missing, NotChecked};
    assert_eq!(statuses, [NotChecked, Conflict, Mismatch, Missing, Detected]);
}

#[test]
fn a_record_that_is_gone_may_be_remembered_too() {
    let mut world = World::new();
    world.gone(PATH, RecordType::Mx);
    world.public(PATH, RecordType::Mx, records(vec![Value::Mx(10, HOST.to_owned())]));
    let codes: Vec<String> = world.check().findings.into_iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["missing", "public_differs"]);
}
