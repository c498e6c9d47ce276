//! The provider.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_sesv2::{
    Client,
    primitives::Blob,
    types::{Destination, EmailContent, MessageTag, RawMessage},
};
use tenantry_model::{ErrorClass, Fault};
use tenantry_provider::{
    Accepted, Capabilities, ConfigError, Domains, MESSAGE_TAG, Mail, Mailbox, Provider, ProviderConfig, SesConfig,
    fits, mime,
};

use crate::fault::{Purpose, fault};

const CAPABILITIES: Capabilities = Capabilities {
    batch: 1,
    idempotent: false,
    recipients: 50,
    bytes: 40_000_000,
    tags: true,
    events: true,
    domains: true,
};

/// An account at Amazon SES, in one region.
pub struct Ses {
    pub(crate) client: Client,
    pub(crate) region: String,
    config: SesConfig,
}

/// The provider of any configuration, SES included. Connects to nothing yet.
///
/// # Errors
/// As [`tenantry_provider::from_config`]; SES: no region is known, or the time limits contradict each other.
pub async fn from_config(config: ProviderConfig) -> Result<Arc<dyn Provider>, ConfigError> {
    match config {
        ProviderConfig::Ses(config) => Ok(Arc::new(Ses::new(config).await?)),
        other => tenantry_provider::from_config(other),
    }
}

impl Ses {
    /// A provider for an account, with credentials and endpoint from where AWS's clients look for them.
    ///
    /// # Errors
    /// No region is known, or the time limits contradict each other.
    pub async fn new(config: SesConfig) -> Result<Self, ConfigError> {
        let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
        Self::with_sdk(&sdk, config)
    }

    /// [`Ses::new`] with an SDK's settings: endpoint, credentials, region. Its retries are switched off.
    ///
    /// # Errors
    /// As [`Ses::new`].
    pub fn with_sdk(sdk: &SdkConfig, config: SesConfig) -> Result<Self, ConfigError> {
        let region = config.region.clone().or_else(|| sdk.region().map(ToString::to_string));
        let region = region.ok_or_else(|| ConfigError::new("the mail provider's region is not set; set AWS_REGION"))?;
        if config.connect.is_zero() || config.total <= config.connect {
            let words = "the mail provider's time limits must be above zero, and the total above the connection's";
            return Err(ConfigError::new(words));
        }
        let limits = TimeoutConfig::builder().connect_timeout(config.connect).operation_timeout(config.total).build();
        let settings = aws_sdk_sesv2::config::Builder::from(sdk)
            .region(Region::new(region.clone()))
            // There is no idempotency key: a second try of the client's may be a second message.
            .retry_config(RetryConfig::disabled())
            .timeout_config(limits)
            .build();
        Ok(Self { client: Client::from_conf(settings), region, config })
    }

    pub(crate) fn configuration_set(&self) -> Option<String> {
        self.config.configuration_set.clone()
    }
}

fn addresses(mailboxes: &[Mailbox]) -> Option<Vec<String>> {
    let all: Vec<_> = mailboxes.iter().map(|mailbox| mailbox.address.to_string()).collect();
    (!all.is_empty()).then_some(all)
}

/// Our id first, then the message's own.
fn tags(mail: &Mail) -> Result<Vec<MessageTag>, Fault> {
    let id = mail.id.to_string();
    let theirs = mail.tags.iter().filter(|tag| tag.name() != MESSAGE_TAG).map(|tag| (tag.name(), tag.value()));
    let tag = |(name, value): (&str, &str)| MessageTag::builder().name(name).value(value).build();
    std::iter::once((MESSAGE_TAG, id.as_str()))
        .chain(theirs)
        .map(tag)
        .collect::<Result<_, _>>()
        .map_err(|_| unwritable())
}

fn unwritable() -> Fault {
    Fault::new(ErrorClass::ValidationError, "the message cannot be written")
}

#[async_trait]
impl Provider for Ses {
    fn name(&self) -> &'static str {
        "ses"
    }

    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    async fn send(&self, mail: &Mail) -> Result<Accepted, Fault> {
        fits(&CAPABILITIES, mail)?;
        let raw = RawMessage::builder().data(Blob::new(mime(mail)?)).build().map_err(|_| unwritable())?;
        let to = Destination::builder()
            .set_to_addresses(addresses(&mail.to))
            .set_cc_addresses(addresses(&mail.cc))
            .set_bcc_addresses(addresses(&mail.bcc))
            .build();
        let sent = self
            .client
            .send_email()
            .from_email_address(mail.from.address.as_str())
            .destination(to)
            .content(EmailContent::builder().raw(raw).build())
            .set_email_tags(Some(tags(mail)?))
            .set_configuration_set_name(self.configuration_set())
            .send()
            .await
            .map_err(|error| fault(&error, Purpose::Send))?;
        Ok(Accepted { provider_message_id: sent.message_id, ..Accepted::default() })
    }

    /// Reads the account: whether it may send.
    async fn check(&self) -> Result<(), Fault> {
        let account = self.client.get_account().send().await.map_err(|error| fault(&error, Purpose::Manage))?;
        if account.sending_enabled() {
            return Ok(());
        }
        let words = "the mail provider has paused our account's sending; look at its reputation there";
        Err(Fault::new(ErrorClass::AccountRefused, words))
    }

    fn may_send_for(&self, domain: &str) -> bool {
        self.config.verified_domains.iter().any(|pattern| pattern.matches(domain))
    }

    fn domains(&self) -> Option<&dyn Domains> {
        Some(self)
    }
}

impl fmt::Debug for Ses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ses").field("region", &self.region).field("config", &self.config).finish_non_exhaustive()
    }
}
