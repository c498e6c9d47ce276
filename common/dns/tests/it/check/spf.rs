//! The edges of SPF: what is still allowed, what can be read, what is merged.

use tenantry_dns::RecordType;

use crate::check::world::{DOMAIN, PATH, World};

fn codes(world: &World) -> Vec<String> {
    world.check().findings.into_iter().map(|finding| finding.code).collect()
}

/// What is found where the record has these terms beside ours.
fn with(terms: &str) -> Vec<String> {
    let mut world = World::new();
    world.txt(PATH, &[&format!("v=spf1 include:amazonses.com {terms}")]);
    codes(&world)
}

/// What is advised where these records stand.
fn merged(records: &[&str]) -> String {
    let mut world = World::new();
    world.txt(PATH, records);
    let finding = world.check().findings.remove(0);
    finding.advice.rsplit('`').nth(1).unwrap().to_owned()
}

#[test]
fn ten_lookups_are_allowed_and_the_eleventh_is_not() {
    let includes = |count: usize| (0..count).map(|n| format!("include:i{n}.example.net ")).collect::<String>();
    assert_eq!(with(&format!("{}~all", includes(9))), Vec::<String>::new());
    assert_eq!(with(&format!("{}~all", includes(10))), ["spf_too_many_lookups"]);
    assert_eq!(with(&format!("a mx exists:%{{i}}.example.net {}~all", includes(6))), Vec::<String>::new());
    assert_eq!(with(&format!("a mx exists:%{{i}}.example.net {}~all", includes(7))), ["spf_too_many_lookups"]);
    // Addresses and `all` cost nothing, and a redirect beside `all` is never followed.
    assert_eq!(
        with(&format!("ip4:192.0.2.1 ip6:2001:db8::1 {}~all redirect=r.example.net", includes(9))),
        Vec::<String>::new()
    );
    assert_eq!(with(&format!("{}redirect=r.example.net", includes(9))), ["spf_too_many_lookups"]);
}

#[test]
fn lookups_count_through_includes_and_redirects() {
    let mut world = World::new();
    world.txt(PATH, &["v=spf1 include:amazonses.com redirect=r.example.net"]);
    world.txt("r.example.net", &["unrelated", "v=spf1 include:s.example.net mx a ptr exists:e.example.net -all"]);
    world.txt("s.example.net", &["v=spf1 a:1.example.net a:2.example.net a:3.example.net -all"]);
    assert_eq!(codes(&world), Vec::<String>::new());
    world.txt("s.example.net", &["v=spf1 a:1.example.net a:2.example.net a:3.example.net a:4.example.net -all"]);
    assert_eq!(codes(&world), ["spf_too_many_lookups"]);
}

#[test]
fn two_names_may_be_missing_and_an_address_of_one_kind_is_enough() {
    let mut world = World::new();
    world.txt(PATH, &["v=spf1 include:amazonses.com a:x.acme.com a:y.acme.com a:z.acme.com ~all"]);
    for name in ["x.acme.com", "y.acme.com", "z.acme.com"] {
        world.gone(name, RecordType::A);
        world.gone(name, RecordType::Aaaa);
    }
    assert_eq!(codes(&world), ["spf_void_lookups"]);
    world.say(
        "z.acme.com",
        RecordType::Aaaa,
        crate::check::world::records(vec![tenantry_dns::Value::Address("2001:db8::1".parse().unwrap())]),
    );
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn the_mail_service_s_own_record_is_not_the_tenant_s_fault() {
    let mut world = World::new();
    world.gone("amazonses.com", RecordType::Txt);
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn an_include_with_two_records_is_as_good_as_none() {
    let mut world = World::new();
    world.txt(PATH, &["v=spf1 include:amazonses.com include:x.acme.com ~all"]);
    world.txt("x.acme.com", &["v=spf1 -all", "v=spf1 mx -all"]);
    assert_eq!(codes(&world), ["spf_include_empty"]);
    world.txt("x.acme.com", &["v=spf1 mx -all"]);
    assert_eq!(codes(&world), Vec::<String>::new());
}

#[test]
fn everything_that_rfc_7208_allows_can_be_read() {
    for terms in [
        "",
        "-all",
        "?all",
        "A Mx ~ALL",
        "a/24 mx/24//64 a:b.example.net/32//128 a//64 -all",
        "ip4:192.0.2.0/24 ip6:2001:db8::/32 ip4:192.0.2.1 -all",
        "exists:%{ir}.%{v}._spf.%{d2} -all",
        "redirect=_spf.example.net exp=explain.example.net",
        "x-own=anything -all",
        "include:_spf.Example.NET. -all",
    ] {
        assert_eq!(with(terms), Vec::<String>::new(), "{terms}");
    }
}

#[test]
fn what_it_does_not_allow_is_said_to_be_unreadable() {
    for terms in [
        "all:x",
        "include",
        "include:",
        "include=_spf.example.net",
        "ip4:2001:db8::1",
        "ip4:192.0.2.0/33",
        "ip6:192.0.2.1",
        "ip4",
        "a/33",
        "a/",
        "mx//129",
        "a:-all:b",
        "include:https://example.net",
        "include:localhost",
        "-redirect=_spf.example.net",
        "redirect=a.example.net redirect=b.example.net",
        "~all;",
        "allow",
        "ip4:192.0.2.1,ip4:192.0.2.2",
        "\u{201c}~all\u{201d}",
    ] {
        assert_eq!(with(terms), ["spf_syntax"], "{terms}");
    }
}

#[test]
fn a_merged_record_keeps_what_was_there() {
    for (records, record) in [
        (&["v=spf1 mx -all"][..], "v=spf1 mx include:amazonses.com -all"),
        (&["v=spf1 ip4:192.0.2.1"], "v=spf1 ip4:192.0.2.1 include:amazonses.com ~all"),
        (&["v=spf1 mx +all"], "v=spf1 mx include:amazonses.com ~all"),
        (&["v=spf1 mx ~all exp=e.example.net"], "v=spf1 mx include:amazonses.com exp=e.example.net ~all"),
        (&["v=spf1 ?include:amazonses.com mx -all"], "v=spf1 mx include:amazonses.com -all"),
        (
            &["v=spf1 a mx -all", "v=spf1 MX include:b.example.net ~all"],
            "v=spf1 a mx include:b.example.net include:amazonses.com -all",
        ),
        (&["v=spf1 redirect=r.example.net", "v=spf1 a"], "v=spf1 include:r.example.net a include:amazonses.com ~all"),
    ] {
        assert_eq!(merged(records), record, "{records:?}");
        let mut world = World::new();
        world.txt(PATH, &[record]);
        assert_eq!(codes(&world), Vec::<String>::new(), "{record}");
    }
}

#[test]
fn the_domain_s_own_record_is_looked_at_and_never_stands_in_the_way() {
    let mut world = World::new();
    for (text, code) in
        [("v=spf1 +all", "spf_plus_all"), ("v=spf1 include:", "spf_syntax"), ("v=spf1 ptr -all", "spf_ptr")]
    {
        world.txt(DOMAIN, &["another text", text]);
        assert_eq!(codes(&world), [code]);
        assert_eq!(world.check().verdict, tenantry_dns::Verdict::Ready);
    }
    world.txt(DOMAIN, &["v=spf1 mx -all"]);
    assert_eq!(codes(&world), Vec::<String>::new());
}
