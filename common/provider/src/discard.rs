//! A provider that sends nothing.

use async_trait::async_trait;
use tenantry_model::Fault;

use crate::{Accepted, Capabilities, Mail, Provider, fits, fits_batch};

/// Accepts every message at once and throws it away: measures the house without the street.
///
/// Nobody receives anything. It is for benchmarks; a deployment that must not send mail says so in its configuration
/// and records its messages as suppressed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

fn discarded() -> Accepted {
    Accepted { response: Some("discarded".to_owned()), ..Accepted::default() }
}

#[async_trait]
impl Provider for Discard {
    fn name(&self) -> &'static str {
        "discard"
    }

    /// As the largest of the others.
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch: 100,
            idempotent: true,
            recipients: 100,
            bytes: 40_000_000,
            tags: false,
            events: false,
            domains: false,
        }
    }

    async fn send(&self, mail: &Mail) -> Result<Accepted, Fault> {
        fits(&self.capabilities(), mail).map(|()| discarded())
    }

    async fn send_batch(&self, _key: &str, mails: &[Mail]) -> Result<Vec<Accepted>, Fault> {
        fits_batch(&self.capabilities(), mails)?;
        Ok(mails.iter().map(|_| discarded()).collect())
    }

    async fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn may_send_for(&self, _domain: &str) -> bool {
        true
    }
}
