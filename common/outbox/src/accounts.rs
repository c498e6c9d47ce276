//! The configured providers, as the rules see them.

use std::sync::Arc;

use tenantry_mail::{Available, Capabilities, ProviderView};
use tenantry_model::{Domain, ErrorClass, Fault};
use tenantry_provider::{
    ConfigError, Domains, Health, Provider, ProviderConfig,
    breaker::{Admission, Breaker},
};
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
    /// The providers of these configurations, made by `make`, which knows every kind that this program can carry mail by.
    ///
    /// # Errors
    /// A configuration is not usable; with the setting that names it.
    pub async fn configured<F>(
        first: &ProviderConfig,
        fallback: Option<&ProviderConfig>,
        make: impl Fn(ProviderConfig) -> F,
    ) -> Result<Self, (&'static str, ConfigError)>
    where
        F: Future<Output = Result<Arc<dyn Provider>, ConfigError>>,
    {
        let mut accounts = Vec::new();
        let named = [("EMAIL_PROVIDER", Some(first)), ("EMAIL_FALLBACK_PROVIDER", fallback)];
        for (name, config) in named.into_iter().filter_map(|(name, config)| Some((name, config?))) {
            let default_domain = match config {
                ProviderConfig::Resend(resend) => {
                    resend.default_domain.as_deref().and_then(|domain| domain.parse().ok())
                }
                _ => None,
            };
            let provider = make(config.clone()).await.map_err(|error| (name, error))?;
            accounts.push(Account { provider, fallback: !accounts.is_empty(), default_domain });
        }
        Ok(Self(accounts))
    }

    /// The provider of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Provider>> {
        self.0.iter().map(|account| &account.provider).find(|provider| provider.name() == name)
    }

    /// The provider at which tenants' domains are made: the one of this name or, without a name, the first that has an API for it.
    #[must_use]
    pub fn with_domains(&self, name: Option<&str>) -> Option<&Arc<dyn Provider>> {
        let fits = |provider: &&Arc<dyn Provider>| {
            provider.domains().is_some() && name.is_none_or(|name| provider.name() == name)
        };
        self.0.iter().map(|account| &account.provider).find(fits)
    }

    /// The provider at which tenants' domains are made, as [`Accounts::with_domains`], with its name.
    ///
    /// # Errors
    /// `AccountRefused`: none is configured.
    pub fn domains_at(&self, name: Option<&str>) -> Result<(&'static str, &dyn Domains), Fault> {
        let provider = self.with_domains(name);
        provider.and_then(|provider| Some((provider.name(), provider.domains()?))).ok_or_else(|| {
            let words = "no mail provider that takes domains is configured; set EMAIL_PROVIDER or EMAIL_FALLBACK_PROVIDER to resend or ses";
            Fault::new(ErrorClass::AccountRefused, words)
        })
    }

    /// The providers with what is known of their health now, in the words of the rules, for `decide`.
    pub fn with_views<T>(
        &self,
        rows: &[ProviderRow],
        now: OffsetDateTime,
        decide: impl FnOnce(&[ProviderView<'_>]) -> T,
    ) -> T {
        type May = Box<dyn Fn(&Domain) -> bool + Send + Sync>;
        let mays: Vec<May> = self
            .0
            .iter()
            .map(|account| {
                let provider = Arc::clone(&account.provider);
                Box::new(move |domain: &Domain| provider.may_send_for(domain.as_str())) as May
            })
            .collect();
        let views: Vec<ProviderView<'_>> = self
            .0
            .iter()
            .zip(&mays)
            .map(|(account, may)| {
                let known = account.provider.capabilities();
                ProviderView {
                    name: account.provider.name(),
                    fallback: account.fallback,
                    may_send_for: may.as_ref(),
                    default_domain: account.default_domain.clone(),
                    available: available(&health(rows, account.provider.name()), now),
                    capabilities: Capabilities { recipients: known.recipients, bytes: known.bytes },
                }
            })
            .collect();
        decide(&views)
    }

    /// How each of them is, in their order.
    pub fn admissions<'a>(
        &'a self,
        rows: &'a [ProviderRow],
        now: OffsetDateTime,
    ) -> impl Iterator<Item = (&'a Account, Admission)> {
        self.0.iter().map(move |account| (account, health(rows, account.provider.name()).admits(now)))
    }
}

/// What is known of a provider's health; where nobody can read it, nothing.
#[must_use]
pub fn health(rows: &[ProviderRow], name: &str) -> Health {
    let known = rows.iter().find(|row| row.name == name).and_then(|row| row.health.clone());
    known.and_then(|health| serde_json::from_value(health).ok()).unwrap_or_default()
}

fn available(health: &Health, now: OffsetDateTime) -> Available {
    let Admission::NotBefore(until) = health.admits(now) else { return Available::Yes };
    let seconds = u64::try_from((until - now).whole_seconds()).unwrap_or(0) + 1;
    let why = health.last_fault.as_ref().map_or("it is not asked for now", |fault| fault.message.as_str()).to_owned();
    match health.breaker {
        Breaker::Closed => Available::Blocked { seconds, why },
        Breaker::Open { .. } | Breaker::HalfOpen { .. } => Available::Down { seconds, why },
    }
}
