//! How far a certificate is, and why it is no further: from a certificate and what was made to issue it.
//!
//! A Certificate alone does not say it: `Ready=False` with `DoesNotExist` or `Issuing` is what it says during every
//! normal issuance. What the authority thinks is written on the CertificateRequest, the Order and the Challenge.

mod acme;
mod chain;
mod reach;

use tenantry_cluster::Chain;
use time::{Duration, OffsetDateTime};

use chain::{Certificate, Issuance};

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// There is no certificate object.
    Absent,
    /// Nothing has been sent to the authority yet, or it waits for us: our side, no fault of the tenant's.
    Waiting,
    /// The authority is being asked.
    Issuing,
    /// The last attempt failed; it is tried again at [`Progress::next_try`].
    Failed,
    /// There is a valid certificate. A renewal may be under way, or have failed: [`Progress::why`] says so.
    Ready,
}

/// What can be said about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// How far it is.
    pub phase: Phase,
    /// Why, in a sentence or two for the tenant: what happened, and what to do. Empty when there is nothing to say.
    pub why: String,
    /// The same for an operator: objects, conditions, and the authority's own words.
    pub detail: String,
    /// Since when it is so.
    pub since: Option<OffsetDateTime>,
    /// When the present certificate ends.
    pub not_after: Option<OffsetDateTime>,
    /// When it is to be renewed.
    pub renewal: Option<OffsetDateTime>,
    /// SHA-256 over the present certificate as DER, in hexadecimal.
    pub fingerprint: Option<String>,
    /// When another attempt is made after a failed one; may have passed.
    pub next_try: Option<OffsetDateTime>,
}

/// What the tenant reads while something is missing on our side.
const OUR_SIDE: &str = "The certificate is being prepared on our side; there is nothing for you to do.";

/// The longest pause between two attempts of cert-manager.
const LONGEST_PAUSE: Duration = Duration::hours(32);

/// Says how far the certificate is.
#[must_use]
pub fn diagnose(chain: &Chain, now: OffsetDateTime) -> Progress {
    let Some(certificate) = chain.certificate.as_ref().map(Certificate::read) else {
        return Progress {
            phase: Phase::Absent,
            why: OUR_SIDE.to_owned(),
            detail: "there is no Certificate".to_owned(),
            since: None,
            not_after: None,
            renewal: None,
            fingerprint: None,
            next_try: None,
        };
    };
    let issuance = Issuance::newest(chain, &certificate);
    let attempt = attempt(&certificate, &issuance);
    let valid = certificate.ready() && certificate.status.not_after.is_none_or(|end| end > now);
    // While an old certificate serves, only trouble with the next one is worth a word.
    let silent = valid && attempt.phase != Phase::Failed && !attempt.trouble;
    let since = if valid { certificate.condition("Ready").and_then(|ready| ready.since) } else { attempt.since };
    let why = match (valid, silent) {
        (_, true) => String::new(),
        (true, false) => format!("The present certificate is valid; its renewal waits. {}", attempt.why),
        (false, _) => attempt.why,
    };
    Progress {
        phase: if valid { Phase::Ready } else { attempt.phase },
        why,
        detail: chain::detail(&certificate, &issuance),
        since,
        not_after: certificate.status.not_after,
        renewal: certificate.status.renewal_time,
        fingerprint: chain::fingerprint(chain, &certificate),
        next_try: next_try(&certificate),
    }
}

/// Where the latest attempt stands.
struct Attempt {
    phase: Phase,
    why: String,
    /// Something stands in its way, though it has not failed.
    trouble: bool,
    since: Option<OffsetDateTime>,
}

fn attempt(certificate: &Certificate, issuance: &Issuance) -> Attempt {
    let host = certificate.host();
    let began = certificate.condition("Issuing").and_then(|issuing| issuing.since);
    if let Some(failure) = issuance.failure(certificate) {
        let why = acme::words(&failure.message, host).unwrap_or_else(|| {
            "The certificate authority did not issue the certificate. We try again by ourselves; please contact \
             support if it lasts."
                .to_owned()
        });
        return Attempt { phase: Phase::Failed, why, trouble: true, since: failure.at.or(began) };
    }
    let ours = |since| Attempt { phase: Phase::Waiting, why: OUR_SIDE.to_owned(), trouble: true, since };
    let Some(request) = &issuance.request else {
        return Attempt { trouble: false, ..ours(began.or(certificate.metadata.creation_timestamp)) };
    };
    let since = began.or(request.metadata.creation_timestamp);
    if request.waits_for_issuer() {
        return ours(since);
    }
    let issuing = |why: String, trouble| Attempt { phase: Phase::Issuing, why, trouble, since };
    if request.status.certificate.is_some() {
        return issuing("The certificate has been issued and is being put in place.".to_owned(), false);
    }
    let Some(challenge) = issuance.challenges.iter().find(|challenge| !challenge.done()) else {
        return issuing("The certificate authority is being asked for the certificate.".to_owned(), false);
    };
    let reason = &challenge.status.reason;
    if challenge.not_presented() {
        ours(since)
    } else if let Some(why) = acme::words(reason, host).or_else(|| reach::self_check(reason, host)) {
        issuing(why, true)
    } else {
        issuing(format!("The certificate authority is checking http://{host}."), false)
    }
}

/// When cert-manager tries again: an hour after the first failure, then twice as long each time.
fn next_try(certificate: &Certificate) -> Option<OffsetDateTime> {
    let failed = certificate.status.last_failure_time?;
    let times = certificate.status.failed_issuance_attempts.max(1);
    let pause = Duration::hours(1i64 << (times - 1).min(5)).min(LONGEST_PAUSE);
    Some(failed + pause)
}
