//! Whose is a hostname?

use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

/// So long it counts that a hostname was seen to point to a tenant.
pub(super) const PROOF_LASTS: time::Duration = time::Duration::DAY;

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortalClaim {
    /// It is this tenant's.
    Ours,
    /// Another tenant has it, by this run: it may look for itself whether it still points there.
    Held(RunId),
    /// It was not seen to point to this tenant lately.
    Unproven,
}

/// Claims a hostname for the tenant that it points to. One that another tenant has, and that is not wanted in the cluster, changes hands
/// when it was certainly seen to point away from that one.
///
/// # Errors
/// The database cannot be reached.
pub async fn claim(tx: &mut Tx, portal: RunId, now: OffsetDateTime) -> Result<PortalClaim> {
    let (_, domain) = lock(tx, portal).await?;
    let proven = sqlx::query_scalar!(
        r#"select coalesce(proven_at > $2, false) and closed_at is null as "proven!" from portal_domains where id = $1"#,
        portal.0,
        now - PROOF_LASTS,
    )
    .fetch_one(&mut **tx)
    .await?;
    if !proven {
        return Ok(PortalClaim::Unproven);
    }
    let holder = sqlx::query!(
        r#"select id, (not serves and not retired and proven_at is null) as "lets_go!"
           from portal_domains where domain = $1 and holds and id <> $2"#,
        domain,
        portal.0,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(holder) = holder {
        if !holder.lets_go {
            return Ok(PortalClaim::Held(RunId(holder.id)));
        }
        sqlx::query!("update portal_domains set holds = false where id = $1", holder.id).execute(&mut **tx).await?;
    }
    sqlx::query!("update portal_domains set holds = true where id = $1", portal.0).execute(&mut **tx).await?;
    Ok(PortalClaim::Ours)
}

/// The hostname's tenant and name; nobody else decides about this name until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, portal: RunId) -> Result<(TenantId, String)> {
    let row = sqlx::query!("select tenant_id, domain from portal_domains where id = $1", portal.0)
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StoreError::NotFound("portal domain"))?;
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('portal_domains:' || $1, 0)) as locked", row.domain)
        .fetch_one(&mut **tx)
        .await?;
    Ok((TenantId(row.tenant_id), row.domain))
}
