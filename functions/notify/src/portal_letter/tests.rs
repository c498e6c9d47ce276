#![allow(clippy::unwrap_used)]
use tenantry_dns::{Caa, Pointing, Purpose, RecordReport, RecordStatus, RecordType, ownership};
use tenantry_model::TenantId;
use tenantry_templates::{Rendered, render};

use super::*;

const SAW: &str = "portal.acme.test leads to shop.elsewhere.test. Create a CNAME to a1b2c3d.portal.example.com.";

fn cname(host: &str) -> Wanted {
    Wanted {
        purpose: Purpose::Portal,
        kind: RecordType::Cname,
        name: host.to_owned(),
        value: "a1b2c3d.portal.example.com".to_owned(),
        priority: None,
        ttl: None,
        required: true,
    }
}

/// What a look has found.
fn report(host: &str, pointing: Pointing) -> HostReport {
    let text = RecordReport {
        wanted: ownership(host, "abc"),
        status: RecordStatus::Missing,
        saw: Vec::new(),
        servers: Vec::new(),
        seen_ttl: None,
    };
    HostReport {
        host: host.to_owned(),
        target: "a1b2c3d.portal.example.com".to_owned(),
        pointing,
        proven: None,
        caa: Caa::Allows,
        observed: String::new(),
        chain: Vec::new(),
        addresses: Vec::new(),
        record_to_create: cname(host),
        name_in_zone: None,
        ownership: text,
        apex: host == "acme.test",
        zone: Some("acme.test".to_owned()),
        host_hint: None,
        findings: Vec::new(),
    }
}

fn told(host: &str, details: &[&str]) -> About {
    let details = details.iter().map(|detail| (*detail).to_owned()).collect();
    About { tenant: TenantId(uuid::Uuid::from_u128(1)), domain: host.parse().unwrap(), details }
}

/// The mail of a notice.
fn written(notice: &Notice, report: Option<&HostReport>, locale: &str) -> Option<Rendered> {
    let known = Known {
        domain: &about(notice)?.domain,
        to: Addressee { tenant_name: "Acme & Sons", support: "support@example.com", locale },
        report,
        page_url: "https://a1b2c3d.portal.example.com/",
    };
    letter(notice, &known).map(|(template, variables)| render(template, locale, &variables).unwrap())
}

fn whole(mail: &Rendered) -> String {
    format!("Subject: {}\n\n{}", mail.subject, mail.text)
}

#[test]
fn a_reminder_has_the_record_to_create_and_what_was_seen() {
    let (notice, report) =
        (Notice::PortalReminded(told("portal.acme.test", &[SAW])), report("portal.acme.test", Pointing::Elsewhere));
    let mail = written(&notice, Some(&report), "en").unwrap();
    insta::assert_snapshot!("reminded.en", whole(&mail));
    assert!(mail.html.contains("CNAME") && mail.html.contains("a1b2c3d.portal.example.com<"), "{}", mail.html);
    // What was seen is English; the record is not.
    insta::assert_snapshot!("reminded.de", whole(&written(&notice, Some(&report), "de").unwrap()));
}

#[test]
fn nobody_is_reminded_of_what_nobody_could_look_up() {
    assert!(written(&Notice::PortalReminded(told("portal.acme.test", &[])), None, "en").is_none());
    let said = written(&Notice::PortalReminded(told("portal.acme.test", &["No server has answered."])), None, "en");
    assert!(said.unwrap().text.contains("- No server has answered."));
}

#[test]
fn at_the_top_of_a_zone_no_cname_is_asked_for() {
    let report = report("acme.test", Pointing::Elsewhere);
    let mail = written(&Notice::PortalReminded(told("acme.test", &[SAW])), Some(&report), "en").unwrap();
    assert!(mail.text.contains("Name: _tenantry\nValue: tenantry-verify=abc"), "{}", mail.text);
    assert!(!mail.text.contains("Type: CNAME"), "{}", mail.text);
}

#[test]
fn a_portal_that_is_live_is_opened_under_its_own_name() {
    let report = report("portal.acme.test", Pointing::Cname);
    let mail = written(&Notice::PortalActive(told("portal.acme.test", &[])), Some(&report), "en").unwrap();
    assert_eq!(mail.subject, "Your portal is live at portal.acme.test");
    assert!(mail.text.contains("\nhttps://portal.acme.test/\n"), "{}", mail.text);
    let idn = written(&Notice::PortalActive(told("portal.xn--mnchen-3ya.test", &[])), None, "en").unwrap();
    assert!(idn.subject.ends_with("portal.münchen.test"), "{}", idn.subject);
    assert!(idn.text.contains("https://portal.xn--mnchen-3ya.test/"), "{}", idn.text);
}

#[test]
fn who_has_failed_reads_why_and_the_record_only_where_it_is_missing() {
    let never = Notice::PortalFailed(told("portal.acme.test", &[SAW]));
    let mail = written(&never, Some(&report("portal.acme.test", Pointing::Missing)), "en").unwrap();
    insta::assert_snapshot!("failed.en", whole(&mail));
    let refused = Notice::PortalFailed(told("portal.acme.test", &["The certificate authority has refused."]));
    let mail = written(&refused, Some(&report("portal.acme.test", Pointing::Cname)), "en").unwrap();
    assert!(mail.text.contains("- The certificate authority has refused."), "{}", mail.text);
    assert!(!mail.text.contains("CNAME") && mail.text.contains("https://a1b2c3d.portal.example.com/"), "{}", mail.text);
}

#[test]
fn who_points_elsewhere_reads_until_when_and_what_to_put_back() {
    let report = report("portal.acme.test", Pointing::Elsewhere);
    let mail = written(&Notice::PortalMoved(told("portal.acme.test", &[SAW])), Some(&report), "en").unwrap();
    insta::assert_snapshot!("moved.en", whole(&mail));
}

#[test]
fn nobody_is_written_to_of_what_somebody_has_done_or_of_a_step_on_the_way() {
    let about = || told("portal.acme.test", &[]);
    for notice in [
        Notice::PortalRequested(about()),
        Notice::PortalDnsVerified(about()),
        Notice::PortalCertificateReady(about()),
        Notice::PortalRemoved(about()),
    ] {
        assert!(written(&notice, None, "en").is_none(), "{notice:?}");
    }
}
