//! Portal hostnames with one fault each, in zones held by NSD. The hostname is `portal.<label>.test`.

use tenantry_dns::{
    Caa, HostReport, HostWanted,
    Pointing::{self, Cname, Elsewhere, Flattened, Missing, Unclear},
    Resolver, check_host, ownership,
};

use super::world::{FIRST, SECOND, World, Zones, head};

/// Where the canonical hosts are, and this tenant's.
const PLATFORM: &str = "portal.platform.test";
const TARGET: &str = "a1b2c3d.portal.platform.test";

/// A zone, what it holds below its own name, and what is to be said of the hostname.
struct Row {
    label: &'static str,
    lines: &'static [&'static str],
    pointing: Pointing,
    proven: Option<bool>,
    codes: &'static [&'static str],
}

const fn row(
    label: &'static str,
    lines: &'static [&'static str],
    pointing: Pointing,
    proven: Option<bool>,
    codes: &'static [&'static str],
) -> Row {
    Row { label, lines, pointing, proven, codes }
}

const POINTED: &str = "portal CNAME a1b2c3d.portal.platform.test.";
const TEXT: &str = "_tenantry.portal TXT \"tenantry-verify=abc\"";

const ROWS: &[Row] = &[
    row("perfect", &[POINTED], Cname, Some(true), &[]),
    row("upper-case", &["PORTAL CNAME A1B2C3D.Portal.Platform.Test."], Cname, Some(true), &[]),
    row("by-wildcard", &["* CNAME a1b2c3d.portal.platform.test."], Cname, Some(true), &[]),
    row("by-dname", &["portal CNAME a1b2c3d.old", "old DNAME portal.platform.test."], Cname, Some(true), &[]),
    row("through-another", &["portal CNAME other", "other CNAME hop.perfect.test."], Cname, Some(true), &[]),
    row("nothing", &[], Missing, Some(false), &["missing"]),
    row("mail-only", &["portal MX 10 mx.perfect.test."], Missing, Some(false), &["missing", "records_in_the_way"]),
    row(
        "as-text",
        &["portal TXT \"a1b2c3d.portal.platform.test\""],
        Missing,
        Some(false),
        &["wrong_type", "records_in_the_way"],
    ),
    row(
        "appended",
        &["portal.appended.test CNAME a1b2c3d.portal.platform.test."],
        Missing,
        Some(false),
        &["zone_appended"],
    ),
    row("elsewhere-in-it", &["www.portal CNAME a1b2c3d.portal.platform.test."], Missing, Some(false), &["wrong_name"]),
    row(
        "without-a-dot",
        &["portal CNAME a1b2c3d.portal.platform.test"],
        Elsewhere,
        Some(false),
        &["value_zone_appended"],
    ),
    row("slip", &["portal CNAME a1b2c3d.portal.platfrom.test."], Elsewhere, Some(false), &["target_typo"]),
    row("other-tenant", &["portal CNAME zzzzzzz.portal.platform.test."], Elsewhere, Some(false), &["other_portal"]),
    row("other-target", &["portal CNAME www", "www A 203.0.113.1"], Elsewhere, Some(false), &["cname_other_target"]),
    row("other-address", &["portal A 203.0.113.1"], Elsewhere, Some(false), &["address_elsewhere"]),
    row("mixed", &["portal A 192.0.2.10", "portal A 203.0.113.1"], Elsewhere, Some(false), &["address_mixed"]),
    row(
        "circle",
        &["portal CNAME around", "around CNAME portal"],
        Elsewhere,
        Some(false),
        &["cname_chain", "caa_unclear"],
    ),
    row(
        "flat",
        &["portal A 192.0.2.10", "portal AAAA 2001:db8::10"],
        Flattened,
        Some(false),
        &["ownership_needed", "address_record"],
    ),
    row("flat-and-proven", &["portal A 192.0.2.10", TEXT], Flattened, Some(true), &["address_record"]),
    row(
        "stray",
        &["portal A 192.0.2.10", "portal AAAA 2001:db8::bad", TEXT],
        Flattened,
        Some(true),
        &["stray_aaaa", "address_record"],
    ),
    row("challenge", &[POINTED, "_acme-challenge.portal TXT \"old\""], Cname, Some(true), &["acme_challenge"]),
    row(
        "caa-of-ours",
        &[POINTED, "@ CAA 0 issue \"letsencrypt.org\"", "@ CAA 0 issuewild \";\""],
        Cname,
        Some(true),
        &[],
    ),
    row("caa-of-others", &[POINTED, "@ CAA 0 issue \"ca.example\""], Cname, Some(true), &["caa_forbids"]),
    row(
        "caa-account",
        &[POINTED, "@ CAA 0 issue \"letsencrypt.org; accounturi=https://ca.example/8\""],
        Cname,
        Some(true),
        &["caa_account"],
    ),
    row(
        "caa-method",
        &[POINTED, "@ CAA 0 issue \"letsencrypt.org; validationmethods=dns-01\""],
        Cname,
        Some(true),
        &["caa_method"],
    ),
    row("caa-critical", &[POINTED, "@ CAA 128 unknown \"x\""], Cname, Some(true), &["caa_critical"]),
    row("broken-target", &["portal CNAME a.unloaded.test."], Unclear, None, &["caa_unclear", "lookup_failed"]),
];

fn wanted(label: &str) -> HostWanted {
    let host = format!("portal.{label}.test");
    HostWanted {
        ownership: ownership(&host, "abc"),
        host,
        target: TARGET.to_owned(),
        ca: "letsencrypt.org".to_owned(),
        ca_account: Some("https://ca.example/7".to_owned()),
    }
}

async fn look(resolver: &Resolver, wanted: &HostWanted) -> HostReport {
    check_host(wanted, &resolver.look_at_host(wanted).await)
}

fn codes(report: &HostReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.code.as_str()).collect()
}

fn zone(label: &str, lines: &[&str]) -> (String, Option<String>) {
    let name = format!("{label}.test");
    let text = head(&name, &[(format!("ns1.{name}"), FIRST)]);
    let hop = if label == "perfect" { format!("hop CNAME {TARGET}.\n") } else { String::new() };
    (name, Some(format!("{text}{hop}{}\n", lines.join("\n"))))
}

fn zones() -> Zones {
    let own = "* A 192.0.2.10\n* AAAA 2001:db8::10\n";
    let platform = head(PLATFORM, &[(format!("ns1.{PLATFORM}"), FIRST)]) + own;
    let mut zones: Zones = ROWS.iter().map(|row| zone(row.label, row.lines)).collect();
    zones.extend([(PLATFORM.to_owned(), Some(platform)), ("unloaded.test".to_owned(), None)]);
    zones
}

#[tokio::test]
async fn where_a_portal_s_hostname_leads_and_what_is_wrong_with_it() {
    let zones = zones();
    let delegations = zones.iter().map(|(name, _)| (name.clone(), vec![(format!("ns1.{name}"), FIRST)])).collect();
    let Some(world) = World::with(delegations, zones, Vec::new()).await else { return };
    let mut wrong = Vec::new();
    for row in ROWS {
        let report = look(&world.walking(), &wanted(row.label)).await;
        let is = (report.pointing, report.proven, codes(&report));
        if is != (row.pointing, row.proven, row.codes.to_vec()) {
            wrong.push(format!("{}: {is:?}, {:?}\n{:#?}", row.label, report.observed, report.findings));
        }
        let forbidden = row.codes.iter().any(|code| code.starts_with("caa_"));
        if (report.caa == Caa::Allows) == forbidden {
            wrong.push(format!("{}: {:?}", row.label, report.caa));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[tokio::test]
async fn two_servers_of_which_one_has_the_cname_are_no_answer() {
    let servers = |name: &str| vec![(format!("ns1.{name}"), FIRST), (format!("ns2.{name}"), SECOND)];
    let held = |lines: &str| ("half.test".to_owned(), Some(head("half.test", &servers("half.test")) + lines));
    let platform =
        (PLATFORM.to_owned(), Some(head(PLATFORM, &[(format!("ns1.{PLATFORM}"), FIRST)]) + "* A 192.0.2.10\n"));
    let delegations = vec![
        ("half.test".to_owned(), servers("half.test")),
        (PLATFORM.to_owned(), vec![(format!("ns1.{PLATFORM}"), FIRST)]),
    ];
    let first = vec![held(&format!("{POINTED}\n")), platform];
    let Some(world) = World::with(delegations, first, vec![held("")]).await else { return };
    let report = look(&world.walking(), &wanted("half")).await;
    assert_eq!((report.pointing, report.proven, report.matches()), (Unclear, None, None));
    assert_eq!(codes(&report), ["servers_disagree"]);
}
