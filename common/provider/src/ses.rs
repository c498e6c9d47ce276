//! What the SES provider needs to know. The provider is a crate of its own, `tenantry-ses`, since AWS's client is large.

use std::time::Duration;

use crate::DomainPattern;

/// An account at Amazon SES. Credentials, and an endpoint other than AWS's (`AWS_ENDPOINT_URL_SESV2`,
/// `AWS_ENDPOINT_URL`), come from where AWS's clients look for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SesConfig {
    /// The region; the environment's when absent.
    pub region: Option<String>,
    /// The configuration set, which says where events go.
    pub configuration_set: Option<String>,
    /// The domains of the platform that the account has verified. A tenant's own domain is not here: its row says where
    /// it is verified.
    pub verified_domains: Vec<DomainPattern>,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a request may take in all. A message that takes longer has an unknown outcome.
    pub total: Duration,
}

impl Default for SesConfig {
    /// The environment's region, no configuration set, 5 s to connect, 20 s in all; may send from no domain yet.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            region: None,
            configuration_set: None,
            verified_domains: Vec::new(),
            connect: seconds(5),
            total: seconds(20),
        }
    }
}
