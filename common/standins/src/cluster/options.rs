//! How the cluster's stand-in is to run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What it listens at, keeps and starts with.
#[derive(Clone)]
pub struct Options {
    /// The API server's port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// The gateway's port for plain HTTP; `None` takes a free one.
    pub http_port: Option<u16>,
    /// The gateway's port for HTTPS; `None` takes a free one.
    pub https_port: Option<u16>,
    /// The token a client has to show; `None` takes the kept one or makes one up.
    pub token: Option<String>,
    /// The folder everything is kept in; `None` keeps it in memory.
    pub folder: Option<PathBuf>,
    /// The namespaces there are from the start.
    pub namespaces: Vec<String>,
    /// The namespace in which the gateway looks for its certificates' secrets.
    pub gateway_namespace: String,
    /// The zone below which the gateway serves every host, under a wildcard certificate, without any object:
    /// `portal.tenantry.test`.
    pub canonical_zone: Option<String>,
    /// The DNS server that is asked before a certificate is issued; `None` issues without a look.
    pub dns: Option<SocketAddr>,
    /// How long a certificate is good for, where it does not say itself.
    pub lifetime: Duration,
}

impl Default for Options {
    /// Free ports, a fresh token, in memory, the namespaces `default`, `istio-system` and `msp`, no canonical zone, no look
    /// at DNS, certificates of 90 days.
    fn default() -> Options {
        Options {
            port: None,
            http_port: None,
            https_port: None,
            token: None,
            folder: None,
            namespaces: ["default", "istio-system", "msp"].map(str::to_owned).to_vec(),
            gateway_namespace: "istio-system".to_owned(),
            canonical_zone: None,
            dns: None,
            lifetime: Duration::from_secs(90 * 24 * 3_600),
        }
    }
}

impl std::fmt::Debug for Options {
    /// Without the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("port", &self.port)
            .field("http_port", &self.http_port)
            .field("https_port", &self.https_port)
            .field("folder", &self.folder)
            .field("namespaces", &self.namespaces)
            .field("canonical_zone", &self.canonical_zone)
            .field("dns", &self.dns)
            .finish_non_exhaustive()
    }
}
