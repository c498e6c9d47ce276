//! What a probe has seen. Facts only: nothing here is judged but what a certificate is worth to a visitor.

use std::net::IpAddr;

use time::OffsetDateTime;

/// What came of trying one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt<T> {
    /// The address.
    pub at: IpAddr,
    /// What was seen there, or why nothing was.
    pub outcome: Result<T, ProbeTrouble>,
}

/// An answer in HTTP. Texts in it are the server's own, and hold visible ASCII only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSaw {
    /// The status code; no redirect was followed.
    pub status: u16,
    /// `location`: where it redirects to, at most 300 characters.
    pub location: Option<String>,
    /// `server`: what the server calls itself, at most 100 characters.
    pub server: Option<String>,
    /// The first bytes of the body, at most 512.
    pub body_start: Vec<u8>,
}

/// An answer in HTTP over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpsSaw {
    /// The certificate, whatever it is worth: the request was made over any.
    pub certificate: CertificateSaw,
    /// The answer, or why there was none once the connection was secured.
    pub answer: Result<HttpSaw, ProbeTrouble>,
}

/// A server's certificate, as it was shown in a handshake in which the server proved to have its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSaw {
    /// The names it is for (subject alternative names, RFC 5280 section 4.2.1.6): DNS names in lower case, and addresses;
    /// at most 100.
    pub names: Vec<String>,
    /// Who signed it: the issuer's distinguished name, as `C=US, O=Let's Encrypt, CN=R11`; at most 200 characters,
    /// all of which can be seen.
    pub issuer: String,
    /// It may be used from then on.
    pub not_before: OffsetDateTime,
    /// It may be used until then.
    pub not_after: OffsetDateTime,
    /// Its serial number, in lower-case hexadecimal digits.
    pub serial: String,
    /// SHA-256 of its DER form, in lower-case hexadecimal digits.
    pub sha256: String,
    /// Whether a visitor's browser would trust it, its names aside.
    pub trust: Trust,
    /// Whether it is for the host that was asked for; wildcards count (RFC 9525).
    pub covers_host: bool,
}

impl CertificateSaw {
    /// Whether a visitor's browser would show the page without a warning.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.trust == Trust::Trusted && self.covers_host
    }
}

/// Whether a certificate leads to a certificate authority that browsers trust, at this time. Where several things are wrong,
/// the time is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// It does.
    Trusted,
    /// It, or one on its way to the authority, is no longer valid.
    Expired,
    /// It, or one on its way to the authority, is not valid yet.
    NotYetValid,
    /// It was signed with its own key.
    SelfSigned,
    /// It was signed by somebody who is not trusted, or the certificates between are missing.
    UnknownIssuer,
    /// It cannot be used for a website, or its signature is wrong.
    Unusable,
}

/// Why an address gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProbeTrouble {
    /// The address is not the public Internet's: it was not tried.
    NotPublic,
    /// Another address of the host is not the public Internet's: none was tried.
    NotTried,
    /// The host is no name of DNS, or the path is none of a URL: nothing was asked.
    NotAskable,
    /// Nothing listens there, or a firewall says no.
    Refused,
    /// The network says that the host cannot be reached.
    Unreachable,
    /// From here there is no way into the address's network; most often, there is no IPv6 here. It says nothing about the host.
    NoRoute,
    /// It took too long.
    TimedOut,
    /// The connection was made, and closed before there was an answer.
    Reset,
    /// The connection was made, and could not be secured.
    Tls(TlsTrouble),
    /// What came is not HTTP/1.1, or too much of it.
    Garbled,
}

/// Why a connection could not be secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TlsTrouble {
    /// It was closed during the handshake: what a gateway does that knows nothing of the name.
    Closed,
    /// The server says that it does not know the name (alert `unrecognized_name`).
    NoSuchName,
    /// The server broke the handshake off with another alert.
    Alert,
    /// What came is not TLS.
    NotTls,
    /// The handshake failed here, or the certificate cannot be read.
    Unusable,
}
