//! What a look leaves in the row, for people to read.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    preflight::{Outcome, Preflight},
    probe::{Probe, Verdict},
};

/// A look before an order.
pub(crate) fn of_preflight(preflight: &Preflight, now: OffsetDateTime) -> Value {
    let outcome = match preflight.outcome {
        Outcome::Clear => "clear",
        Outcome::Unclear => "unclear",
        Outcome::Blocked => "blocked",
    };
    json!({ "outcome": outcome, "findings": preflight.findings, "operators": preflight.operators, "at": stamp(now) })
}

/// A visit.
pub(crate) fn of_visit(probe: &Probe, now: OffsetDateTime) -> Value {
    let verdict = match probe.verdict {
        Verdict::Live => "live",
        Verdict::NotYet => "not_yet",
        Verdict::Expired => "expired",
        Verdict::Untrusted => "untrusted",
        Verdict::OtherCertificate => "other_certificate",
        Verdict::Unreachable => "unreachable",
    };
    let certificate = probe.certificate.as_ref().map(|saw| {
        json!({
            "names": saw.names, "issuer": saw.issuer, "notBefore": stamp(saw.not_before), "notAfter": stamp(saw.not_after),
            "serial": saw.serial, "sha256": saw.sha256,
        })
    });
    json!({
        "verdict": verdict, "certificate": certificate, "expiresInDays": probe.expires_in_days, "findings": probe.findings,
        "operators": probe.operators, "words": probe.words, "at": stamp(now),
    })
}

/// What a visit has to tell the tenant; nothing where it is live and nothing is to be done.
pub(crate) fn words(probe: &Probe) -> String {
    let worth = probe.findings.iter().find(|finding| !finding.saw.is_empty());
    match worth {
        _ if !probe.live() => probe.words.clone(),
        Some(finding) => format!("{} {}", finding.saw, finding.advice),
        None => String::new(),
    }
}

fn stamp(at: OffsetDateTime) -> Option<String> {
    at.format(&Rfc3339).ok()
}
