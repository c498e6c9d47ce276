//! On whose behalf mail is sent.

use serde_json::Value;
use tenantry_model::TenantId;

use crate::{Result, Tx};

/// A tenant as a sender.
#[derive(Debug, Clone)]
pub struct SenderRow {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// Its name as a label.
    pub slug: String,
    /// How it stands.
    pub status: String,
    /// `platform`, `custom` or `hybrid`.
    pub tier: String,
    /// The address at the platform's domain.
    pub default_from: Option<String>,
    /// The name beside it; none: the tenant's.
    pub from_name: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// The domain it has brought.
    pub custom_domain: Option<String>,
    /// The address there.
    pub custom_from: Option<String>,
    /// Whether that domain is its own.
    pub domain_verified: bool,
    /// The provider at which it is.
    pub domain_provider: Option<String>,
    /// Headers of all its mail.
    pub headers: Value,
    /// Tags of all its mail.
    pub tags: Value,
    /// Category to tier.
    pub routing: Value,
}

/// These tenants as senders, in no order.
///
/// # Errors
/// The database cannot be reached.
pub async fn senders(tx: &mut Tx, tenants: &[TenantId]) -> Result<Vec<SenderRow>> {
    let tenants: Vec<_> = tenants.iter().map(|tenant| tenant.0).collect();
    let rows = sqlx::query!(
        r#"select t.id as "id!", t.name as "name!", t.slug as "slug!", t.status as "status!", coalesce(s.tier, 'platform') as "tier!", s.default_from_address, s.from_name, s.reply_to,
                  s.custom_domain, s.custom_from, coalesce(s.domain_verified, false) as "domain_verified!", s.domain_provider,
                  coalesce(s.headers, '{}') as "headers!", coalesce(s.tags, '{}') as "tags!", coalesce(s.routing, '{}') as "routing!"
           from tenants t left join tenant_email_settings s on s.tenant_id = t.id where t.id = any($1)"#,
        &tenants,
    )
    .fetch_all(&mut **tx)
    .await?;
    let senders = rows.into_iter().map(|row| SenderRow {
        tenant: TenantId(row.id),
        name: row.name,
        slug: row.slug,
        status: row.status,
        tier: row.tier,
        default_from: row.default_from_address,
        from_name: row.from_name,
        reply_to: row.reply_to,
        custom_domain: row.custom_domain,
        custom_from: row.custom_from,
        domain_verified: row.domain_verified,
        domain_provider: row.domain_provider,
        headers: row.headers,
        tags: row.tags,
        routing: row.routing,
    });
    Ok(senders.collect())
}
