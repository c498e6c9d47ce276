//! Sending domains that tenants bring.

use std::{net::SocketAddr, time::Duration};

use super::Reader;

/// Which product this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Tenants send from the platform's domain.
    Community,
    /// Tenants may bring domains of their own.
    Enterprise,
}

/// Reads `EDITION`: `community` (usual) or `enterprise`.
pub fn edition(read: &mut Reader) -> Edition {
    match read.text("EDITION").as_deref() {
        None | Some("community") => Edition::Community,
        Some("enterprise") => Edition::Enterprise,
        Some(_) => {
            read.problem("EDITION", "must be community or enterprise");
            Edition::Community
        }
    }
}

/// How tenants' domains are set up and looked at.
#[derive(Debug, Clone)]
pub struct Domains {
    /// `EMAIL_DOMAIN_PROVIDER`: the mail provider at which they are made (`resend`, `ses`); usually the first that has an API for it.
    pub provider: Option<String>,
    /// `EMAIL_DOMAIN_PATIENCE_MINUTES` (1 to 10080; 60): a tenant that has said nothing for so long is asked whether to go on.
    pub patience: Duration,
    /// `EMAIL_DOMAIN_COOL_DOWN_DAYS` (0 to 365; 7): so long a name is kept from others after its last tenant has let go of it.
    pub cool_down: Duration,
    /// `EMAIL_DOMAIN_LIMIT` (1 to 1000; 20): how many a tenant may have at once.
    pub limit: u32,
    /// `EMAIL_DOMAIN_TEST_NAMES` (off): names below `.test` are accepted too. For laptops and tests.
    pub test_names: bool,
    /// `DNS_SERVER`: this server is asked (`127.0.0.1:8053`) and no other; usually each zone's own servers are found and asked.
    pub server: Option<SocketAddr>,
    /// `DNS_RESOLVERS` (`1.1.1.1:53,8.8.8.8:53`): public resolvers, to say what the rest of the world still sees;
    /// none where `DNS_SERVER` is set.
    pub resolvers: Option<Vec<SocketAddr>>,
}

/// Reads [`Domains`].
pub fn domains(read: &mut Reader) -> Domains {
    let provider = read.text("EMAIL_DOMAIN_PROVIDER");
    if provider.as_deref().is_some_and(|name| !["resend", "ses"].contains(&name)) {
        read.problem(
            "EMAIL_DOMAIN_PROVIDER",
            "must be resend or ses, and configured as EMAIL_PROVIDER or EMAIL_FALLBACK_PROVIDER",
        );
    }
    Domains {
        provider,
        patience: Duration::from_secs(60 * read.number::<u64>("EMAIL_DOMAIN_PATIENCE_MINUTES", 60, 1..=10_080)),
        cool_down: Duration::from_secs(86_400 * read.number::<u64>("EMAIL_DOMAIN_COOL_DOWN_DAYS", 7, 0..=365)),
        limit: read.number("EMAIL_DOMAIN_LIMIT", 20, 1..=1000),
        test_names: read.switch("EMAIL_DOMAIN_TEST_NAMES", false),
        server: read.text("DNS_SERVER").and_then(|text| address(read, "DNS_SERVER", &text)),
        resolvers: read
            .text("DNS_RESOLVERS")
            .map(|text| text.split(',').filter_map(|one| address(read, "DNS_RESOLVERS", one.trim())).collect()),
    }
}

pub(super) fn address(read: &mut Reader, name: &str, text: &str) -> Option<SocketAddr> {
    let parsed = text.parse().ok();
    if parsed.is_none() {
        read.problem(name, format!("holds {text:?}, which is no address and port such as 127.0.0.1:53"));
    }
    parsed
}
