//! SPF, MX, CNAME and DMARC.

use tenantry_dns::{
    Purpose, RecordType, Said,
    Severity::{Error, Info, Warning},
    Trouble, Value,
};

use crate::check::world::{DOMAIN, HOST, KEY, PATH, POLICY, Row, SIGNER, SPF, World, no_data, record, records};

/// A record that includes ten names of its own beside ours.
fn eleven(world: &mut World) {
    let includes: Vec<String> = (0..5).map(|n| format!("include:i{n}.acme.com")).collect();
    world.txt(PATH, &[&format!("v=spf1 {} include:amazonses.com ~all", includes.join(" "))]);
    for n in 0..5 {
        world.txt(&format!("i{n}.acme.com"), &["v=spf1 a:a.example.net -all"]);
    }
}

fn absent(world: &mut World, terms: &str, names: &[&str]) {
    world.txt(PATH, &[&format!("v=spf1 include:amazonses.com {terms} ~all")]);
    for name in names {
        for kind in [RecordType::A, RecordType::Aaaa, RecordType::Mx, RecordType::Txt] {
            world.gone(name, kind);
        }
    }
}

pub(crate) const SPF_ROWS: &[Row] = &[
    Row::new(
        "two SPF records",
        |w| w.txt(PATH, &[SPF, "v=spf1 include:_spf.example.net -all"]),
        "spf_two_records",
        Error,
    )
    .saw("2 SPF records")
    .advice("`v=spf1 include:amazonses.com include:_spf.example.net ~all`"),
    Row::new("eleven lookups", eleven, "spf_too_many_lookups", Error).saw("11 lookups").advice("Take out"),
    Row::new(
        "three names that are not there",
        |w| absent(w, "a:x.acme.com mx:y.acme.com exists:z.acme.com", &["x.acme.com", "y.acme.com", "z.acme.com"]),
        "spf_void_lookups",
        Error,
    )
    .saw("`x.acme.com`, `y.acme.com` and `z.acme.com`")
    .advice("Take the terms"),
    Row::new(
        "an include that has no record",
        |w| absent(w, "include:x.acme.com", &["x.acme.com"]),
        "spf_include_empty",
        Error,
    )
    .saw("includes `x.acme.com`")
    .advice("Take that `include:` out"),
    Row::new(
        "an include of itself",
        |w| w.txt(PATH, &[&format!("v=spf1 include:amazonses.com include:{PATH} ~all")]),
        "spf_loop",
        Error,
    )
    .saw(PATH)
    .advice("leads back"),
    Row::new("everybody may send", |w| w.txt(PATH, &["v=spf1 include:amazonses.com +all"]), "spf_plus_all", Warning)
        .saw("`+all`, which lets everybody send")
        .advice("`~all`"),
    Row::new(
        "everybody may send, without a sign",
        |w| w.txt(PATH, &["v=spf1 include:amazonses.com all"]),
        "spf_plus_all",
        Warning,
    )
    .saw("`all`"),
    Row::new("ptr", |w| w.txt(PATH, &["v=spf1 include:amazonses.com ptr ~all"]), "spf_ptr", Warning).saw("`ptr`"),
    Row::new("a mechanism that is none", |w| w.txt(PATH, &["v=spf1 includes:amazonses.com ~all"]), "spf_syntax", Error)
        .saw("`includes:amazonses.com` in it is no mechanism")
        .advice(SPF),
    Row::new("a space behind include:", |w| w.txt(PATH, &["v=spf1 include: amazonses.com ~all"]), "spf_syntax", Error)
        .saw("lacks its name (there may be a space"),
    Row::new(
        "a wrong address",
        |w| w.txt(PATH, &["v=spf1 ip4:192.0.2.300 include:amazonses.com ~all"]),
        "spf_syntax",
        Error,
    )
    .saw("`ip4:192.0.2.300` in it holds no address"),
    Row::new("a wrong version", |w| w.txt(PATH, &["v=spf2 include:amazonses.com ~all"]), "spf_syntax", Error)
        .saw("does not begin with `v=spf1`"),
    Row::new(
        "an SPF record without us",
        |w| w.txt(PATH, &["v=spf1 mx include:_spf.example.net -all"]),
        "spf_lacks_include",
        Error,
    )
    .saw("no `include:amazonses.com`")
    .advice("`v=spf1 mx include:_spf.example.net include:amazonses.com -all`"),
    Row::new(
        "a redirect without us",
        |w| w.txt(PATH, &["v=spf1 redirect=_spf.example.net"]),
        "spf_lacks_include",
        Error,
    )
    .advice("`v=spf1 include:amazonses.com redirect=_spf.example.net`"),
    Row::new("we are refused", |w| w.txt(PATH, &["v=spf1 -include:amazonses.com ~all"]), "spf_refuses", Error)
        .saw("`-include:amazonses.com`")
        .advice("`v=spf1 include:amazonses.com ~all`"),
    Row::new("we stand behind all", |w| w.txt(PATH, &["v=spf1 -all include:amazonses.com"]), "spf_after_all", Error)
        .saw("behind `all`")
        .advice("`v=spf1 include:amazonses.com -all`"),
    Row::new(
        "two SPF records of the domain itself",
        |w| w.txt(DOMAIN, &["v=spf1 -all", "v=spf1 mx -all"]),
        "spf_two_records",
        Warning,
    )
    .saw(DOMAIN),
];

pub(crate) const MX_ROWS: &[Row] = &[
    Row::new("a null MX", |w| w.mx(PATH, &[(0, "")]), "mx_null", Error).saw("`0 .`").advice("Delete that MX record"),
    Row::new("another preference", |w| w.mx(PATH, &[(20, HOST)]), "mx_priority", Error)
        .saw("`20 feedback-smtp.eu-west-1.amazonses.com`: the host is right")
        .advice("Change the preference to 10"),
    Row::new(
        "the preference in the host",
        |w| w.mx(PATH, &[(10, &format!("10\\032{HOST}"))]),
        "mx_priority_in_host",
        Error,
    )
    .advice("Take the number out"),
    Row::new("another region", |w| w.mx(PATH, &[(10, "feedback-smtp.us-east-1.amazonses.com")]), "mx_region", Error)
        .saw("the region `us-east-1`")
        .advice(HOST),
    Row::new(
        "another host",
        |w| w.mx(PATH, &[(10, "mx.example.net"), (20, "mx2.example.net")]),
        "mx_other_host",
        Error,
    )
    .saw("`10 mx.example.net` and `20 mx2.example.net`")
    .advice("Replace it"),
    Row::new("another MX beside ours", |w| w.mx(PATH, &[(10, HOST), (20, "mx.example.net")]), "mx_conflict", Error)
        .saw("`20 mx.example.net` beside")
        .advice("Delete the other MX records at `send.mail`"),
    Row::new(
        "the zone behind the host",
        |w| w.mx(PATH, &[(10, &format!("{HOST}.acme.com"))]),
        "value_zone_appended",
        Error,
    )
    .saw("added `acme.com` to the host")
    .advice("`feedback-smtp.eu-west-1.amazonses.com.`"),
    Row::new(
        "the host as a text",
        |w| {
            w.say(PATH, RecordType::Mx, no_data());
            let text = |text: &str| Value::Txt(vec![text.to_owned()]);
            w.say(PATH, RecordType::Txt, records(vec![text(SPF), text(&format!("10 {HOST}"))]));
        },
        "wrong_type",
        Error,
    )
    .saw("as a TXT record")
    .advice("with the right type"),
];

pub(crate) const CNAME_ROWS: &[Row] = &[
    Row::new(
        "a CNAME where the return path must stand",
        |w| w.cname(PATH, "www.example.net"),
        "cname_in_the_way",
        Error,
    )
    .saw("`www.example.net`, so no")
    .advice("Delete the CNAME at `send.mail`"),
    Row::new(
        "a circle",
        |w| {
            w.cname(SIGNER, "a.example.net");
            for answer in &mut w.seen.answers.get_mut(&(SIGNER.to_owned(), RecordType::Txt)).unwrap().authoritative {
                answer.said = Said::Failed(Trouble::Malformed);
            }
        },
        "cname_chain",
        Error,
    )
    .saw("`a.example.net`")
    .advice("Delete the CNAME"),
    Row::new(
        "another target",
        |w| {
            w.tracking();
            w.cname("links.mail.acme.com", "www.example.net");
        },
        "cname_other_target",
        Error,
    )
    .saw("`www.example.net`")
    .advice("`links.example.net`"),
    Row::new(
        "the zone behind the target",
        |w| {
            w.tracking();
            w.cname("links.mail.acme.com", "links.example.net.mail.acme.com");
        },
        "value_zone_appended",
        Error,
    )
    .saw("added `mail.acme.com`")
    .advice("`links.example.net.`"),
    Row::new(
        "a flattened CNAME",
        |w| {
            w.tracking();
            w.say("links.mail.acme.com", RecordType::Cname, no_data());
            w.address("links.mail.acme.com", "192.0.2.80");
            w.address("links.example.net", "192.0.2.80");
        },
        "cname_flattened",
        Info,
    )
    .saw("`links.example.net` in place of a CNAME"),
    Row::new(
        "a proxied CNAME",
        |w| {
            w.hosted_by(&["amy.ns.cloudflare.com", "bob.ns.cloudflare.com"]);
            w.tracking();
            w.say("links.mail.acme.com", RecordType::Cname, no_data());
            w.address("links.mail.acme.com", "104.16.1.1");
        },
        "proxied",
        Error,
    )
    .saw("104.16.1.1")
    .advice("DNS only"),
];

pub(crate) const DMARC_ROWS: &[Row] = &[
    Row::new("no policy", |w| w.gone(POLICY, RecordType::Txt), "dmarc_missing", Warning)
        .saw("none above it")
        .advice("`v=DMARC1; p=none; rua=mailto:dmarc@mail.acme.com`"),
    Row::new(
        "a policy from above",
        |w| {
            w.gone(POLICY, RecordType::Txt);
            w.txt("_dmarc.acme.com", &["v=DMARC1; p=reject; sp=quarantine"]);
        },
        "dmarc_inherited",
        Info,
    )
    .saw("that of `acme.com` applies: `p=quarantine`"),
    Row::new(
        "two policies",
        |w| w.txt(POLICY, &["v=DMARC1; p=none", "v=DMARC1; p=reject"]),
        "dmarc_two_records",
        Warning,
    )
    .advice("Delete all of them but one"),
    Row::new("a policy with a wrong word", |w| w.txt(POLICY, &["v=DMARC1; p=monitor"]), "dmarc_syntax", Warning)
        .saw("`p=` cannot be `monitor`"),
    Row::new("a policy without its version", |w| w.txt(POLICY, &["p=none; dmarc"]), "dmarc_syntax", Warning)
        .saw("v=DMARC1"),
    Row::new(
        "an address without mailto:",
        |w| w.txt(POLICY, &["v=DMARC1; p=none; rua=me@acme.com"]),
        "dmarc_syntax",
        Warning,
    )
    .saw("needs `mailto:`"),
    Row::new("a policy without p=", |w| w.txt(POLICY, &["v=DMARC1; rua=mailto:me@acme.com"]), "dmarc_syntax", Warning)
        .saw("counts as `p=none`"),
    Row::new(
        "tags that are gone",
        |w| w.txt(POLICY, &["v=DMARC1; p=reject; pct=50; ri=3600"]),
        "dmarc_gone_tags",
        Warning,
    )
    .saw("`pct=` and `ri=`")
    .advice("`t=y`"),
    Row::new(
        "strict about SPF",
        |w| w.txt(POLICY, &["v=DMARC1; p=reject; aspf=s; adkim=s"]),
        "dmarc_strict_spf",
        Warning,
    )
    .saw("the return path `send.mail.acme.com` does not count")
    .advice("`aspf=r`"),
    Row::new(
        "strict about DKIM of another domain",
        |w| {
            w.wanted[3] = record(Purpose::Dkim, RecordType::Txt, "s1._domainkey.acme.com", &format!("p={KEY}"));
            w.txt("s1._domainkey.acme.com", &[&format!("p={KEY}")]);
            w.txt(POLICY, &["v=DMARC1; p=reject; aspf=s; adkim=s"]);
        },
        "dmarc_strict_dkim",
        Warning,
    )
    .saw("with both strict, receivers refuse the mail")
    .advice("`adkim=r`")
    .also(&["dmarc_strict_spf"]),
    Row::new(
        "strict from above",
        |w| {
            w.gone(POLICY, RecordType::Txt);
            w.txt("_dmarc.acme.com", &["v=DMARC1; p=reject; aspf=s"]);
        },
        "dmarc_strict_spf",
        Warning,
    )
    .saw("The DMARC policy of `acme.com`")
    .also(&["dmarc_inherited"]),
];

#[test]
fn each_fault_of_spf_has_its_finding() {
    SPF_ROWS.iter().for_each(Row::run);
}

#[test]
fn each_fault_of_mx_has_its_finding() {
    MX_ROWS.iter().for_each(Row::run);
}

#[test]
fn each_fault_of_a_cname_has_its_finding() {
    CNAME_ROWS.iter().for_each(Row::run);
}

#[test]
fn each_fault_of_dmarc_has_its_finding() {
    DMARC_ROWS.iter().for_each(Row::run);
}

#[test]
fn a_merged_record_that_is_too_dear_says_so() {
    let mut world = World::new();
    let includes: Vec<String> = (0..10).map(|n| format!("include:i{n}.example.net")).collect();
    world.txt(PATH, &[&format!("v=spf1 {} -all", includes.join(" "))]);
    let report = world.check();
    assert_eq!(report.findings[0].code, "spf_lacks_include");
    assert!(report.findings[0].advice.contains("would need 11 lookups"), "{:?}", report.findings);
}

#[test]
fn the_policy_of_a_public_suffix_counts_only_where_the_domain_below_has_none() {
    let mut world = World::new();
    world.gone(POLICY, RecordType::Txt);
    world.txt("_dmarc.com", &["v=DMARC1; p=none; sp=reject; psd=y"]);
    assert!(world.check().findings[0].saw.contains("that of `com` applies: `p=reject`"));
    world.txt("_dmarc.acme.com", &["v=DMARC1; p=quarantine"]);
    assert!(world.check().findings[0].saw.contains("that of `acme.com` applies: `p=quarantine`"));
}

#[test]
fn the_walk_up_the_tree_stops_at_an_organisation_and_leaves_out_the_middle_of_a_long_name() {
    let mut world = World::new();
    world.gone(POLICY, RecordType::Txt);
    world.txt("_dmarc.com", &["v=DMARC1; p=reject"]);
    world.txt("_dmarc.acme.com", &["v=DMARC1; p=quarantine; psd=n"]);
    assert!(world.check().findings[0].saw.contains("that of `acme.com` applies"));
    let long = "a.b.c.d.e.f.g.h.i.j.test";
    let inherited = |above: &str| {
        let mut world = World::new();
        world.gone(&format!("_dmarc.{long}"), RecordType::Txt);
        world.txt(&format!("_dmarc.{above}"), &["v=DMARC1; p=reject"]);
        tenantry_dns::check(long, &[], &world.seen).findings.remove(0).code
    };
    assert_eq!(inherited("e.f.g.h.i.j.test"), "dmarc_inherited");
    assert_eq!(inherited("d.e.f.g.h.i.j.test"), "dmarc_missing");
}

#[test]
fn an_mx_beside_one_that_only_receives_is_no_conflict() {
    let mut world = World::new();
    world.wanted[1].purpose = Purpose::Other;
    world.mx(PATH, &[(10, HOST), (20, "mx.example.net")]);
    let report = world.check();
    assert_eq!((report.findings[0].code.as_str(), report.findings[0].severity), ("mx_conflict", Warning));
    assert_eq!(report.verdict, tenantry_dns::Verdict::Ready);
}
