//! How a tenant's mail looks, and how much of it may leave.

use serde_json::Value;
use tenantry_model::TenantId;
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// A tenant's settings of mail.
#[derive(Debug, Clone)]
pub struct SettingsRow {
    /// The tenant.
    pub tenant: TenantId,
    /// Its name as a label.
    pub slug: String,
    /// Counts the changes, from 1.
    pub version: i32,
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
    /// Whether its mail is signed there.
    pub dkim_enabled: bool,
    /// The provider at which it is verified.
    pub domain_provider: Option<String>,
    /// Headers of all its mail.
    pub headers: Value,
    /// Tags of all its mail.
    pub tags: Value,
    /// Category to tier.
    pub routing: Value,
    /// When they were last changed.
    pub updated_at: OffsetDateTime,
    /// By whom; none: as they began.
    pub updated_by: Option<String>,
    /// The tenant's own limit for a minute; none: the usual one.
    pub per_minute: Option<i32>,
    /// The tenant's own limit for a day; none: the usual one.
    pub per_day: Option<i32>,
    /// Why nothing leaves; none: it does.
    pub paused: Option<String>,
}

/// A tenant's settings.
///
/// # Errors
/// [`StoreError::NotFound`]: there is no such tenant, or its onboarding has not set them up yet.
pub async fn settings(tx: &mut Tx, tenant: TenantId) -> Result<SettingsRow> {
    let row = sqlx::query!(
        r#"select s.tenant_id, t.slug, s.version, s.tier, s.default_from_address, s.from_name, s.reply_to, s.custom_domain, s.custom_from,
                  s.domain_verified, s.dkim_enabled, s.domain_provider, s.headers, s.tags, s.routing, s.updated_at, s.updated_by,
                  l.per_minute as "per_minute?", l.per_day as "per_day?", l.paused as "paused?"
           from tenant_email_settings s join tenants t on t.id = s.tenant_id left join lanes l on l.tenant_id = s.tenant_id
           where s.tenant_id = $1"#,
        tenant.0,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("tenant with settings of mail"))?;
    Ok(SettingsRow {
        tenant: TenantId(row.tenant_id),
        slug: row.slug,
        version: row.version,
        tier: row.tier,
        default_from: row.default_from_address,
        from_name: row.from_name,
        reply_to: row.reply_to,
        custom_domain: row.custom_domain,
        custom_from: row.custom_from,
        domain_verified: row.domain_verified,
        dkim_enabled: row.dkim_enabled,
        domain_provider: row.domain_provider,
        headers: row.headers,
        tags: row.tags,
        routing: row.routing,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
        per_minute: row.per_minute,
        per_day: row.per_day,
        paused: row.paused,
    })
}

/// Writes the settings that a tenant may choose, if they are still of the version that was read, and counts the version up. A
/// domain that is not the one before is not verified.
///
/// # Errors
/// [`StoreError::Changed`]: somebody else was faster.
pub async fn change_settings(tx: &mut Tx, row: &SettingsRow, by: &str, now: OffsetDateTime) -> Result<()> {
    let changed = sqlx::query!(
        r#"update tenant_email_settings
           set tier = $3, default_from_address = $4, from_name = $5, reply_to = $6, domain_verified = domain_verified and custom_domain is not distinct from $7,
               custom_domain = $7, custom_from = $8, headers = $9, tags = $10, routing = $11, version = version + 1, updated_at = $12, updated_by = $13
           where tenant_id = $1 and version = $2"#,
        row.tenant.0,
        row.version,
        row.tier,
        row.default_from,
        row.from_name,
        row.reply_to,
        row.custom_domain,
        row.custom_from,
        row.headers,
        row.tags,
        row.routing,
        now,
        by,
    )
    .execute(&mut **tx)
    .await?;
    if changed.rows_affected() == 0 { Err(StoreError::Changed) } else { Ok(()) }
}

/// Gives a tenant limits of its own; none: the usual ones. For operators.
///
/// # Errors
/// The database cannot be reached.
pub async fn limit_lane(tx: &mut Tx, tenant: TenantId, per_minute: Option<i32>, per_day: Option<i32>) -> Result<()> {
    // What waits for the old limit is looked at again, by the new one.
    sqlx::query!(
        r#"insert into lanes as l (tenant_id, per_minute, per_day) values ($1, $2, $3)
           on conflict (tenant_id) do update set per_minute = excluded.per_minute, per_day = excluded.per_day,
               ready_at = least(l.ready_at, now())"#,
        tenant.0,
        per_minute,
        per_day,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
