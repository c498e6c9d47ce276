//! What holds for every report.

use std::collections::BTreeSet;

use tenantry_dns::{CODES, Purpose, RecordStatus, RecordType, Value, Verdict, check, usual};

use crate::check::{
    domain, mail, portal, text,
    world::{DOMAIN, HOST, KEY, OWNER, PATH, POLICY, Row, SIGNER, SPF, TOKEN, World, records},
};

fn rows() -> impl Iterator<Item = &'static Row> {
    [text::ROWS, mail::SPF_ROWS, mail::MX_ROWS, mail::CNAME_ROWS, mail::DMARC_ROWS, domain::ROWS].into_iter().flatten()
}

#[test]
fn a_zone_in_which_all_is_right_gives_no_finding() {
    let report = World::new().check();
    assert_eq!(report.findings, []);
    assert_eq!(report.verdict, Verdict::Ready);
    assert!(report.records.iter().all(|record| record.status == RecordStatus::Detected && record.saw.is_empty()));
    assert_eq!(report.records[0].servers, ["ns1.example.net", "ns2.example.net"]);
    assert_eq!(report.records[0].seen_ttl, Some(300));
}

#[test]
fn every_code_is_listed_with_its_help_and_shown_by_a_zone_that_has_the_fault() {
    let listed: BTreeSet<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let shown = rows().map(|row| row.code).chain(portal::rows::ROWS.iter().map(|row| row.code));
    let shown: BTreeSet<&str> = shown.collect();
    assert_eq!(listed, shown);
    assert_eq!(listed.len(), CODES.len(), "a code is listed twice");
    for (code, help) in CODES {
        assert!(code.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'), "{code}");
        assert!(help.ends_with('.') && help.len() > 15, "{code}: {help}");
    }
    assert!(rows().count() >= 80);
}

#[test]
fn nobody_is_told_the_name_of_the_mail_provider() {
    for row in rows() {
        let mut world = World::new();
        (row.zone)(&mut world);
        for finding in world.check().findings {
            for words in [&finding.saw, &finding.advice] {
                // Values stand in backticks.
                let said: String = words.split('`').step_by(2).collect();
                let said = said.to_lowercase();
                assert!(
                    !["resend", "amazonses", " ses "].iter().any(|name| said.contains(name)),
                    "{}: {words}",
                    row.what
                );
            }
        }
    }
}

#[test]
fn errors_come_first_and_then_the_records_in_their_order() {
    let mut world = World::new();
    world.txt(POLICY, &["v=DMARC1; p=none; pct=5"]);
    world.gone(SIGNER, RecordType::Txt);
    world.gone(OWNER, RecordType::Txt);
    world.txt(PATH, &["v=spf1 include:amazonses.com +all"]);
    world.seen.dnssec_bogus = true;
    let codes: Vec<(String, Option<String>)> =
        world.check().findings.into_iter().map(|finding| (finding.code, finding.record)).collect();
    let about = |code: &str, name: Option<&str>| (code.to_owned(), name.map(|name| format!("TXT {name}")));
    assert_eq!(
        codes,
        [
            about("dnssec_bogus", None),
            about("missing", Some(OWNER)),
            about("missing", Some(SIGNER)),
            about("spf_plus_all", Some(PATH)),
            about("dmarc_gone_tags", Some(POLICY)),
        ]
    );
}

#[test]
fn signatures_that_do_not_hold_keep_a_domain_from_being_ready() {
    let mut world = World::new();
    world.seen.dnssec_bogus = true;
    assert_eq!(world.check().verdict, Verdict::NotReady);
}

#[test]
fn names_and_hosts_are_compared_without_case_and_final_dot() {
    let mut world = World::new();
    world.wanted[1].name = "Send.Mail.ACME.com.".to_owned();
    world.wanted[1].value = format!("{}.", HOST.to_uppercase());
    world.txt(PATH, &["V=SPF1 +Include:AmazonSES.com. -all"]);
    assert_eq!(world.check().findings, []);
}

#[test]
fn a_text_may_be_cut_into_strings_anywhere() {
    let mut world = World::new();
    world.strings(PATH, &["v=spf1 inclu", "de:amazonses.com", " ~all"]);
    world.strings(OWNER, &[&TOKEN[..5], &TOKEN[5..]]);
    assert_eq!(world.check().findings, []);
}

#[test]
fn a_cname_that_leads_to_the_right_record_is_right() {
    let mut world = World::new();
    world.say(SIGNER, RecordType::Cname, records(vec![Value::Cname("key.example.net".to_owned())]));
    for answer in &mut world.seen.answers.get_mut(&(SIGNER.to_owned(), RecordType::Txt)).unwrap().authoritative {
        answer.aliases = vec!["key.example.net".to_owned()];
    }
    assert_eq!(world.check().findings, []);
}

#[test]
fn what_is_only_advised_never_stands_in_the_way() {
    let mut world = World::new();
    // A list without the word: then every record counts as required.
    world.wanted[4].required = true;
    world.cname(POLICY, "www.example.net");
    world.wanted[1].required = false;
    world.gone(PATH, RecordType::Mx);
    let report = world.check();
    assert_eq!(report.verdict, Verdict::Ready, "{:#?}", report.findings);
    assert_eq!(report.findings.len(), 2);
    assert_eq!(report.records[4].status, RecordStatus::Conflict);
}

#[test]
fn what_was_seen_instead_is_said_as_in_a_zone_file() {
    let mut world = World::new();
    world.mx(PATH, &[(5, "mx.example.net")]);
    world.txt(PATH, &["v=spf1 \"x\" -all"]);
    let report = world.check();
    assert_eq!(report.records[1].saw, ["5 mx.example.net."]);
    assert_eq!(report.records[2].saw, [r#""v=spf1 \"x\" -all""#]);
}

#[test]
fn a_value_can_do_no_harm_on_a_terminal() {
    let mut world = World::new();
    world.txt(PATH, &["v=spf1 \u{1b}[31minclude:x \u{7}\n -all"]);
    let report = world.check();
    assert!(!report.findings.is_empty());
    assert!(!report.findings.iter().any(|finding| finding.saw.chars().any(char::is_control)), "{report:?}");
    assert!(!report.records.iter().any(|record| record.saw.iter().any(|saw| saw.chars().any(char::is_control))));
}

#[test]
fn the_usual_records_take_any_key() {
    let wanted = usual("Mail.Acme.com", "eu-west-1");
    let shown: Vec<(Purpose, &str, &str, Option<u16>, bool)> = wanted
        .iter()
        .map(|record| (record.purpose, record.name.as_str(), record.value.as_str(), record.priority, record.required))
        .collect();
    assert_eq!(
        shown,
        [
            (Purpose::ReturnPath, PATH, HOST, Some(10), true),
            (Purpose::Spf, PATH, SPF, None, true),
            (Purpose::Dkim, SIGNER, "", None, true),
            (Purpose::Dmarc, POLICY, "v=DMARC1; p=none; rua=mailto:dmarc@mail.acme.com", None, false),
        ]
    );
    let mut world = World::new();
    world.wanted = wanted;
    assert_eq!(world.check().findings, []);
    world.txt(SIGNER, &[&format!("v=DKIM1; k=rsa; p={}", KEY.chars().rev().collect::<String>())]);
    assert_eq!(world.check().findings, []);
}

#[test]
fn the_policy_is_looked_at_though_it_is_not_in_the_list() {
    let mut world = World::new();
    world.wanted.truncate(4);
    assert_eq!(world.check().findings, []);
    world.gone(POLICY, RecordType::Txt);
    assert_eq!(world.check().findings[0].code, "dmarc_missing");
}

#[test]
fn a_domain_that_nobody_looked_at_is_unclear() {
    let mut world = World::new();
    world.seen.answers.clear();
    let report = check(DOMAIN, &world.wanted, &world.seen);
    assert_eq!(report.verdict, Verdict::Unclear);
    assert!(report.records.iter().all(|record| record.status == RecordStatus::NotChecked));
}
