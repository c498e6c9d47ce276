//! The configured providers, as the rules see them.

use std::sync::Arc;

use tenantry_mail::{Available, Capabilities, Domain, ProviderView};
use tenantry_provider::Provider;
use tenantry_store::mail::ProviderRow;
use time::OffsetDateTime;

/// A provider with its place in the order.
#[derive(Debug, Clone)]
pub struct Account {
    /// The provider.
    pub provider: Arc<dyn Provider>,
    /// It stands in for the first.
    pub fallback: bool,
    /// The domain it may always send for, in place of a tenant's subdomain that it may not.
    pub default_domain: Option<Domain>,
}

/// Every configured provider, the first one first.
#[derive(Debug, Clone)]
pub struct Accounts(pub Vec<Account>);

impl Accounts {
    /// The provider of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.0.iter().map(|account| &account.provider).find(|provider| provider.name() == name)
    }

    /// The providers with what is known of their health now, in the words of the rules, for `decide`.
    pub fn with_views<T>(
        &self,
        rows: &[ProviderRow],
        now: OffsetDateTime,
        decide: impl FnOnce(&[ProviderView<'_>]) -> T,
    ) -> T {
        let mays: Vec<Box<dyn Fn(&Domain) -> bool + Send + Sync>> = self
            .0
            .iter()
            .map(|account| {
                let provider = Arc::clone(&account.provider);
                Box::new(move |domain: &Domain| provider.may_send_for(domain.as_str())) as Box<_>
            })
            .collect();
        let views: Vec<ProviderView<'_>> = self
            .0
            .iter()
            .zip(&mays)
            .map(|(account, may)| {
                let known = account.provider.capabilities();
                let row = rows.iter().find(|row| row.name == account.provider.name());
                ProviderView {
                    name: account.provider.name(),
                    fallback: account.fallback,
                    may_send_for: may.as_ref(),
                    default_domain: account.default_domain.clone(),
                    available: available(row, now),
                    capabilities: Capabilities { recipients: known.recipients, bytes: known.bytes },
                }
            })
            .collect();
        decide(&views)
    }

    /// Until when none of them is asked; none: at least one is.
    #[must_use]
    pub fn blocked_until(&self, rows: &[ProviderRow], now: OffsetDateTime) -> Option<OffsetDateTime> {
        let until = |account: &Account| {
            let row = rows.iter().find(|row| row.name == account.provider.name());
            row.and_then(|row| row.blocked_until).filter(|until| *until > now)
        };
        self.0.iter().map(until).collect::<Option<Vec<_>>>()?.into_iter().min()
    }
}

fn available(row: Option<&ProviderRow>, now: OffsetDateTime) -> Available {
    let Some((row, until)) = row.and_then(|row| Some((row, row.blocked_until.filter(|until| *until > now)?))) else {
        return Available::Yes;
    };
    let seconds = u64::try_from((until - now).whole_seconds()).unwrap_or(0) + 1;
    let why = row.health["last_error"].as_str().unwrap_or("it is not asked for now").to_owned();
    if row.health["state"] == "limited" {
        Available::Blocked { seconds, why }
    } else {
        Available::Down { seconds, why }
    }
}
