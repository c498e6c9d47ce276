//! Mail by Resend's HTTP API (its OpenAPI document, version 1.5.0).

mod config;
mod domains;
mod error;
mod http;
mod message;

use std::fmt;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use tenantry_model::{ErrorClass, Fault};

pub use self::config::ResendConfig;
use self::{
    error::Purpose,
    http::{Answer, Api, Failure, answer},
    message::Email,
};
use crate::{Accepted, Capabilities, ConfigError, DomainPattern, Domains, Mail, Provider, RateSeen, fits, fits_batch};

/// The tag that carries our message id, in every message and so in every event.
pub const MESSAGE_TAG: &str = "message";

const CAPABILITIES: Capabilities = Capabilities {
    batch: 100,
    idempotent: true,
    recipients: 50,
    bytes: 40_000_000,
    tags: true,
    events: true,
    domains: true,
};

/// An account at Resend. A message's id is its idempotency key; keys are kept for 24 hours.
pub struct Resend {
    api: Api,
    may_send_for: Vec<DomainPattern>,
}

#[derive(Deserialize)]
struct Sent {
    id: String,
}

#[derive(Deserialize)]
struct SentBatch {
    data: Vec<Sent>,
}

impl Resend {
    /// A provider for an account. Connects with the first message or [`Provider::check`].
    ///
    /// # Errors
    /// The configuration contradicts itself or would show the key to others.
    pub fn new(config: &ResendConfig) -> Result<Self, ConfigError> {
        let api = Api::new(config)?;
        let mut may_send_for = config.verified_domains.clone();
        if let Some(domain) = &config.default_domain {
            may_send_for.push(domain.parse()?);
        }
        Ok(Self { api, may_send_for })
    }
}

fn accepted(sent: Sent, rate: Option<RateSeen>) -> Accepted {
    Accepted { provider_message_id: Some(sent.id), response: None, rate }
}

#[async_trait]
impl Provider for Resend {
    fn name(&self) -> &'static str {
        "resend"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, mail: &Mail) -> Result<Accepted, Fault> {
        fits(&CAPABILITIES, mail)?;
        let request = self.api.request(Method::POST, &["emails"]).header("Idempotency-Key", mail.id.to_string());
        let sent = answer::<Sent>(request.json(&Email::from(mail))).await;
        sent.map(|Answer { body, rate }| accepted(body, rate)).map_err(|failure| failure.fault(Purpose::Send))
    }

    async fn send_batch(&self, key: &str, mails: &[Mail]) -> Result<Vec<Accepted>, Fault> {
        fits_batch(&CAPABILITIES, mails)?;
        if !(1..=256).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            let words = "the batch's idempotency key must be 1 to 256 visible ASCII characters";
            return Err(Fault::new(ErrorClass::ValidationError, words));
        }
        let emails: Vec<_> = mails.iter().map(Email::from).collect();
        let request = self.api.request(Method::POST, &["emails", "batch"]).header("Idempotency-Key", key);
        let sent = answer::<SentBatch>(request.json(&emails)).await;
        let Answer { body, rate } = sent.map_err(|failure| failure.fault(Purpose::Send))?;
        if body.data.len() != mails.len() {
            return Err(Failure::Unclear("answered for another number of messages").fault(Purpose::Send));
        }
        Ok(body.data.into_iter().map(|sent| accepted(sent, rate)).collect())
    }

    /// Lists one domain, which needs the key and nothing else. A key that may only send is refused that, and is fine.
    async fn check(&self) -> Result<(), Fault> {
        let request = self.api.request(Method::GET, &["domains"]).query(&[("limit", "1")]);
        match answer::<serde::de::IgnoredAny>(request).await {
            Ok(_) => Ok(()),
            Err(Failure::Refused(refusal)) if refusal.name == "restricted_api_key" => Ok(()),
            Err(failure) => Err(failure.fault(Purpose::Manage)),
        }
    }

    fn may_send_for(&self, domain: &str) -> bool {
        self.may_send_for.iter().any(|pattern| pattern.matches(domain))
    }

    fn domains(&self) -> Option<&dyn Domains> {
        Some(self)
    }
}

impl fmt::Debug for Resend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resend").field("may_send_for", &self.may_send_for).finish_non_exhaustive()
    }
}
