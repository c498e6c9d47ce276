//! On its way out, and back.

use tenantry_model::{RunId, TenantId};
use tenantry_workflows::email_delivery::SENDER;
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx, export::KEPT, runs::Hint};

/// What became of [`begin`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// From the commit on it sends no mail, and nobody of it is let in.
    Leaving,
    /// It stands otherwise, and was left as it is.
    Not(String),
}

/// Has an active or suspended tenant leave, by this run.
///
/// # Errors
/// [`StoreError::NotFound`]: there is no such tenant.
pub async fn begin(tx: &mut Tx, tenant: TenantId, run: RunId, now: OffsetDateTime) -> Result<Begun> {
    let begun = sqlx::query!(
        "update tenants set status = 'offboarding', offboarding_run = $2, updated_at = $3
         where id = $1 and status in ('active', 'suspended')",
        tenant.0,
        run.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if begun.rows_affected() > 0 {
        return Ok(Begun::Leaving);
    }
    let status =
        sqlx::query_scalar!("select status from tenants where id = $1", tenant.0).fetch_optional(&mut **tx).await?;
    Ok(Begun::Not(status.ok_or(StoreError::NotFound("tenant"))?))
}

/// Gives a tenant the status back that it had: active, or suspended. What waits may leave again: with the hint for whoever gives
/// turns. Its export goes after a while. Told twice, it is as it was.
///
/// # Errors
/// The database cannot be reached.
pub async fn restore(tx: &mut Tx, tenant: TenantId, run: RunId, now: OffsetDateTime) -> Result<Vec<Hint>> {
    sqlx::query!(
        "update tenants set status = case when suspended_at is null then 'active' else 'suspended' end, offboarding_run = null,
                            updated_at = $3
         where id = $1 and offboarding_run = $2 and status = 'offboarding' and removing_at is null",
        tenant.0,
        run.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update exports set expires_at = $2 where id = $1", run.0, now + KEPT).execute(&mut **tx).await?;
    let waits = sqlx::query_scalar!(
        r#"select exists (select from lanes where tenant_id = $1 and ready_at is not null and paused is null and not shut) as "waits!""#,
        tenant.0,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Vec::from_iter(waits.then(|| Hint::to_look(SENDER, std::time::Duration::ZERO))))
}
