//! A tenant's rows as the rules see a sender.

use tenantry_mail::{CustomDomain, Sender, TenantStatus, Tier, subdomain_pattern};
use tenantry_model::{ErrorClass, Fault, Slug};
use tenantry_provider::HeaderText;
use tenantry_store::mail::SenderRow;

/// How the tenants' places at the platform's domain are named.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// `EMAIL_TENANT_SUBDOMAIN_PATTERN`: `{tenant}.example.com`.
    pub subdomain: String,
}

/// The sender that a tenant's rows describe. What its settings hold in an older form than the rules know is left out, never
/// guessed.
///
/// # Errors
/// `InternalError`: the tenant's name or the platform's pattern is not what it must be.
pub fn sender(row: &SenderRow, patterns: &Patterns) -> Result<Sender, Fault> {
    let mistake = |words: String| Fault::new(ErrorClass::InternalError, words);
    let slug =
        Slug::stored(&row.slug).ok_or_else(|| mistake("the tenant's slug is no label of a domain".to_owned()))?;
    let custom = row.custom_domain.as_deref().and_then(|domain| domain.parse().ok());
    Ok(Sender {
        tenant_name: row.name.parse().map_err(|error| mistake(format!("the tenant's name: {error}")))?,
        // What cannot stand in a header is left out like everything else that should not be there.
        from_name: row.from_name.clone().filter(|name| name.parse::<HeaderText>().is_ok()),
        status: match row.status.as_str() {
            "provisioning" => TenantStatus::Provisioning,
            "active" => TenantStatus::Active,
            "suspended" => TenantStatus::Suspended,
            "offboarding" => TenantStatus::Leaving,
            _ => TenantStatus::Offboarded,
        },
        // The lane does not give turns while it is paused.
        paused: None,
        tier: match row.tier.as_str() {
            "custom" => Tier::Custom,
            "hybrid" => Tier::Hybrid,
            _ => Tier::Platform,
        },
        platform_domain: subdomain_pattern(&patterns.subdomain, &slug).map_err(|error| mistake(error.to_string()))?,
        slug,
        default_from: row.default_from.as_deref().and_then(|address| address.parse().ok()),
        custom: custom.map(|domain| CustomDomain {
            domain,
            from: row.custom_from.as_deref().and_then(|address| address.parse().ok()),
            verified: row.domain_verified,
            provider: row.domain_provider.clone(),
        }),
        reply_to: row.reply_to.as_deref().and_then(|address| address.parse().ok()),
        routing: serde_json::from_value(row.routing.clone()).unwrap_or_default(),
        headers: serde_json::from_value(row.headers.clone()).unwrap_or_default(),
        tags: serde_json::from_value(row.tags.clone()).unwrap_or_default(),
        provider: None,
    })
}
