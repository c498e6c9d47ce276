//! What only a walk from the root meets: delegations that lead nowhere, servers that disagree, hosts known by their names.

use std::net::Ipv4Addr;

use tenantry_dns::{Delegation, Purpose, RecordStatus, RecordType, Report, Seen, Severity, Verdict, Wanted};

use super::{
    rows,
    world::{FIRST, SECOND, World, Zones, head, wanted, zone},
};

/// Nobody is here.
const NOBODY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

fn servers(of: &[(&str, Ipv4Addr)]) -> Vec<(String, Ipv4Addr)> {
    of.iter().map(|(name, address)| ((*name).to_owned(), *address)).collect()
}

/// A delegation.
fn to(zone: &str, of: &[(&str, Ipv4Addr)]) -> (String, Vec<(String, Ipv4Addr)>) {
    (zone.to_owned(), servers(of))
}

/// The perfect zone of this label, held by these servers, and without some of its lines.
fn held(label: &'static str, by: &[(&str, Ipv4Addr)], without: &[&'static str]) -> (String, Option<String>) {
    let row = rows::Row { label, without: without.to_vec(), ..rows::perfect().remove(0) };
    let text = zone(&row);
    let (_, records) = text.split_once("$ORIGIN mail.").unwrap();
    let name = format!("{label}.test");
    (name.clone(), Some(format!("{}$ORIGIN mail.{records}", head(&name, &servers(by)))))
}

async fn look(world: &World, domain: &str, wanted: &[Wanted]) -> (Seen, Report) {
    let seen = world.walking().gather(domain, wanted).await;
    let report = tenantry_dns::check(domain, wanted, &seen);
    (seen, report)
}

/// The codes of what is more than worth knowing, each once.
fn codes(report: &Report) -> Vec<&str> {
    let mut codes: Vec<&str> =
        report.findings.iter().filter(|f| f.severity > Severity::Info).map(|f| f.code.as_str()).collect();
    codes.dedup();
    codes
}

fn all(report: &Report, status: RecordStatus) -> bool {
    report.records.iter().all(|record| record.status == status)
}

#[tokio::test]
async fn a_delegation_that_leads_nowhere_is_told_from_one_that_cannot_be_followed_now() {
    let delegations = vec![
        to("lame.test", &[("ns1.lame.test", FIRST)]),
        to("broken.test", &[("ns1.broken.test", FIRST)]),
        to("half.test", &[("ns1.half.test", FIRST), ("ns2.half.test", NOBODY)]),
    ];
    let half = held("half", &[("ns1.half.test", FIRST), ("ns2.half.test", NOBODY)], &[]);
    // NSD has no text for this one, and answers SERVFAIL.
    let zones = vec![("broken.test".to_owned(), None), half];
    let Some(world) = World::with(delegations, zones, Vec::new()).await else { return };
    for (label, codes_wanted, verdict, status, advice) in [
        ("nobody", ["not_registered"], Verdict::NotReady, RecordStatus::Missing, "register it"),
        ("lame", ["lame_delegation"], Verdict::Unclear, RecordStatus::LookupFailed, "At the registrar"),
        ("broken", ["lookup_failed"], Verdict::Unclear, RecordStatus::LookupFailed, "this passes by itself"),
        ("half", ["server_down"], Verdict::Ready, RecordStatus::Detected, "take it out of the NS records"),
    ] {
        let domain = format!("mail.{label}.test");
        let (seen, report) = look(&world, &domain, &wanted(&domain)).await;
        assert_eq!(codes(&report), codes_wanted, "{label}: {:#?}", report.findings);
        assert_eq!(report.verdict, verdict, "{label}: {:#?}", report.findings);
        assert!(all(&report, status), "{label}: {:#?}", report.records);
        assert!(report.findings[0].advice.contains(advice), "{label}: {:#?}", report.findings);
        if label == "nobody" {
            assert_eq!(seen.delegation, Delegation::NotRegistered { name: "nobody.test".to_owned() });
        }
    }
}

#[tokio::test]
async fn servers_that_disagree_are_named_and_the_record_does_not_count_yet() {
    let both = [("ns1.torn.test", FIRST), ("ns2.torn.test", SECOND)];
    let (first, second): (Zones, Zones) = (vec![held("torn", &both, &[])], vec![held("torn", &both, &["dkim"])]);
    let Some(world) = World::with(vec![to("torn.test", &both)], first, second).await else { return };
    let (_, report) = look(&world, "mail.torn.test", &wanted("mail.torn.test")).await;
    assert_eq!(codes(&report), ["servers_disagree"], "{:#?}", report.findings);
    let saw = &report.findings[0].saw;
    assert!(saw.contains("`ns1.torn.test`, and not at `ns2.torn.test`"), "{saw}");
    assert_eq!(report.verdict, Verdict::NotReady);
    let key = report.records.iter().find(|record| record.wanted.purpose == Purpose::Dkim).unwrap();
    assert_eq!((key.status, key.servers.len()), (RecordStatus::Missing, 2), "{key:#?}");
}

#[tokio::test]
async fn a_zone_cut_right_at_the_domain_is_found_and_names_are_told_from_there() {
    let at = [("ns1.mail.deep.test", SECOND)];
    let above = head("deep.test", &servers(&[("ns1.deep.test", FIRST)])) + "mail NS ns1.mail\nns1.mail A 127.0.0.3\n";
    let (_, text) = held("deep", &at, &["mx"]);
    let (_, records) = text.unwrap().split_once("$ORIGIN mail.").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let below = format!("{}$ORIGIN mail.{records}", head("mail.deep.test", &servers(&at)));
    let delegations = vec![to("deep.test", &[("ns1.deep.test", FIRST)])];
    let zones = vec![("deep.test".to_owned(), Some(above))];
    let second = vec![("mail.deep.test".to_owned(), Some(below))];
    let Some(world) = World::with(delegations, zones, second).await else { return };
    let (_, report) = look(&world, "mail.deep.test", &wanted("mail.deep.test")).await;
    assert_eq!(report.zone.as_deref(), Some("mail.deep.test"));
    assert_eq!(codes(&report), ["missing"], "{:#?}", report.findings);
    assert!(report.findings[0].advice.contains("(`send` in a panel"), "{:#?}", report.findings);
}

fn alias(domain: &str, name: &str) -> Wanted {
    Wanted {
        purpose: Purpose::Dkim,
        kind: RecordType::Cname,
        name: format!("{name}._domainkey.{domain}"),
        value: "one.dkim.amazonses.com".to_owned(),
        priority: None,
        ttl: None,
        required: true,
    }
}

#[tokio::test]
async fn aliases_are_compared_by_their_target_in_the_words_of_the_host() {
    let glueless = [("ada.ns.cloudflare.com", FIRST)];
    let lines = "fine CNAME one.dkim.amazonses.com.\nother CNAME two.dkim.amazonses.com.\n\
                 dotless CNAME one.dkim.amazonses.com\nflat A 192.0.2.77\nproxied A 104.16.1.1\n";
    let text = format!("{}$ORIGIN _domainkey.mail.alias.test.\n{lines}", head("alias.test", &servers(&glueless)));
    let host = head("ns.cloudflare.com", &servers(&glueless)) + "dkim A 192.0.2.1\n";
    let delegations = vec![to("alias.test", &glueless), to("ns.cloudflare.com", &glueless)];
    let zones = vec![("alias.test".to_owned(), Some(text)), ("ns.cloudflare.com".to_owned(), Some(host))];
    let Some(world) = World::with(delegations, zones, Vec::new()).await else { return };
    let field = "In Cloudflare's field Name enter `";
    for (name, code, status, advice) in [
        ("fine", "", RecordStatus::Detected, ""),
        ("other", "cname_other_target", RecordStatus::Mismatch, field),
        ("dotless", "value_zone_appended", RecordStatus::Mismatch, "with a dot at its end"),
        ("flat", "cname_flattened", RecordStatus::Detected, "Nothing needs to be done"),
        ("proxied", "proxied", RecordStatus::Missing, "\"DNS only\""),
        ("none", "missing", RecordStatus::Missing, field),
    ] {
        let wanted = [alias("mail.alias.test", name)];
        let (_, report) = look(&world, "mail.alias.test", &wanted).await;
        assert_eq!(report.host.as_ref().map(|host| host.name.as_str()), Some("Cloudflare"));
        assert_eq!(report.records[0].status, status, "{name}: {report:#?}");
        let about = format!("CNAME {name}._domainkey.mail.alias.test");
        let said = report.findings.iter().find(|finding| finding.record.as_deref() == Some(&about));
        assert_eq!(said.map(|finding| finding.code.as_str()).unwrap_or_default(), code, "{name}: {report:#?}");
        assert!(said.is_none_or(|finding| finding.advice.contains(advice)), "{name}: {said:#?}");
    }
}

#[tokio::test]
async fn a_wildcard_is_seen_and_no_record_is_taken_for_there_by_it() {
    let (name, text) = held("wild", &[("ns1.wild.test", FIRST)], &["own"]);
    let text = text.unwrap() + "* TXT \"hello\"\n* MX 10 mx.example.org.\n";
    let delegations = vec![to("wild.test", &[("ns1.wild.test", FIRST)])];
    let Some(world) = World::with(delegations, vec![(name, Some(text))], Vec::new()).await else { return };
    let (seen, report) = look(&world, "mail.wild.test", &wanted("mail.wild.test")).await;
    assert_eq!(seen.wildcard, [RecordType::Txt, RecordType::Mx]);
    assert_eq!(codes(&report), ["value_differs", "wildcard"], "{:#?}", report.findings);
    assert_eq!(report.records[0].status, RecordStatus::Mismatch);
    assert!(report.records[1..].iter().all(|record| record.status == RecordStatus::Detected), "{report:#?}");
}
