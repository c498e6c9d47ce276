//! What routes about mail work with.

use std::time::Duration;

use tenantry_fetch::Guarded;
use tenantry_model::EmailAddress;
use tenantry_outbox::{Accounts, Outbox, Patterns, Unsubscribe};
use tenantry_runtime::config::{self, Reader};
use tenantry_secrets::Sealer;
use tenantry_store::runs::LaneLimits;

/// How mail is accepted, explained and found here. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct MailState {
    /// `EMAIL_ENABLE`: off, messages are accepted and recorded as suppressed.
    pub enabled: bool,
    /// Packs messages into rows and opens them again.
    pub outbox: Outbox,
    /// How the tenants' places at the platform's domain are named.
    pub patterns: Patterns,
    /// What carries mail, the first one first.
    pub accounts: Accounts,
    /// How long a message rather waits for a busy provider than takes the fallback.
    pub patience: Duration,
    /// The tenants' usual limits.
    pub lanes: LaneLimits,
    /// How long the words of a message are kept.
    pub retention: Duration,
    /// The platform's own address and name.
    pub from: (EmailAddress, String),
    /// Where recipients reach the API; none: mail has no link to unsubscribe.
    pub public_url: Option<String>,
    /// Makes and reads links to unsubscribe. Reads them without a public address, too: one may have been taken away.
    pub unsubscribe: Unsubscribe,
    /// Fetches files that callers point at.
    pub fetch: Guarded,
}

impl MailState {
    /// As the section `mail` of [`config`] says; none, and what is wrong left in `read`, when it cannot be used.
    pub async fn configured(read: &mut Reader, sealer: &Sealer) -> Option<Self> {
        let mail = config::mail(read).await;
        let accounts = Accounts::configured(&mail.provider, mail.fallback.as_ref(), tenantry_ses::from_config).await;
        let accounts = accounts.map_err(|(name, error)| read.problem(name, error)).ok()?;
        let outbox = Outbox::new(sealer.clone(), tenantry_mail::Limits::default(), mail.retention);
        Some(Self {
            enabled: mail.enabled,
            outbox: outbox.with_links(mail.public_url.as_deref()),
            patterns: Patterns { subdomain: mail.subdomain },
            accounts,
            patience: mail.patience,
            lanes: mail.lanes,
            retention: mail.retention,
            from: (mail.from, mail.from_name),
            unsubscribe: Unsubscribe::new(sealer.clone(), mail.public_url.as_deref().unwrap_or_default()),
            public_url: mail.public_url,
            fetch: Guarded::new().map_err(|error| read.problem("the client of HTTP", error)).ok()?,
        })
    }
}
