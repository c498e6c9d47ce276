//! How a hostname stands: three axes, and the one word that is derived from them.

use serde::{Deserialize, Serialize};

/// What people are shown of a hostname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalStatus {
    /// The CNAME is to be created.
    PendingDns,
    /// It is there; it must stay, and the way to our gateway is looked at.
    VerifyingDns,
    /// It never came.
    DnsFailed,
    /// A certificate is about to be ordered.
    PendingCertificate,
    /// The certificate authority is at work.
    CertificateIssuing,
    /// It has refused.
    CertificateFailed,
    /// The certificate is there; the gateway takes it up.
    Deploying,
    /// The portal answers.
    Active,
    /// The hostname is not served any more.
    Disabled,
}

/// Whose is the hostname, as far as the DNS says?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// It does not point here, or nobody could say yet.
    #[default]
    Pending,
    /// It was seen to point here once.
    Seen,
    /// It points here, and has for a while.
    Verified,
    /// A proxy stands in front of it.
    Proxied,
    /// Nobody could say when it was looked at last.
    Unclear,
    /// It points somewhere else by now.
    Moved,
    /// It never pointed here.
    Failed,
}

/// How far is its certificate?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certificate {
    /// None is ordered.
    #[default]
    None,
    /// One will be ordered, as soon as the authority's limits and our gateway let it.
    Waiting,
    /// It is ordered.
    Issuing,
    /// The authority has refused, or our gateway does not take what it needs.
    Failed,
    /// It is there.
    Ready,
    /// It is there, and its renewal does not succeed.
    RenewalFailing,
}

/// Does the portal answer under it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// It is not routed.
    #[default]
    None,
    /// The gateway takes it up.
    Deploying,
    /// It answers with our certificate.
    Live,
    /// It was live, and did not answer as it should when it was looked at last.
    Troubled,
    /// It is being taken down, or is.
    Withdrawn,
}

/// The three axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Axes {
    /// DNS.
    pub ownership: Ownership,
    /// TLS.
    pub certificate: Certificate,
    /// The way to the portal.
    pub routing: Routing,
}

impl Axes {
    /// The one word. What is live stays `active`, whatever the other axes say: nothing but taking the route down ends it.
    #[must_use]
    pub fn status(self) -> PortalStatus {
        use PortalStatus as S;
        match (self.routing, self.ownership, self.certificate) {
            (Routing::Withdrawn, ..) => S::Disabled,
            (Routing::Live | Routing::Troubled, ..) => S::Active,
            (_, Ownership::Failed, _) => S::DnsFailed,
            (_, _, Certificate::Waiting) => S::PendingCertificate,
            (_, _, Certificate::Issuing) => S::CertificateIssuing,
            (_, _, Certificate::Failed | Certificate::RenewalFailing) => S::CertificateFailed,
            (_, _, Certificate::Ready) => S::Deploying,
            (_, Ownership::Seen | Ownership::Verified | Ownership::Moved, Certificate::None) => S::VerifyingDns,
            (_, Ownership::Pending | Ownership::Proxied | Ownership::Unclear, Certificate::None) => S::PendingDns,
        }
    }
}
