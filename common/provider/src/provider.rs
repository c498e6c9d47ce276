//! The trait every provider stands behind, and the choice of one.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use tenantry_model::Fault;

use crate::{Discard, Mail, Smtp, SmtpConfig};

/// What a provider said when it took a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// The provider's own id for the message, where its protocol has one. SMTP has none.
    pub provider_message_id: Option<String>,
    /// The provider's answer in its own words, addresses shortened; a mail server often names its queue id here.
    pub response: Option<String>,
}

/// Something that carries mail.
#[async_trait]
pub trait Provider: Send + Sync + fmt::Debug {
    /// The provider's name in rows, metrics and explanations: `smtp`, `discard`.
    fn name(&self) -> &'static str;

    /// Hands one message over and waits for the answer. Never tries twice.
    ///
    /// A caller that drops this future before it is ready does not know the outcome.
    ///
    /// # Errors
    /// `EmailError`: not accepted, may be tried again. `EmailRefused`: not accepted, and will not be. `ValidationError`:
    /// the message cannot be written. `UnknownOutcome`: it may have been accepted; see the crate's front page.
    async fn send(&self, mail: &Mail) -> Result<Accepted, Fault>;

    /// Whether the provider can be reached and takes our account. Sends nothing.
    ///
    /// # Errors
    /// The fault that a message would meet now, with the server's name.
    async fn check(&self) -> Result<(), Fault>;

    /// Whether sending the same `message_id` again is known to deliver it once only, so that an unknown outcome may be
    /// resolved by trying again.
    fn idempotent(&self) -> bool;
}

/// Which provider, with what it needs.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one in a process")]
pub enum ProviderConfig {
    /// A mail server.
    Smtp(SmtpConfig),
    /// Nothing leaves: [`Discard`].
    Discard,
}

/// A configuration that cannot work, found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

/// The provider of a configuration. Connects to nothing yet; see [`Provider::check`].
///
/// # Errors
/// The configuration contradicts itself or would put a password on an open wire.
pub fn from_config(config: ProviderConfig) -> Result<Arc<dyn Provider>, ConfigError> {
    Ok(match config {
        ProviderConfig::Smtp(config) => Arc::new(Smtp::new(config)?),
        ProviderConfig::Discard => Arc::new(Discard),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_configuration_chooses_its_provider() {
        let smtp = from_config(ProviderConfig::Smtp(SmtpConfig::new("mail.example.com", 587))).unwrap();
        assert_eq!((smtp.name(), smtp.idempotent()), ("smtp", false));
        let discard = from_config(ProviderConfig::Discard).unwrap();
        assert_eq!((discard.name(), discard.idempotent()), ("discard", true));
        let bad = SmtpConfig { max_connections: 0, ..SmtpConfig::new("mail.example.com", 587) };
        assert!(from_config(ProviderConfig::Smtp(bad)).is_err());
    }
}
