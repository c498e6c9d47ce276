//! Who must not be written to, and who does not want to be.

use tenantry_model::{TenantId, UserId};
use time::OffsetDateTime;

use crate::{Result, Tx};

/// An address that a tenant must not write to.
#[derive(Debug, Clone)]
pub struct SuppressionRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The address, in lower case.
    pub address: String,
    /// `hard_bounce`, `soft_bounces`, `complaint`, `unsubscribe` or `manual`.
    pub reason: String,
    /// The category that was unsubscribed; empty: all of them.
    pub category: String,
}

/// What stands against writing to these addresses now.
///
/// # Errors
/// The database cannot be reached.
pub async fn suppressed(tx: &mut Tx, pairs: &[(TenantId, String)], now: OffsetDateTime) -> Result<Vec<SuppressionRow>> {
    let tenants: Vec<_> = pairs.iter().map(|(tenant, _)| tenant.0).collect();
    let addresses: Vec<String> = pairs.iter().map(|(_, address)| address.clone()).collect();
    let rows = sqlx::query!(
        r#"select s.tenant_id, s.address, s.reason, s.category
           from unnest($1::uuid[], $2::text[]) as asked(tenant_id, address)
           join suppressions s on s.tenant_id = asked.tenant_id and s.address = asked.address
           where s.expires_at is null or s.expires_at > $3"#,
        &tenants,
        &addresses,
        now,
    )
    .fetch_all(&mut **tx)
    .await?;
    let row =
        |tenant, address, reason, category| SuppressionRow { tenant: TenantId(tenant), address, reason, category };
    Ok(rows.into_iter().map(|r| row(r.tenant_id, r.address, r.reason, r.category)).collect())
}

/// Whether a category (or a subtype of it) is wanted: by a tenant's choice for all its users, or by a user's own.
#[derive(Debug, Clone)]
pub struct ChoiceRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The user; none: the tenant's choice.
    pub user: Option<UserId>,
    /// The category.
    pub category: String,
    /// The subtype; empty: all of them.
    pub subtype: String,
    /// Wanted.
    pub enabled: bool,
    /// It cannot be switched off.
    pub locked: bool,
}

/// The choices of these tenants and of these users of theirs.
///
/// # Errors
/// The database cannot be reached.
pub async fn choices(tx: &mut Tx, tenants: &[TenantId], users: &[UserId]) -> Result<Vec<ChoiceRow>> {
    let tenants: Vec<_> = tenants.iter().map(|tenant| tenant.0).collect();
    let users: Vec<_> = users.iter().map(|user| user.0).collect();
    let rows = sqlx::query!(
        r#"select tenant_id as "tenant_id!", null::uuid as user_id, category as "category!", subtype as "subtype!",
                  enabled as "enabled!", locked as "locked!"
           from notification_defaults where tenant_id = any($1)
           union all
           select tenant_id, user_id, category, subtype, enabled, false from notification_choices
           where tenant_id = any($1) and user_id = any($2)"#,
        &tenants,
        &users,
    )
    .fetch_all(&mut **tx)
    .await?;
    let choices = rows.into_iter().map(|row| ChoiceRow {
        tenant: TenantId(row.tenant_id),
        user: row.user_id.map(UserId),
        category: row.category,
        subtype: row.subtype,
        enabled: row.enabled,
        locked: row.locked,
    });
    Ok(choices.collect())
}
