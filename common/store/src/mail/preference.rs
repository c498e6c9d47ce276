//! What a tenant and its users want to get, and to say so.

use serde_json::{Value, json};
use tenantry_model::{TenantId, UserId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// A choice to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The category.
    pub category: String,
    /// The subtype; empty: the whole category.
    pub subtype: String,
    /// Wanted.
    pub enabled: bool,
}

/// Whether this tenant has this user.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn has_user(tx: &mut Tx, tenant: TenantId, user: UserId) -> Result<()> {
    let there = sqlx::query_scalar!(
        r#"select exists (select from users where tenant_id = $1 and id = $2) as "there!""#,
        tenant.0,
        user.0
    )
    .fetch_one(&mut **tx)
    .await?;
    if there { Ok(()) } else { Err(StoreError::NotFound("user")) }
}

/// Whether there is this tenant.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn has_tenant(tx: &mut Tx, tenant: TenantId) -> Result<()> {
    let there = sqlx::query_scalar!(r#"select exists (select from tenants where id = $1) as "there!""#, tenant.0)
        .fetch_one(&mut **tx)
        .await?;
    if there { Ok(()) } else { Err(StoreError::NotFound("tenant")) }
}

/// Replaces a tenant's defaults. Locked ones stay as they are, whether they are named or not.
///
/// # Errors
/// The database cannot be reached.
pub async fn set_defaults(tx: &mut Tx, tenant: TenantId, choices: &[Choice], now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"with wanted as (
               select * from jsonb_to_recordset($2) as x(category text, subtype text, enabled bool)),
           gone as (
               delete from notification_defaults d
               where d.tenant_id = $1 and not d.locked
                 and not exists (select from wanted w where w.category = d.category and w.subtype = d.subtype))
           insert into notification_defaults as d (tenant_id, category, subtype, enabled, locked, created_at, updated_at)
           select $1, category, subtype, enabled, false, $3, $3 from wanted order by category, subtype
           on conflict (tenant_id, category, subtype) do update set enabled = excluded.enabled, updated_at = excluded.updated_at
               where not d.locked and d.enabled is distinct from excluded.enabled"#,
        tenant.0,
        rows(choices),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Replaces a user's own choices.
///
/// # Errors
/// The database cannot be reached; refused by a foreign key: the tenant has no such user.
pub async fn set_choices(
    tx: &mut Tx,
    tenant: TenantId,
    user: UserId,
    choices: &[Choice],
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        r#"with wanted as (
               select * from jsonb_to_recordset($3) as x(category text, subtype text, enabled bool)),
           gone as (
               delete from notification_choices d
               where d.tenant_id = $1 and d.user_id = $2
                 and not exists (select from wanted w where w.category = d.category and w.subtype = d.subtype))
           insert into notification_choices as d (tenant_id, user_id, category, subtype, enabled, updated_at)
           select $1, $2, category, subtype, enabled, $4 from wanted order by category, subtype
           on conflict (tenant_id, user_id, category, subtype) do update set enabled = excluded.enabled, updated_at = excluded.updated_at
               where d.enabled is distinct from excluded.enabled"#,
        tenant.0,
        user.0,
        rows(choices),
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn rows(choices: &[Choice]) -> Value {
    let row =
        |choice: &Choice| json!({ "category": choice.category, "subtype": choice.subtype, "enabled": choice.enabled });
    choices.iter().map(row).collect()
}
