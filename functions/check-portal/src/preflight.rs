//! Before a certificate is ordered: would the certificate authority be let through? Pure: from what was seen to what it means.
//!
//! The authority asks for `http://<host>/.well-known/acme-challenge/<token>` at one of the host's addresses, IPv6 first, and
//! follows redirects (RFC 8555 section 8.3). An order that must fail is not made: failures are counted, and few are allowed.

mod answer;
mod trouble;

use std::net::IpAddr;

use tenantry_dns::{Caa, Finding, HostReport, Pointing, Severity};
use tenantry_fetch::{Attempt, HttpSaw, ProbeTrouble};

/// What can be found by the plain HTTP probe, each with one line of help. What DNS shows has codes of its own:
/// [`tenantry_dns::CODES`].
pub const CODES: &[(&str, &str)] = &[
    ("http_unreachable", "The certificate authority will get no answer from the hostname at one of its addresses."),
    ("http_not_public", "The hostname has an address that is not on the public Internet."),
    ("http_redirected", "Something answers for the hostname and sends everybody to another host."),
    ("http_login", "Something answers for the hostname and asks who one is."),
    ("http_server_error", "Something else than our gateway answers for the hostname, with an error of its own."),
    ("http_other_server", "Something else than our gateway answers for the hostname."),
    ("http_no_address", "The hostname has no address that could be tried from where we look."),
    ("http_gateway_unsteady", "Our gateway answers for other hosts, and did not for this one just now."),
    ("http_not_compared", "It could not be said whose fault it is, since our gateway did not answer either."),
    (
        "gateway_unreachable",
        "For operators: our gateway cannot be reached from where we look, or answers with errors only.",
    ),
    ("gateway_odd", "For operators: our gateway answers for a hostname otherwise than for the canonical host."),
    ("probe_no_route", "For operators: an address could not be tried, since there is no way to it from where we look."),
    ("probe_not_askable", "For operators: a hostname that is stored cannot be asked for."),
];

/// Whether a certificate may be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing stands in the way that we could see.
    Clear,
    /// Nobody could say; look again. It is no refusal.
    Unclear,
    /// An order would fail; the findings say why.
    Blocked,
}

/// What was found before an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preflight {
    /// Whether a certificate may be ordered.
    pub outcome: Outcome,
    /// What the tenant is told, what stands in the way first.
    pub findings: Vec<Finding>,
    /// What only operators are told: faults of ours.
    pub operators: Vec<Finding>,
}

impl Preflight {
    /// Whether a certificate may be ordered.
    #[must_use]
    pub fn clear(&self) -> bool {
        self.outcome == Outcome::Clear
    }

    /// What stands in the way, or why nobody could say, and what to do, for the tenant; none: nothing does.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let told = self.findings.first().map(|finding| format!("{} {}", finding.saw, finding.advice));
        // A fault of ours that holds the order up is not spelt out.
        let ours = || "It could not be seen whether the certificate authority reaches the hostname; we look again by ourselves.";
        (!self.clear()).then(|| told.unwrap_or_else(|| ours().to_owned()))
    }
}

/// The path that is asked for: as the authority's, with a nonce (of URL-safe characters) that no other request has.
#[must_use]
pub fn challenge_path(nonce: &str) -> String {
    format!("/.well-known/acme-challenge/{nonce}")
}

/// Judges what DNS shows, and what the path was answered with for the tenant's hostname and for the canonical host at the same
/// time. The second is the measure: what our gateway answers looks alike for both, and what reaches neither is our fault.
#[must_use]
pub fn preflight(dns: &HostReport, path: &str, host: &[Attempt<HttpSaw>], canonical: &[Attempt<HttpSaw>]) -> Preflight {
    let mut preflight = Preflight { outcome: Outcome::Clear, findings: Vec::new(), operators: Vec::new() };
    from_dns(dns, &mut preflight);
    let url = format!("http://{}{path}", dns.host);
    let asked = Asked { host: &dns.host, target: &dns.target, url, path, canonical };
    if host.iter().all(|attempt| attempt.outcome == Err(ProbeTrouble::NoRoute)) {
        trouble::no_address(&asked, &mut preflight);
    }
    for attempt in host {
        match &attempt.outcome {
            Ok(saw) => answer::judge(&asked, attempt.at, saw, &mut preflight),
            Err(trouble) => trouble::judge(&asked, attempt.at, *trouble, &mut preflight),
        }
    }
    // Also where it answers at none of its addresses.
    if asked.gateway().all(|saw| saw.status >= 500) {
        trouble::no_gateway(&asked, &mut preflight);
    }
    preflight.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    preflight
}

/// What was asked, and what the measure is.
struct Asked<'a> {
    host: &'a str,
    target: &'a str,
    url: String,
    path: &'a str,
    canonical: &'a [Attempt<HttpSaw>],
}

impl Asked<'_> {
    /// What our gateway answered for the canonical host.
    fn gateway(&self) -> impl Iterator<Item = &HttpSaw> {
        self.canonical.iter().filter_map(|attempt| attempt.outcome.as_ref().ok())
    }

    /// Whether the address is one of our gateway's.
    fn is_ours(&self, at: IpAddr) -> bool {
        self.canonical.iter().any(|attempt| attempt.at == at)
    }

    /// What to do about an address that is not our gateway's.
    fn point_at_us(&self, at: IpAddr) -> String {
        let Self { host, target, .. } = self;
        format!(
            "Remove the {} record that leads {host} to {at}, so that only the CNAME to {target} (or what your DNS host offers \
             in its place at the top of a zone) is left.",
            family(at)
        )
    }

    fn finding(&self, code: &str, severity: Severity, at: Option<IpAddr>, saw: String, advice: String) -> Finding {
        debug_assert!(CODES.iter().any(|(known, _)| *known == code), "{code} is not in the list");
        let record = at.map(|at| format!("{} {}", family(at), self.host));
        Finding { code: code.to_owned(), severity, record, saw, advice }
    }
}

/// The type of the record that holds such an address.
fn family(at: IpAddr) -> &'static str {
    if at.is_ipv6() { "AAAA" } else { "A" }
}

impl Preflight {
    fn block(&mut self, finding: Finding) {
        self.outcome = Outcome::Blocked;
        self.findings.push(finding);
    }

    fn look_again(&mut self, finding: Finding) {
        self.outcome = self.outcome.max(Outcome::Unclear);
        self.findings.push(finding);
    }
}

/// What DNS shows. It is in words already; here it is only decided what it means for an order.
fn from_dns(dns: &HostReport, preflight: &mut Preflight) {
    let unclear = matches!(dns.caa, Caa::Unclear { .. });
    for finding in dns.blocking() {
        if unclear && finding.code == "caa_unclear" {
            preflight.look_again(finding.clone());
        } else {
            preflight.block(finding.clone());
        }
    }
    // Whatever is in the list of blocking codes, these are never passed over.
    if let Some((least, finding)) = said(dns)
        && preflight.outcome < least
    {
        preflight.outcome = least;
        let told = dns.findings.iter().find(|told| told.code == finding.code);
        preflight.findings.push(told.cloned().unwrap_or(finding));
    }
}

/// What forbids an order or puts it off, should it have come without words.
fn said(dns: &HostReport) -> Option<(Outcome, Finding)> {
    let HostReport { host, target, .. } = dns;
    let (outcome, code, saw, advice) = match (dns.pointing, &dns.caa) {
        (Pointing::Proxied, _) => (
            Outcome::Blocked,
            "proxied",
            format!("A proxy answers for {host}, and the certificate authority would meet it instead of our gateway."),
            format!("Switch the proxy off for this record (DNS only), so that {host} leads to {target} itself."),
        ),
        (_, Caa::Forbids { at, .. }) => (
            Outcome::Blocked,
            "caa_forbids",
            format!("The CAA records at {at} do not let our certificate authority issue a certificate for {host}."),
            format!("Add a CAA record at {at} that lets it in, beside those that are there."),
        ),
        (_, Caa::Unclear { at }) => (
            Outcome::Unclear,
            "caa_unclear",
            format!("The name servers of {at} did not say whether a certificate may be issued for {host}."),
            "We look again by ourselves; if it lasts, ask your DNS host whether its servers answer for CAA.".to_owned(),
        ),
        (_, Caa::Allows) => return None,
    };
    let severity = if outcome == Outcome::Blocked { Severity::Error } else { Severity::Warning };
    Some((outcome, Finding { code: code.to_owned(), severity, record: None, saw, advice }))
}
