//! A provider that sends nothing.

use async_trait::async_trait;
use tenantry_model::Fault;

use crate::{Accepted, Mail, Provider};

/// Accepts every message at once and throws it away: measures the house without the street.
///
/// Nobody receives anything. It is for benchmarks; a deployment that must not send mail says so in its configuration
/// and records its messages as suppressed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Discard;

#[async_trait]
impl Provider for Discard {
    fn name(&self) -> &'static str {
        "discard"
    }

    async fn send(&self, _mail: &Mail) -> Result<Accepted, Fault> {
        Ok(Accepted { provider_message_id: None, response: Some("discarded".to_owned()) })
    }

    async fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn idempotent(&self) -> bool {
        true
    }
}
