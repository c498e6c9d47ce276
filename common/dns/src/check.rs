//! What was seen, judged. Pure: each check is a small function from what was seen and what is wanted to findings.

mod absent;
mod cname;
mod codes;
mod delegation;
mod dkim;
mod dmarc;
mod judge;
mod key;
mod look;
mod misplaced;
mod mx;
mod nature;
mod other;
mod policy;
mod portal;
mod publish;
mod record;
mod spf;
mod tags;
mod text;
mod words;

use std::cmp::Reverse;

pub use codes::CODES;
pub(crate) use codes::blocks_certificate;
use look::{Known, Look, is_required};
pub use portal::check_host;
pub(crate) use portal::misplaced as host_misplaced;

use crate::{
    Delegation, Finding, Purpose, RecordReport, RecordStatus, RecordType, Report, Seen, Severity, Verdict, Wanted,
    host_of,
    render::{self, plain},
};

/// Judges what was seen of a domain: how each wanted record stands, what is wrong, and what to do.
///
/// Findings come with what matters most first, then in the order of the records. The verdict is `Ready` where every
/// required record is there and nothing stands in the way, `NotReady` where something certainly does, else `Unclear`.
#[must_use]
pub fn check(domain: &str, wanted: &[Wanted], seen: &Seen) -> Report {
    let look = Look::new(domain, wanted, seen);
    let (mut records, mut findings) = (Vec::new(), Vec::new());
    for wanted in wanted {
        let (report, found) = record::check(&look, wanted);
        records.push(report);
        findings.extend(found);
    }
    findings.extend(beside(&look));
    findings.extend(delegation::delegation(&look));
    findings.extend(delegation::dnssec(&look));
    findings.extend(delegation::silence(&look, &records));
    findings.extend(delegation::wildcard(&look, &records));
    findings.sort_by_key(|finding: &Finding| (Reverse(finding.severity), place(wanted, finding)));
    Report {
        verdict: verdict(&look, &records, &findings),
        domain: look.domain.clone(),
        zone: look.zone.clone(),
        host: host_of(&seen.servers.iter().map(|server| server.name.clone()).collect::<Vec<_>>()),
        records,
        findings,
    }
}

/// The usual records of a domain, for a look without a list: the return path's MX and SPF, a key of any value, and an
/// advised policy. `region` is the mail service's, such as `eu-west-1`.
#[must_use]
pub fn usual(domain: &str, region: &str) -> Vec<Wanted> {
    let domain = plain(domain);
    let record = |purpose, kind, name: String, value: String, priority| Wanted {
        purpose,
        kind,
        name,
        value,
        priority,
        ttl: None,
        required: true,
    };
    let path = format!("send.{domain}");
    let host = format!("feedback-smtp.{}.amazonses.com", plain(region));
    let spf = "v=spf1 include:amazonses.com ~all".to_owned();
    vec![
        record(Purpose::ReturnPath, RecordType::Mx, path.clone(), host, Some(10)),
        record(Purpose::Spf, RecordType::Txt, path, spf, None),
        record(Purpose::Dkim, RecordType::Txt, format!("resend._domainkey.{domain}"), String::new(), None),
        dmarc::advised(&domain),
    ]
}

/// What is looked at though it is not wanted: the domain's own SPF record, and its policy.
fn beside(look: &Look<'_>) -> Vec<Finding> {
    let mut findings = spf::at_domain(look);
    let policy = dmarc::advised(&look.domain);
    let listed = look.wanted.iter().any(|wanted| nature::of(wanted) == nature::Nature::Dmarc);
    if !listed && look.known(&policy.name, RecordType::Txt) != Known::Unknown {
        findings.extend(record::check(look, &policy).1);
    }
    findings
}

/// Where a finding's record stands in the list: the domain as a whole first, what is not in the list last.
fn place(wanted: &[Wanted], finding: &Finding) -> usize {
    match &finding.record {
        None => 0,
        Some(record) => wanted
            .iter()
            .position(|wanted| *record == format!("{} {}", render::kind(wanted.kind), plain(&wanted.name)))
            .map_or(usize::MAX, |index| index + 1),
    }
}

fn verdict(look: &Look<'_>, records: &[RecordReport], findings: &[Finding]) -> Verdict {
    let required = || records.iter().filter(|record| is_required(&record.wanted)).map(|record| record.status);
    let wrong = |status| matches!(status, RecordStatus::Missing | RecordStatus::Mismatch | RecordStatus::Conflict);
    if look.seen.dnssec_bogus
        || matches!(look.seen.delegation, Delegation::NotRegistered { .. })
        || required().any(wrong)
    {
        return Verdict::NotReady;
    }
    let clear =
        look.seen.delegation == Delegation::Found && findings.iter().all(|finding| finding.severity < Severity::Error);
    if clear && required().all(|status| status == RecordStatus::Detected) { Verdict::Ready } else { Verdict::Unclear }
}
