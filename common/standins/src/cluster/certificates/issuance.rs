//! What becomes of a certificate that is asked for.

use std::time::Duration;

/// How the issuing of a name's certificates ends, if it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Issuance {
    /// It is issued as soon as it is asked for; with [`super::Options::dns`], once the look from outside finds our gateway.
    AtOnce,
    /// It is issued this much later.
    After(Duration),
    /// It is issued at once and good for so long (below zero: it has ended already).
    Lasting(time::Duration),
    /// The challenge stays pending because our own look at it fails; in the words of the Go library, for instance
    /// `dial tcp 203.0.113.7:80: connect: connection refused`.
    SelfCheckFails(String),
    /// The challenge stays pending with this very reason.
    Pending(String),
    /// The certificate authority refuses.
    Refused(Problem),
    /// There is no such issuer in the cluster.
    NoIssuer,
}

/// At which step the certificate authority refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The order is not taken: there is no challenge, and the order is `errored`.
    Order,
    /// The challenge fails: challenge and order are `invalid`.
    Challenge,
    /// The challenge was met, the certificate is refused: the order is `errored`.
    Finalize,
}

/// A problem of RFC 8555.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it comes up.
    pub step: Step,
    /// The HTTP status.
    pub status: u16,
    /// The type behind `urn:ietf:params:acme:error:`.
    pub kind: String,
    /// In the authority's words.
    pub detail: String,
}

impl Problem {
    /// Any problem.
    #[must_use]
    pub fn new(step: Step, status: u16, kind: &str, detail: impl Into<String>) -> Problem {
        Problem { step, status, kind: kind.to_owned(), detail: detail.into() }
    }

    /// A CAA record forbids it.
    #[must_use]
    pub fn caa(host: &str) -> Problem {
        Problem::new(Step::Challenge, 403, "caa", format!("CAA record for {host} prevents issuance"))
    }

    /// The name has no address.
    #[must_use]
    pub fn dns(host: &str) -> Problem {
        let detail = format!(
            "DNS problem: NXDOMAIN looking up A for {host} - check that a DNS record exists for this domain; DNS problem: \
             NXDOMAIN looking up AAAA for {host} - check that a DNS record exists for this domain"
        );
        Problem::new(Step::Challenge, 400, "dns", detail)
    }

    /// Nothing listens at the name's address.
    #[must_use]
    pub fn connection(host: &str, address: &str) -> Problem {
        let detail = format!("{address}: Fetching http://{host}/.well-known/acme-challenge/token: Connection refused");
        Problem::new(Step::Challenge, 400, "connection", detail)
    }

    /// Something else answers at the name's address.
    #[must_use]
    pub fn unauthorized(host: &str, address: &str) -> Problem {
        let detail = format!("{address}: Invalid response from http://{host}/.well-known/acme-challenge/token: 404");
        Problem::new(Step::Challenge, 403, "unauthorized", detail)
    }

    /// Too many certificates for this domain within a week.
    #[must_use]
    pub fn rate_limited(domain: &str, retry_after: &str) -> Problem {
        let detail = format!(
            "too many certificates (50) already issued for \"{domain}\" in the last 168h0m0s, retry after {retry_after}: \
             see https://letsencrypt.org/docs/rate-limits/#new-certificates-per-registered-domain"
        );
        Problem::new(Step::Order, 429, "rateLimited", detail)
    }

    /// `403 urn:ietf:params:acme:error:caa: ...`
    pub(super) fn words(&self) -> String {
        format!("{} urn:ietf:params:acme:error:{}: {}", self.status, self.kind, self.detail)
    }
}
