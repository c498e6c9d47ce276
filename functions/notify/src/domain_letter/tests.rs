#![allow(clippy::unwrap_used)]
use tenantry_dns::{Finding, Purpose, RecordReport, RecordType, Verdict};
use tenantry_model::TenantId;
use tenantry_templates::{Rendered, render};
use tenantry_workflows::email_domain::About;

use super::*;

fn wanted(purpose: Purpose, kind: RecordType, name: &str, value: &str, priority: Option<u16>) -> Wanted {
    let required = purpose != Purpose::Dmarc;
    Wanted { purpose, kind, name: name.to_owned(), value: value.to_owned(), priority, ttl: None, required }
}

fn records() -> Vec<Wanted> {
    let (txt, mx) = (RecordType::Txt, RecordType::Mx);
    vec![
        wanted(Purpose::Ownership, txt, "_tenantry.mail.acme.test", "tenantry-verify=abc", None),
        wanted(Purpose::ReturnPath, mx, "send.mail.acme.test", "feedback.mail-in.test", Some(10)),
        wanted(Purpose::Dkim, txt, "key._domainkey.mail.acme.test", "p=MIGf", None),
        wanted(Purpose::Dmarc, txt, "_dmarc.mail.acme.test", "v=DMARC1; p=none", None),
    ]
}

/// The records as a look has found them.
fn report(statuses: [RecordStatus; 4], findings: Vec<Finding>) -> Report {
    let record =
        |(wanted, status)| RecordReport { wanted, status, saw: Vec::new(), servers: Vec::new(), seen_ttl: None };
    Report {
        domain: "mail.acme.test".to_owned(),
        verdict: Verdict::NotReady,
        zone: Some("acme.test".to_owned()),
        host: None,
        records: records().into_iter().zip(statuses).map(record).collect(),
        findings,
    }
}

fn finding(code: &str, severity: Severity, saw: &str) -> Finding {
    let (code, saw, advice) = (code.to_owned(), saw.to_owned(), "Do this.".to_owned());
    Finding { code, severity, record: None, saw, advice }
}

fn about(details: &[&str]) -> About {
    let details = details.iter().map(|detail| (*detail).to_owned()).collect();
    About { tenant: TenantId(uuid::Uuid::from_u128(1)), domain: "mail.acme.test".parse().unwrap(), details }
}

/// The mail of a notice.
fn written(notice: &Notice, report: Option<&Report>, locale: &str) -> Option<Rendered> {
    let (domain, wanted) = ("mail.acme.test".parse().unwrap(), records());
    let known = Known {
        domain: &domain,
        to: Addressee { tenant_name: "Acme & Sons", support: "support@example.com", locale },
        wanted: &wanted,
        report,
        page_url: "https://app.example.com/dns/token",
        link_days: 14,
    };
    letter(notice, &known).map(|(template, variables)| render(template, locale, &variables).unwrap())
}

use RecordStatus::{Conflict, Detected, LookupFailed, Mismatch, Missing};

#[test]
fn the_records_to_publish_are_those_that_are_required_with_the_names_that_a_panel_takes() {
    let mail = written(&Notice::DomainRecordsReady(about(&[])), None, "en").unwrap();
    insta::assert_snapshot!("records_ready.en", format!("Subject: {}\n\n{}", mail.subject, mail.text));
    assert!(mail.html.contains("send.mail<") && mail.html.contains("feedback.mail-in.test"), "{}", mail.html);
    let mail = written(&Notice::DomainRecordsReady(about(&[])), None, "de").unwrap();
    insta::assert_snapshot!("records_ready.de", format!("Subject: {}\n\n{}", mail.subject, mail.text));
}

#[test]
fn names_are_relative_to_the_zone_that_was_found() {
    let mut report = report([Missing; 4], Vec::new());
    report.zone = Some("mail.acme.test".to_owned());
    let mail = written(&Notice::DomainReminded(about(&[])), Some(&report), "en").unwrap();
    assert!(mail.text.contains("Name: send\n") && mail.text.contains("below mail.acme.test."), "{}", mail.text);
}

#[test]
fn a_reminder_says_what_is_missing_and_what_stands_in_the_way_and_nothing_else() {
    let findings = vec![
        finding("missing", Severity::Error, "MISSING"),
        finding("dkim_cut", Severity::Error, "The key is cut off."),
        finding("dmarc_missing", Severity::Warning, "ADVISED"),
    ];
    let report = report([Detected, LookupFailed, Mismatch, Missing], findings);
    let mail = written(&Notice::DomainReminded(about(&[])), Some(&report), "en").unwrap();
    assert!(mail.subject.starts_with("Reminder"), "{}", mail.subject);
    assert!(mail.text.contains("key._domainkey.mail") && mail.text.contains("- The key is cut off. Do this."));
    for absent in ["_tenantry", "send.mail", "_dmarc", "MISSING", "ADVISED"] {
        assert!(!mail.text.contains(absent), "{absent} in {}", mail.text);
    }
    let german = written(&Notice::DomainReminded(about(&[])), Some(&report), "de").unwrap();
    assert!(german.text.contains("key._domainkey.mail") && !german.text.contains("cut off"), "{}", german.text);
}

#[test]
fn nobody_is_reminded_of_what_nobody_could_look_up() {
    let report = report([Detected, LookupFailed, Detected, Missing], Vec::new());
    assert!(written(&Notice::DomainReminded(about(&[])), Some(&report), "en").is_none());
}

#[test]
fn records_that_vanished_are_those_that_the_look_has_named() {
    // A later look has found them again.
    let report = report([Detected; 4], Vec::new());
    let notice = Notice::DomainRecordsVanished(about(&["MX send.mail.acme.test"]));
    let mail = written(&notice, Some(&report), "en").unwrap();
    assert!(mail.subject.contains("missing") && mail.text.contains("feedback.mail-in.test"), "{}", mail.text);
    assert!(mail.text.contains("still leaves") && mail.text.contains("two days") && !mail.text.contains("_domainkey"));
}

#[test]
fn who_is_degraded_or_has_failed_reads_why_and_the_records_again() {
    let report = report([Detected, Conflict, Detected, Detected], Vec::new());
    for notice in
        [Notice::DomainDegraded(about(&["It was refused."])), Notice::DomainFailed(about(&["It was refused."]))]
    {
        let mail = written(&notice, Some(&report), "en").unwrap();
        assert!(
            mail.text.contains("- It was refused.") && mail.text.contains("feedback.mail-in.test"),
            "{}",
            mail.text
        );
        assert!(!mail.text.contains("_domainkey") && mail.text.contains("https://app.example.com/dns/token"));
        // Nobody has looked: all of them.
        let mail = written(&notice, None, "en").unwrap();
        assert!(mail.text.contains("_domainkey") && !mail.text.contains("_dmarc"), "{}", mail.text);
    }
}

#[test]
fn who_is_refused_reads_the_reason_and_what_the_records_it_names_must_be() {
    // They were all there when we looked, else the provider would not have been asked.
    let report = report([Detected; 4], Vec::new());
    let reason = "The mail service does not accept these records: TXT key._domainkey.mail.acme.test.";
    let mail = written(&Notice::DomainRefused(about(&[reason])), Some(&report), "en").unwrap();
    insta::assert_snapshot!("refused.en", format!("Subject: {}\n\n{}", mail.subject, mail.text));
    assert!(mail.html.contains("p&#x3D;MIGf") && mail.html.contains("https://app.example.com/dns/token"));
    // The reason is English; the records are not.
    let mail = written(&Notice::DomainRefused(about(&[reason])), Some(&report), "de").unwrap();
    insta::assert_snapshot!("refused.de", format!("Subject: {}\n\n{}", mail.subject, mail.text));

    // It names none: any of those that are the provider's, so not our own text.
    let notice = Notice::DomainRefused(about(&["The mail service could not verify the records."]));
    let mail = written(&notice, Some(&report), "en").unwrap();
    assert!(mail.text.contains("- The mail service could not verify the records."), "{}", mail.text);
    assert!(mail.text.contains("feedback.mail-in.test") && mail.text.contains("p=MIGf"), "{}", mail.text);
    assert!(!mail.text.contains("_tenantry") && !mail.text.contains("_dmarc"), "{}", mail.text);
}

#[test]
fn a_verified_domain_is_good_news_and_a_removed_one_is_none() {
    let mail = written(&Notice::DomainVerified(about(&[])), None, "en").unwrap();
    assert_eq!(mail.subject, "mail.acme.test is ready to send");
    assert!(mail.text.contains("https://app.example.com/dns/token"));
    assert!(written(&Notice::DomainDeactivated(about(&[])), None, "en").is_none());
}
