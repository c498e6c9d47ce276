//! A tenant as a sender of mail: its settings, as they are stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenantry_model::{Domain, EmailAddress, Slug, TenantName};

use crate::{Category, Draft};

/// Which domain a tenant's mail comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The tenant's subdomain of the platform's domain. Needs no set-up.
    #[default]
    Platform,
    /// The tenant's own verified domain.
    Custom,
    /// By category.
    Hybrid,
}

/// The domain that one message comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainTier {
    /// The tenant's subdomain of the platform's domain.
    Platform,
    /// The tenant's own verified domain.
    Custom,
}

/// Where a tenant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    /// Being set up: may send, since its welcome mail is part of the set-up.
    Provisioning,
    /// May send.
    Active,
    /// Sends nothing.
    Suspended,
    /// On its way out: sends nothing, unless it is brought back.
    Leaving,
    /// Sends nothing, ever again.
    Offboarded,
}

/// A tenant's own sending domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomDomain {
    /// The domain.
    pub domain: Domain,
    /// The tenant's default address at it; none: `noreply@` it. Ignored where it is at another domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<EmailAddress>,
    /// The tenant has proved that the domain is theirs. Without this the domain is not used at all.
    pub verified: bool,
    /// The provider whose keys the domain publishes: only this one may send for it. None: any that says it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// A tenant as a sender of mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The tenant's name: shown where nobody has chosen another, and always at a domain that tenants share.
    pub tenant_name: TenantName,
    /// The name that the tenant's settings show beside its addresses; none: `tenant_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_name: Option<String>,
    /// The tenant's label in `platform_domain`.
    pub slug: Slug,
    /// Whether the tenant may send at all.
    pub status: TenantStatus,
    /// Why the reputation guard (or a person) has paused this tenant's mail; none: it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// Which domain its mail comes from.
    pub tier: Tier,
    /// The tenant's subdomain of the platform's domain, and no other tenant's.
    pub platform_domain: Domain,
    /// Its default address at `platform_domain`; none: `noreply@` it. Ignored where it is at another domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_from: Option<EmailAddress>,
    /// Its own domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomDomain>,
    /// Where answers go unless a message says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<EmailAddress>,
    /// The domain by category, for tier hybrid. A category that is not named here takes the platform's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub routing: BTreeMap<Category, DomainTier>,
    /// Headers that every message gets, unless it has its own of that name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Tags that every message gets, unless it has its own of that name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The provider that is asked first, where it is configured; none: the platform's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

impl Sender {
    /// Puts the tenant's default headers and tags into a message; what the message says itself stays. Done before
    /// [`check`](crate::check), so that defaults obey the same rules.
    pub fn complete(&self, draft: &mut Draft) {
        for (name, value) in &self.headers {
            if !draft.headers.keys().any(|own| own.eq_ignore_ascii_case(name)) {
                draft.headers.insert(name.clone(), value.clone());
            }
        }
        for (name, value) in &self.tags {
            draft.tags.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }

    /// The name beside an address that has none of its own.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.from_name.as_deref().unwrap_or_else(|| self.tenant_name.as_str())
    }

    /// The tenant's own domain, if it is verified.
    #[must_use]
    pub fn verified_domain(&self) -> Option<&CustomDomain> {
        self.custom.as_ref().filter(|custom| custom.verified)
    }

    /// Which domain this tenant's settings want for a category.
    #[must_use]
    pub fn wants(&self, category: &Category) -> DomainTier {
        match self.tier {
            Tier::Platform => DomainTier::Platform,
            Tier::Custom => DomainTier::Custom,
            Tier::Hybrid => self.routing.get(category).copied().unwrap_or(DomainTier::Platform),
        }
    }
}
