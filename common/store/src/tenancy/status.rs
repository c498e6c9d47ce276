//! A tenant that is suspended, and resumed. Its lane is shut and opened by the same statement (see the migration `0011`).

use tenantry_model::TenantId;
use tenantry_workflows::email_delivery::SENDER;
use time::OffsetDateTime;

use super::{TenantRow, tenant};
use crate::{Db, Result, StoreError, Tx, runs::Hint};

/// How a tenant stands, whoever asks; none when there is no such tenant. One statement, for every request of its people and keys.
///
/// # Errors
/// The database cannot be reached.
pub async fn standing(db: &Db, tenant: TenantId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select tenant_standing($1)", tenant.0).fetch_one(db.pool()).await?)
}

/// One tenant, which nobody else changes until this transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn lock_tenant(tx: &mut Tx, id: TenantId) -> Result<TenantRow> {
    // Not `for update`: whoever writes a row that refers to the tenant need not wait.
    sqlx::query_scalar!("select version from tenants where id = $1 for no key update", id.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::NotFound("tenant"))?;
    tenant(tx, id).await
}

/// Suspends a tenant that is active, and says whether it was: from the commit on nobody of it is let in, and no message leaves. A
/// message whose attempt is under way may finish; what was accepted waits.
///
/// # Errors
/// The database cannot be reached.
pub async fn suspend(tx: &mut Tx, tenant: TenantId, reason: &str, now: OffsetDateTime) -> Result<bool> {
    let suspended = sqlx::query!(
        "update tenants set status = 'suspended', suspended_at = $2, suspended_reason = $3, updated_at = $2
         where id = $1 and status = 'active'",
        tenant.0,
        now,
        reason,
    )
    .execute(&mut **tx)
    .await?;
    Ok(suspended.rows_affected() > 0)
}

/// Resumes a tenant that is suspended: what waits leaves, unless the reputation guard has paused it. With the hint for whoever
/// gives turns, where something waits; none when it was not suspended.
///
/// # Errors
/// The database cannot be reached.
pub async fn unsuspend(tx: &mut Tx, tenant: TenantId, now: OffsetDateTime) -> Result<Option<Vec<Hint>>> {
    let resumed = sqlx::query!(
        "update tenants set status = 'active', suspended_at = null, suspended_reason = null, updated_at = $2
         where id = $1 and status = 'suspended'",
        tenant.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if resumed.rows_affected() == 0 {
        return Ok(None);
    }
    let waits = sqlx::query_scalar!(
        r#"select exists (select from lanes where tenant_id = $1 and ready_at is not null and paused is null) as "waits!""#,
        tenant.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Some(Vec::from_iter(waits.then(|| Hint::to_look(SENDER, std::time::Duration::ZERO)))))
}
