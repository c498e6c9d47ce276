//! What a report means to the domain's life.

use tenantry_dns::{Purpose, RecordReport, RecordStatus, Report};
use tenantry_workflows::email_domain::Records;

/// How these records stand together: one that is certainly not there counts more than one that nobody could look for.
fn together<'a>(records: impl Iterator<Item = &'a RecordReport>) -> Records {
    let mut verdict = Records::Complete;
    for record in records {
        match record.status {
            RecordStatus::Detected => {}
            RecordStatus::LookupFailed | RecordStatus::NotChecked => verdict = Records::Unclear,
            RecordStatus::Mismatch | RecordStatus::Missing | RecordStatus::Conflict => return Records::Incomplete,
        }
    }
    verdict
}

fn required(report: &Report) -> impl Iterator<Item = &RecordReport> {
    report.records.iter().filter(|record| record.wanted.required)
}

/// Signatures that do not hold may mean that somebody else answers for the zone: what was seen then proves nothing.
fn trusted(report: &Report) -> bool {
    !report.findings.iter().any(|finding| finding.code == "dnssec_bogus")
}

/// All required records.
pub(crate) fn all(report: &Report) -> Records {
    if trusted(report) { together(required(report)) } else { Records::Unclear }
}

/// Those without which mail does not arrive.
pub(crate) fn sending(report: &Report) -> Records {
    together(required(report).filter(|record| record.wanted.purpose != Purpose::Ownership))
}

/// Whether the owner's own text is there; none: nobody could say.
pub(crate) fn proven(report: &Report) -> Option<bool> {
    if !trusted(report) {
        return None;
    }
    match together(report.records.iter().filter(|record| record.wanted.purpose == Purpose::Ownership)) {
        Records::Complete => Some(true),
        Records::Incomplete => Some(false),
        Records::Unclear => None,
    }
}

/// The required records that are certainly not there, as `TXT send.example.com`.
pub(crate) fn missing(report: &Report) -> Vec<String> {
    let absent = |record: &&RecordReport| {
        matches!(record.status, RecordStatus::Mismatch | RecordStatus::Missing | RecordStatus::Conflict)
    };
    required(report).filter(absent).map(|record| format!("{} {}", record.wanted.kind, record.wanted.name)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tenantry_dns::{Verdict, ownership, usual};

    fn report(owner: RecordStatus, others: RecordStatus) -> Report {
        let wanted = [vec![ownership("acme.example", "t")], usual("acme.example", "eu-west-1")].concat();
        let status = |wanted: &tenantry_dns::Wanted| if wanted.purpose == Purpose::Ownership { owner } else { others };
        let records = wanted
            .into_iter()
            .map(|wanted| RecordReport {
                status: status(&wanted),
                wanted,
                saw: Vec::new(),
                servers: Vec::new(),
                seen_ttl: None,
            })
            .collect();
        Report {
            domain: "acme.example".into(),
            verdict: Verdict::Unclear,
            zone: None,
            host: None,
            records,
            findings: Vec::new(),
        }
    }

    #[test]
    fn a_record_that_is_not_there_counts_more_than_one_that_nobody_could_look_for() {
        use RecordStatus::{Detected, LookupFailed, Missing};
        let fine = report(Detected, Detected);
        assert_eq!((all(&fine), sending(&fine), proven(&fine)), (Records::Complete, Records::Complete, Some(true)));
        let unproven = report(Missing, Detected);
        assert_eq!((all(&unproven), sending(&unproven)), (Records::Incomplete, Records::Complete));
        assert_eq!(
            (proven(&unproven), missing(&unproven)),
            (Some(false), vec!["TXT _tenantry.acme.example".to_owned()])
        );
        let silent = report(LookupFailed, Detected);
        assert_eq!((all(&silent), proven(&silent)), (Records::Unclear, None));
        let broken = report(LookupFailed, Missing);
        assert_eq!((all(&broken), sending(&broken), proven(&broken)), (Records::Incomplete, Records::Incomplete, None));
    }

    #[test]
    fn a_zone_whose_signatures_do_not_hold_proves_nothing() {
        let mut bogus = report(RecordStatus::Detected, RecordStatus::Detected);
        bogus.findings.push(tenantry_dns::Finding {
            code: "dnssec_bogus".into(),
            severity: tenantry_dns::Severity::Error,
            record: None,
            saw: String::new(),
            advice: String::new(),
        });
        assert!(tenantry_dns::CODES.iter().any(|(code, _)| *code == "dnssec_bogus"));
        assert_eq!((all(&bogus), proven(&bogus)), (Records::Unclear, None));
    }

    #[test]
    fn a_record_that_is_only_advised_stands_in_nobodys_way() {
        let mut advised = report(RecordStatus::Detected, RecordStatus::Detected);
        advised.records.last_mut().unwrap().status = RecordStatus::Missing;
        assert_eq!((all(&advised), missing(&advised)), (Records::Complete, Vec::<String>::new()));
    }
}
