//! Sending domains at a provider that has an API for them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tenantry_model::Fault;

/// A domain to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDomain {
    /// The domain, in lower-case A-labels.
    pub name: String,
    /// The provider's region; its usual one when absent.
    pub region: Option<String>,
    /// The label below the domain that takes bounces (MAIL FROM); the provider's usual one when absent.
    pub return_path: Option<String>,
    /// Whether mail is only delivered to servers that encrypt.
    pub enforce_tls: bool,
    /// Whether the provider may put its pixel into the HTML.
    pub open_tracking: bool,
    /// Whether the provider may replace links.
    pub click_tracking: bool,
}

impl NewDomain {
    /// A domain with the provider's usual settings and no tracking.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, region: None, return_path: None, enforce_tls: false, open_tracking: false, click_tracking: false }
    }
}

/// How far a provider is with a domain. A word that it invents later is `Pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// Nobody has asked for a look yet.
    NotStarted,
    /// It is looking.
    Pending,
    /// Mail may be sent from it.
    Verified,
    /// It gave up looking.
    Failed,
    /// Some of what the domain is for works: sending or receiving.
    PartiallyVerified,
    /// Some of what worked once does no longer.
    PartiallyFailed,
}

/// A domain as its provider sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The provider's id of it.
    pub id: String,
    /// The domain, in lower-case A-labels.
    pub name: String,
    /// How far it is.
    pub status: DomainStatus,
    /// The records that must be in the DNS. [`Domains::find`] and [`Domains::list`] may leave them out; [`Domains::get`]
    /// never does.
    pub records: Vec<DomainRecord>,
}

/// A DNS record that a provider wants to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRecord {
    /// What it is for, in the provider's word: `SPF`, `DKIM`, `MX`.
    pub purpose: String,
    /// Its absolute name, without a final dot.
    pub name: String,
    /// `TXT`, `MX`, `CNAME`.
    pub kind: String,
    /// Its time to live in seconds; `None`: as the zone likes.
    pub ttl: Option<u32>,
    /// Its value, a TXT record's without quotes.
    pub value: String,
    /// An MX record's preference.
    pub priority: Option<u16>,
    /// What the provider saw of it.
    pub status: DomainStatus,
}

/// The domains of our account. Every change may be asked for again: it ensures.
///
/// # Errors
/// `AccountRefused`, `RateLimited`, `ValidationError` (the provider does not take this), `EmailError` and `TimeoutError`
/// (it may work later; whether a change was made is found out by asking again).
#[async_trait]
pub trait Domains: Send + Sync {
    /// Registers a domain, or finds it registered with our account. Its settings are not changed then.
    ///
    /// # Errors
    /// `DuplicateError`: somebody else's account has it. Its words are fit for a tenant.
    async fn create(&self, new: &NewDomain) -> Result<Domain, Fault>;

    /// A domain with its records; `None` when the provider has none of this id.
    async fn get(&self, id: &str) -> Result<Option<Domain>, Fault>;

    /// The domain of a name, where our account has it; its records may be missing.
    async fn find(&self, name: &str) -> Result<Option<Domain>, Fault>;

    /// All domains of our account, in no particular order; their records may be missing. What is created or deleted while
    /// the list is read may be in it or not.
    async fn list(&self) -> Result<Vec<Domain>, Fault>;

    /// Asks the provider to look at the DNS again. What is verified is left alone, since a look resets it at some
    /// providers. The answer comes later, by [`Domains::get`] or by webhook.
    async fn verify(&self, id: &str) -> Result<(), Fault>;

    /// Forgets a domain; one that is not there is fine.
    async fn delete(&self, id: &str) -> Result<(), Fault>;
}
