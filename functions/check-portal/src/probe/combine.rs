//! From what each address showed to one verdict.

use std::net::IpAddr;

use tenantry_dns::{Finding, Severity};
use tenantry_fetch::{Attempt, CertificateSaw, HttpSaw, HttpsSaw, ProbeTrouble, TlsTrouble};
use time::OffsetDateTime;

use super::{CODES, Expected, Probe, Verdict, certificate, expiry};
use crate::words::trouble as words;

/// What one address showed.
pub(super) struct Look<'a> {
    at: IpAddr,
    shown: Result<Shown<'a>, ProbeTrouble>,
}

/// A certificate, and the answer; none: nothing was asked.
type Shown<'a> = (&'a CertificateSaw, Option<&'a Result<HttpSaw, ProbeTrouble>>);

impl<'a> Look<'a> {
    pub(super) fn from_https(attempt: &'a Attempt<HttpsSaw>) -> Self {
        let shown = attempt.outcome.as_ref().map(|saw| (&saw.certificate, Some(&saw.answer)));
        Self { at: attempt.at, shown: shown.map_err(|trouble| *trouble) }
    }

    pub(super) fn from_tls(attempt: &'a Attempt<CertificateSaw>) -> Self {
        Self { at: attempt.at, shown: attempt.outcome.as_ref().map(|saw| (saw, None)).map_err(|trouble| *trouble) }
    }
}

/// What is found on the way; each finding once.
pub(super) struct Found<'a> {
    pub(super) host: &'a str,
    pub(super) now: OffsetDateTime,
    tenant: Vec<Finding>,
    operators: Vec<Finding>,
}

impl Found<'_> {
    pub(super) fn tenant(&mut self, code: &str, severity: Severity, saw: String, advice: impl Into<String>) {
        push(&mut self.tenant, code, severity, saw, advice.into());
    }

    pub(super) fn operators(&mut self, code: &str, severity: Severity, saw: String, advice: impl Into<String>) {
        push(&mut self.operators, code, severity, saw, advice.into());
    }
}

fn push(findings: &mut Vec<Finding>, code: &str, severity: Severity, saw: String, advice: String) {
    debug_assert!(CODES.iter().any(|(known, _)| *known == code), "{code} is not in the list");
    let finding = Finding { code: code.to_owned(), severity, record: None, saw, advice };
    if !findings.contains(&finding) {
        findings.push(finding);
    }
}

pub(super) fn combine(host: &str, expected: &Expected, looks: &[Look<'_>], now: OffsetDateTime) -> Probe {
    let mut found = Found { host, now, tenant: Vec::new(), operators: Vec::new() };
    let mut worst: Option<(Verdict, &CertificateSaw)> = None;
    let mut troubles = Vec::new();
    for look in looks {
        match look.shown {
            Ok((saw, answer)) => {
                let verdict = judge(expected, look.at, saw, answer, &mut found);
                if worst.is_none_or(|(so_far, _)| so_far < verdict) {
                    worst = Some((verdict, saw));
                }
            }
            Err(trouble) => troubles.push((look.at, trouble)),
        }
    }
    let verdict = match worst {
        Some((verdict, _)) => {
            beside(&troubles, &mut found);
            verdict
        }
        None => nothing(&troubles, &mut found),
    };
    let certificate = worst.map(|(_, saw)| saw.clone());
    found.tenant.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Probe {
        verdict,
        expires_in_days: certificate.as_ref().map(|saw| expiry::days(saw, now)),
        words: sentence(host, verdict, certificate.as_ref(), &found.tenant),
        certificate,
        findings: found.tenant,
        operators: found.operators,
    }
}

/// One address: the certificate first, and what is answered where that is ours and good.
fn judge(
    expected: &Expected,
    at: IpAddr,
    saw: &CertificateSaw,
    answer: Option<&Result<HttpSaw, ProbeTrouble>>,
    found: &mut Found<'_>,
) -> Verdict {
    let verdict = certificate::judge(expected, at, saw, found);
    if verdict != Verdict::Live {
        return verdict;
    }
    expiry::judge(saw, found);
    let host = found.host;
    let (code, saw, advice) = match answer {
        None => return Verdict::Live,
        Some(Ok(http)) if http.status == 404 => (
            "https_not_yet",
            format!("Our gateway has the certificate of {host}, and does not lead it to the portal yet (status 404)."),
            "There is nothing to do for you; we look again by ourselves.",
        ),
        Some(Ok(http)) if http.status >= 500 => (
            "https_server_error",
            format!(
                "https://{host}/ is answered with status {}: the portal behind our gateway does not answer well.",
                http.status
            ),
            "There is nothing to do for you; we look again by ourselves.",
        ),
        Some(Ok(_)) => return Verdict::Live,
        Some(Err(trouble)) => (
            "https_server_error",
            format!("https://{host}/ shows its certificate and is not answered: {}.", words(*trouble)),
            "There is nothing to do for you; we look again by ourselves.",
        ),
    };
    found.tenant(code, Severity::Warning, saw, advice);
    Verdict::NotYet
}

/// Addresses without an answer beside one that answers.
fn beside(troubles: &[(IpAddr, ProbeTrouble)], found: &mut Found<'_>) {
    let host = found.host;
    for (at, trouble) in troubles {
        match trouble {
            ProbeTrouble::NoRoute => no_route(*at, found),
            _ => found.operators(
                "address_unreachable",
                Severity::Warning,
                format!("https://{host}/ is answered at another address, and not at {at}: {}.", words(*trouble)),
                "See whether the address is ours; if it is not, DNS leads there by a stray record.",
            ),
        }
    }
}

/// No address answered.
fn nothing(troubles: &[(IpAddr, ProbeTrouble)], found: &mut Found<'_>) -> Verdict {
    let host = found.host;
    let mut verdict = Verdict::Unreachable;
    for (at, trouble) in troubles {
        match trouble {
            ProbeTrouble::NotTried => {}
            ProbeTrouble::NoRoute => no_route(*at, found),
            ProbeTrouble::NotPublic => found.tenant(
                "https_not_public",
                Severity::Error,
                format!("{host} leads to {at}, which is not on the public Internet."),
                "Remove the record with this address; the CNAME to your canonical host is all that is needed.",
            ),
            // The connection came about, and the gateway has nothing for the name.
            ProbeTrouble::Tls(TlsTrouble::Closed | TlsTrouble::NoSuchName | TlsTrouble::Alert) => {
                verdict = Verdict::NotYet;
                found.tenant(
                    "https_not_yet",
                    Severity::Warning,
                    format!("https://{host}/ is not served yet at {at}: {}.", words(*trouble)),
                    "There is nothing to do for you; we look again by ourselves.",
                );
            }
            _ => found.tenant(
                "https_unreachable",
                Severity::Error,
                format!("https://{host}/ is not answered at {at}: {}.", words(*trouble)),
                "We look again by ourselves; if this is not an address of ours, remove the record that leads to it.",
            ),
        }
    }
    if troubles.is_empty() {
        found.tenant(
            "https_unreachable",
            Severity::Error,
            format!("{host} leads to no address."),
            "See that its CNAME to your canonical host is still there.",
        );
    }
    verdict
}

fn no_route(at: IpAddr, found: &mut Found<'_>) {
    let saw = format!("From here there is no way to {at}, an address of {}; it was not judged.", found.host);
    found.operators("probe_no_route", Severity::Info, saw, "Nothing, if this place has no IPv6.");
}

/// What matters most.
fn sentence(host: &str, verdict: Verdict, certificate: Option<&CertificateSaw>, findings: &[Finding]) -> String {
    match (verdict, certificate, findings.first()) {
        (Verdict::Live, Some(saw), _) => {
            format!("https://{host}/ answers, with a certificate that is valid until {}.", saw.not_after.date())
        }
        (_, _, Some(finding)) => format!("{} {}", finding.saw, finding.advice),
        _ => format!("https://{host}/ could not be looked at from where we are; we look again by ourselves."),
    }
}
