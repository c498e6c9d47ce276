//! How far probes reach.

use std::net::IpAddr;

use crate::is_public;

/// How far a [`Prober`](super::Prober) reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reach {
    /// The public Internet, ports 80 and 443, and nothing else. Certificates are judged by Mozilla's list of authorities.
    #[default]
    Public,
    /// This machine, and nothing else: for the local stack and for tests. No deployment turns it on.
    Loopback {
        /// Where a gateway of this machine speaks http.
        http: u16,
        /// Where it speaks https.
        https: u16,
        /// Certificates of authorities that are trusted too, in PEM.
        authorities: Option<String>,
    },
}

impl Reach {
    /// This machine, and nothing else. Only for tests and the local stack; nothing in a deployment may call it.
    #[must_use]
    pub fn for_tests(http: u16, https: u16, authorities: Option<&str>) -> Self {
        Self::Loopback { http, https, authorities: authorities.map(str::to_owned) }
    }

    /// Whether the address may be connected to. It has no IPv4 within IPv6 any more.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        match self {
            Self::Public => is_public(address),
            Self::Loopback { .. } => address.is_loopback(),
        }
    }

    /// The ports for http and https.
    pub(super) fn ports(&self) -> (u16, u16) {
        match self {
            Self::Public => (80, 443),
            Self::Loopback { http, https, .. } => (*http, *https),
        }
    }
}
