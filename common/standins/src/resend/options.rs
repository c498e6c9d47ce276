//! How Resend's stand-in is to run.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What it asks for, checks and keeps.
#[derive(Clone)]
pub struct Options {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// The API key a client has to show; `None` makes one up.
    pub key: Option<String>,
    /// Where webhooks go; `None` sends none until [`super::Resend::send_webhooks_to`] says where.
    pub webhook_url: Option<String>,
    /// The secret webhooks are signed with, `whsec_` and base64; `None` makes one up.
    pub webhook_secret: Option<String>,
    /// How long after a failed attempt the next one follows; the real schedule unless told otherwise.
    pub webhook_retries: Vec<Duration>,
    /// Takes mail from any domain that is not registered. Otherwise only from those that are verified, and from those of
    /// [`super::Resend::take_from`]. A registered domain counts by its own status either way.
    pub any_domain: bool,
    /// The folder the domains are kept in (`domains.json`); `None` keeps them in memory. Everything else is in memory.
    pub folder: Option<PathBuf>,
    /// Domains that are there and verified from the start, whatever was kept of them.
    pub verified_domains: Vec<String>,
    /// The DNS server that is asked for a domain's records; without one, a verification waits for
    /// [`super::Resend::finish_verification`].
    pub dns: Option<SocketAddr>,
    /// Requests allowed in each second; `None` sets no limit and sends no headers about one.
    pub rate: Option<u32>,
    /// Whether the texts of accepted mails are kept.
    pub keep_bodies: bool,
}

impl Default for Options {
    /// A free port, a fresh key and secret, no webhooks, no limit, only verified domains, no folder, texts kept.
    fn default() -> Options {
        Options {
            port: None,
            key: None,
            webhook_url: None,
            webhook_secret: None,
            webhook_retries: [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map(Duration::from_secs).to_vec(),
            any_domain: false,
            folder: None,
            verified_domains: Vec::new(),
            dns: None,
            rate: None,
            keep_bodies: true,
        }
    }
}

impl std::fmt::Debug for Options {
    /// Without the key and the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("port", &self.port)
            .field("webhook_url", &self.webhook_url)
            .field("any_domain", &self.any_domain)
            .field("folder", &self.folder)
            .field("verified_domains", &self.verified_domains)
            .field("dns", &self.dns)
            .field("rate", &self.rate)
            .field("keep_bodies", &self.keep_bodies)
            .finish_non_exhaustive()
    }
}
