//! The trait every provider stands behind, and the choice of one.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use tenantry_model::{ErrorClass, Fault};

use crate::{Capabilities, Discard, Domains, Mail, Resend, ResendConfig, SesConfig, Smtp, SmtpConfig, fits_batch};

/// What a provider said when it took a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accepted {
    /// The provider's own id for the message, where its protocol has one. SMTP has none.
    pub provider_message_id: Option<String>,
    /// The provider's answer in its own words, addresses shortened; a mail server often names its queue id here.
    pub response: Option<String>,
    /// How much more it would take now, where it says so.
    pub rate: Option<RateSeen>,
}

/// What a provider said about its rate limit (`RateLimit` header fields of the IETF's draft).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSeen {
    /// Requests in a window.
    pub limit: u32,
    /// Requests left in this one.
    pub remaining: u32,
    /// Seconds until the next one.
    pub reset: u32,
}

/// Something that carries mail.
#[async_trait]
pub trait Provider: Send + Sync + fmt::Debug {
    /// The provider's name in rows, metrics and explanations: `smtp`, `discard`.
    fn name(&self) -> &'static str;

    /// What it can carry.
    fn capabilities(&self) -> Capabilities;

    /// Hands one message over and waits for the answer. Never tries twice.
    ///
    /// A caller that drops this future before it is ready does not know the outcome.
    ///
    /// # Errors
    /// `ValidationError`: the message cannot be carried, see [`fits`](crate::fits). Every other class as the crate's
    /// front page says; nothing was accepted unless it is `UnknownOutcome`.
    async fn send(&self, mail: &Mail) -> Result<Accepted, Fault>;

    /// Hands several messages over in one request, all or none, and waits for the answer; one for each, in order.
    /// `key` is this batch's idempotency key (1 to 256 visible ASCII characters): the same batch again, the same key.
    ///
    /// # Errors
    /// As [`Provider::send`], for all of them. A batch is refused for the sake of one message: after `EmailRefused`,
    /// `SenderRefused` or `ValidationError`, nothing was accepted, and each may be sent alone.
    async fn send_batch(&self, key: &str, mails: &[Mail]) -> Result<Vec<Accepted>, Fault> {
        let _ = key;
        fits_batch(&self.capabilities(), mails)?;
        match mails {
            [mail] => Ok(vec![self.send(mail).await?]),
            _ => Err(Fault::new(ErrorClass::ValidationError, "this provider takes one message at a time")),
        }
    }

    /// Whether the provider can be reached and takes our account. Sends nothing.
    ///
    /// # Errors
    /// The fault that a message would meet now, with the server's name.
    async fn check(&self) -> Result<(), Fault>;

    /// Whether, by its configuration, it may send from addresses of a domain (lower-case A-labels). A fallback that may
    /// not is no fallback for that message.
    fn may_send_for(&self, domain: &str) -> bool;

    /// Its API for sending domains, where it has one.
    fn domains(&self) -> Option<&dyn Domains> {
        None
    }
}

/// Which provider, with what it needs.
#[derive(Debug, Clone)]
pub enum ProviderConfig {
    /// A mail server.
    Smtp(SmtpConfig),
    /// An account at Resend.
    Resend(ResendConfig),
    /// An account at Amazon SES; built by `tenantry_ses::from_config`.
    Ses(SesConfig),
    /// Nothing leaves: [`Discard`].
    Discard,
}

/// A configuration that cannot work, found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(crate) String);

impl ConfigError {
    /// An error in words for the operator: what is wrong and what to set. Never a secret.
    #[must_use]
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

/// The provider of a configuration. Connects to nothing yet; see [`Provider::check`].
///
/// # Errors
/// The configuration contradicts itself or would put a password on an open wire, or it is [`ProviderConfig::Ses`],
/// whose provider is not in this crate.
pub fn from_config(config: ProviderConfig) -> Result<Arc<dyn Provider>, ConfigError> {
    Ok(match config {
        ProviderConfig::Smtp(config) => Arc::new(Smtp::new(config)?),
        ProviderConfig::Resend(config) => Arc::new(Resend::new(&config)?),
        ProviderConfig::Ses(_) => {
            return Err(ConfigError::new("this program cannot carry mail by SES; choose another"));
        }
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
        assert_eq!((smtp.name(), smtp.capabilities().idempotent), ("smtp", false));
        let resend = from_config(ProviderConfig::Resend(ResendConfig {
            verified_domains: vec!["*.mail.example.com".parse().unwrap()],
            default_domain: Some("mail.example.com".into()),
            ..ResendConfig::new("re_x".into())
        }));
        let resend = resend.unwrap();
        assert_eq!((resend.name(), resend.capabilities().idempotent), ("resend", true));
        assert!(resend.may_send_for("mail.example.com") && resend.may_send_for("acme.mail.example.com"));
        assert!(!resend.may_send_for("example.com") && smtp.may_send_for("example.com"));
        let discard = from_config(ProviderConfig::Discard).unwrap();
        assert_eq!((discard.name(), discard.capabilities().idempotent), ("discard", true));
        let bad = SmtpConfig { max_connections: 0, ..SmtpConfig::new("mail.example.com", 587) };
        assert!(from_config(ProviderConfig::Smtp(bad)).is_err());
    }
}
