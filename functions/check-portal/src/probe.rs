//! Whether a hostname is live, seen from outside: its certificate, and what it answers. Pure: from what was seen to what it means.

mod certificate;
mod combine;
mod expiry;

use tenantry_dns::Finding;
use tenantry_fetch::{Attempt, CertificateSaw, HttpsSaw};
use time::OffsetDateTime;

/// What can be found, each with one line of help.
pub const CODES: &[(&str, &str)] = &[
    ("https_unreachable", "The hostname gives no answer over HTTPS."),
    ("https_not_public", "The hostname has an address that is not on the public Internet."),
    ("https_not_yet", "Our gateway does not serve the hostname yet."),
    ("https_server_error", "Our gateway serves the hostname, and the portal behind it does not answer well."),
    ("other_certificate", "The hostname answers with a certificate that is not the one we have for it."),
    ("certificate_untrusted", "Browsers do not trust the certificate."),
    ("certificate_expired", "The certificate has ended."),
    ("certificate_ends_soon", "The certificate ends soon and has not been renewed."),
    ("stale_certificate", "For operators: the certificate was renewed, and the gateway still shows the one before."),
    ("address_unreachable", "For operators: the hostname answers at one of its addresses and not at another."),
    ("probe_no_route", "For operators: an address could not be tried, since there is no way to it from where we look."),
];

/// Of what operators read, what is about the certificate itself.
const CONCERNS: [&str; 2] = ["certificate_ends_soon", "stale_certificate"];

/// What should be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// SHA-256 of the issued certificate's DER form, in lower-case hexadecimal digits; none: not known. Then a certificate that
    /// browsers trust for the host is taken for ours.
    pub sha256: Option<String>,
    /// Until when the issued certificate may be used; none: not known.
    pub not_after: Option<OffsetDateTime>,
    /// The hostname has been live with a certificate of ours: then an older one than expected is most likely the one before.
    pub was_live: bool,
}

/// How a hostname stands, the best first. Where its addresses differ, the worst that answered counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It answers with our certificate, and the portal stands behind it.
    Live,
    /// Our gateway does not serve it yet, or the portal behind it does not answer.
    NotYet,
    /// The certificate has ended.
    Expired,
    /// The certificate is one that browsers do not trust.
    Untrusted,
    /// It answers with another certificate than ours.
    OtherCertificate,
    /// Nothing answers, or it could not be tried.
    Unreachable,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// How the hostname stands.
    pub verdict: Verdict,
    /// The certificate that the verdict is about.
    pub certificate: Option<CertificateSaw>,
    /// Whole days until that certificate ends; negative once it has.
    pub expires_in_days: Option<i64>,
    /// What the tenant is told, what matters most first.
    pub findings: Vec<Finding>,
    /// What only operators are told.
    pub operators: Vec<Finding>,
    /// How it stands and what to do, for the tenant.
    pub words: String,
}

impl Probe {
    /// Whether it answers with our certificate, and the portal stands behind it.
    #[must_use]
    pub fn live(&self) -> bool {
        self.verdict == Verdict::Live
    }

    /// What operators are to do something about: a certificate that is not renewed, or not taken up, in time. None: nothing.
    #[must_use]
    pub fn concerns(&self) -> Option<String> {
        let concerns: Vec<String> = self
            .operators
            .iter()
            .filter(|finding| CONCERNS.contains(&finding.code.as_str()))
            .map(|finding| format!("{} {}", finding.saw, finding.advice))
            .collect();
        (!concerns.is_empty()).then(|| concerns.join(" "))
    }
}

/// Judges what a GET of `/` was answered with. The portal never answers that with 404: our gateway redirects it, so 404 is a
/// gateway that does not know the host yet.
#[must_use]
pub fn probe(host: &str, expected: &Expected, seen: &[Attempt<HttpsSaw>], now: OffsetDateTime) -> Probe {
    combine::combine(host, expected, &seen.iter().map(combine::Look::from_https).collect::<Vec<_>>(), now)
}

/// Judges the certificate alone, for who dials TLS and asks for nothing.
#[must_use]
pub fn certificate(host: &str, expected: &Expected, seen: &[Attempt<CertificateSaw>], now: OffsetDateTime) -> Probe {
    combine::combine(host, expected, &seen.iter().map(combine::Look::from_tls).collect::<Vec<_>>(), now)
}
