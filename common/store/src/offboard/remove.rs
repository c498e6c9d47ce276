//! Rows of a tenant that has left are removed, a batch in each transaction.

use serde_json::json;
use tenantry_model::{RunId, TenantId};

use super::tables::Batch;
use crate::{
    Result, StoreError, Timing, Tx,
    export::KEPT,
    mail,
    platform::{AuditEntry, append_audit},
};

/// What a batch has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// So many rows are gone, and there may be more.
    Some(u64),
    /// So many rows are gone, and nothing is left but what stays: the audit log, the exports, this run, and the tenant's own row
    /// with no address, no key and no words about it, as `offboarded`.
    All(u64),
    /// A domain or hostname is not over; nothing was removed. Its name.
    Open(String),
}

/// Removes about `most` rows of a tenant, children first. The batch with which nothing is left marks the tenant as gone.
///
/// # Errors
/// [`StoreError::NotFound`]: the tenant is not leaving by this run. Otherwise the database.
pub async fn remove_rows(
    tx: &mut Tx,
    tenant: TenantId,
    offboarding: RunId,
    most: u32,
    timing: Timing,
) -> Result<Removed> {
    // From here on nothing leads back, and the database lets us delete history.
    let leaving = sqlx::query!(
        "update tenants set removing_at = coalesce(removing_at, $3) where id = $1 and offboarding_run = $2 and status = 'offboarding'",
        tenant.0,
        offboarding.0,
        timing.now,
    )
    .execute(&mut **tx)
    .await?;
    if leaving.rows_affected() == 0 {
        return Err(StoreError::NotFound("tenant that is leaving by this run"));
    }
    // Somebody may have added one since everything was gone.
    let open = sqlx::query_scalar!(
        r#"select name as "name!" from (
               select name from email_domains where tenant_id = $1 and released_at is null
               union all
               select domain from portal_domains where tenant_id = $1 and closed_at is null) open limit 1"#,
        tenant.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(name) = open {
        return Ok(Removed::Open(name));
    }
    // Nobody is to be asked any more whether its mail may go on.
    mail::resume(tx, tenant, "offboarding", timing).await?;
    let mut batch = Batch { tx: &mut *tx, tenant, now: timing.now, left: i64::from(most.max(10)), rows: 0 };
    batch.messages().await?;
    batch.deliveries().await?;
    batch.others(offboarding.0).await?;
    if batch.rows == 0 {
        batch.rest().await?;
    }
    let rows = batch.rows;
    if rows > 0 {
        return Ok(Removed::Some(rows));
    }
    gone(tx, tenant, offboarding, timing).await?;
    Ok(Removed::All(rows))
}

async fn gone(tx: &mut Tx, tenant: TenantId, offboarding: RunId, timing: Timing) -> Result<()> {
    sqlx::query!(
        "update tenants set status = 'offboarded', email = null, portal_host = null, external_key = null, suspended_at = null,
                suspended_reason = null, updated_at = $2
         where id = $1",
        tenant.0,
        timing.now,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "update exports set expires_at = greatest(expires_at, $2) where tenant_id = $1",
        tenant.0,
        timing.now + KEPT
    )
    .execute(&mut **tx)
    .await?;
    let subject = tenant.to_string();
    let line = AuditEntry {
        tenant: Some(tenant),
        actor: "offboarding",
        action: "tenant.remove",
        subject: &subject,
        before: Some(json!({ "status": "offboarding" })),
        after: Some(json!({ "status": "offboarded" })),
        run: Some(offboarding),
        ..AuditEntry::default()
    };
    append_audit(tx, &line, timing.now).await?;
    Ok(())
}
