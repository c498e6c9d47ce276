//! What a tenant is written about its domain. Pure: from the notice and what is known of the domain to a mail's variables.

use serde_json::{Value, json};
use tenantry_dns::{Purpose, RecordStatus, Report, Severity, Wanted};
use tenantry_mail::unicode_name;
use tenantry_model::Domain;
use tenantry_templates::{DEFAULT_LOCALE, Template};
use tenantry_workflows::email_domain::{About, Notice};

use crate::letter::{Addressee, reasons, row, zone};

/// Findings in one mail; the page has all of them.
const MOST_FINDINGS: usize = 5;

/// What is known of the domain, and of whoever is written to.
pub(crate) struct Known<'a> {
    /// The domain.
    pub(crate) domain: &'a Domain,
    /// Who is written to.
    pub(crate) to: Addressee<'a>,
    /// The records to publish.
    pub(crate) wanted: &'a [Wanted],
    /// What the last look has found.
    pub(crate) report: Option<&'a Report>,
    /// The domain's page, for whoever has the link.
    pub(crate) page_url: &'a str,
    /// How many days the link works.
    pub(crate) link_days: u16,
}

/// What a notice is about.
pub(crate) fn about(notice: &Notice) -> Option<&About> {
    match notice {
        Notice::DomainRecordsReady(about)
        | Notice::DomainReminded(about)
        | Notice::DomainVerified(about)
        | Notice::DomainRecordsVanished(about)
        | Notice::DomainDegraded(about)
        | Notice::DomainRefused(about)
        | Notice::DomainFailed(about)
        | Notice::DomainDeactivated(about) => Some(about),
        Notice::OperatorAsked { .. } => None,
    }
}

/// The mail of a notice, with its variables; none: nobody is written to, or there would be nothing in the mail.
///
/// A domain that is removed is no mail: whoever removed it knows.
pub(crate) fn letter(notice: &Notice, known: &Known<'_>) -> Option<(Template, Value)> {
    let (template, records, findings) = match notice {
        Notice::DomainRecordsReady(_) => {
            let records: Vec<&Wanted> = required(known).collect();
            // Without records there is nothing to do.
            (Template::DomainRecords, (!records.is_empty()).then_some(records)?, Vec::new())
        }
        Notice::DomainReminded(_) => {
            let (records, findings) = (absent(known), seen(known));
            // Where nobody could say what is missing, there is nothing to remind of.
            if records.is_empty() && findings.is_empty() {
                return None;
            }
            (Template::DomainReminder, records, findings)
        }
        Notice::DomainVerified(_) => (Template::DomainVerified, Vec::new(), Vec::new()),
        Notice::DomainRecordsVanished(about) => {
            let named: Vec<&Wanted> = known.wanted.iter().filter(|one| about.details.contains(&title(one))).collect();
            let records = if named.is_empty() { absent(known) } else { named };
            (Template::DomainRecordsMissing, records, seen(known))
        }
        Notice::DomainDegraded(about) => (Template::DomainDegraded, absent(known), why(&about.details, known)),
        Notice::DomainRefused(about) => {
            (Template::DomainRefused, refused(&about.details, known), why(&about.details, known))
        }
        Notice::DomainFailed(about) => (Template::DomainFailed, absent(known), why(&about.details, known)),
        Notice::DomainDeactivated(_) | Notice::OperatorAsked { .. } => return None,
    };
    let zone = zone(known.report.and_then(|report| report.zone.as_deref()), known.domain.as_str());
    let records: Vec<Value> = records.into_iter().map(|wanted| row(wanted, &zone)).collect();
    let variables = json!({
        "tenant_name": known.to.tenant_name,
        "domain": unicode_name(known.domain),
        "records": records,
        "findings": findings,
        "zone": zone,
        "page_url": known.page_url,
        "link_days": known.link_days,
        "support_email": known.to.support,
    });
    Some((template, variables))
}

/// What is only advised stands on the page.
fn required<'a>(known: &Known<'a>) -> impl Iterator<Item = &'a Wanted> {
    known.wanted.iter().filter(|wanted| wanted.required)
}

/// The required records that were certainly not there at the last look; all of them where nobody has looked. What could not be
/// looked up is not missing.
fn absent<'a>(known: &Known<'a>) -> Vec<&'a Wanted> {
    let Some(report) = known.report else { return required(known).collect() };
    let status = |wanted: &Wanted| {
        let same = |one: &Wanted| one.kind == wanted.kind && one.name == wanted.name && one.value == wanted.value;
        report.records.iter().find(|record| same(&record.wanted)).map(|record| record.status)
    };
    let absent = |wanted: &&Wanted| {
        // One that was not in the list at the last look is new: it is to be published too.
        matches!(status(wanted), None | Some(RecordStatus::Missing | RecordStatus::Mismatch | RecordStatus::Conflict))
    };
    required(known).filter(absent).collect()
}

/// The records that the reason names; all that the provider wants to find where it names none. They were there when we looked, so the
/// look does not say which they are.
fn refused<'a>(details: &[String], known: &Known<'a>) -> Vec<&'a Wanted> {
    let provider = || required(known).filter(|wanted| wanted.purpose != Purpose::Ownership);
    let named: Vec<&Wanted> =
        provider().filter(|wanted| details.iter().any(|reason| reason.contains(&title(wanted)))).collect();
    if named.is_empty() { provider().collect() } else { named }
}

/// What stands in the way, beyond that a record is missing, which the table of records says. Findings are written in English: a mail
/// in another language leaves them to the page.
fn seen(known: &Known<'_>) -> Vec<Value> {
    let Some(report) = known.report.filter(|_| known.to.locale == DEFAULT_LOCALE) else { return Vec::new() };
    let telling = report.findings.iter().filter(|one| one.severity == Severity::Error && one.code != "missing");
    telling.take(MOST_FINDINGS).map(|one| json!({ "saw": one.saw, "advice": one.advice })).collect()
}

/// Why the life has decided as it has, and what stands in the way.
fn why(details: &[String], known: &Known<'_>) -> Vec<Value> {
    [reasons(details, &known.to), seen(known)].concat()
}

/// `TXT send.example.com`, as a life names a record that is missing.
fn title(wanted: &Wanted) -> String {
    format!("{} {}", wanted.kind, wanted.name)
}

#[cfg(test)]
mod tests;
