//! A hostname becomes the tenant's portal, and is let go of again.

use tenantry_model::RunId;
use time::OffsetDateTime;

use super::{claim::lock, read::one_at_a_time};
use crate::{Result, Tx};

/// What became of [`activate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activated {
    /// It is the tenant's portal, in place of this one, if any.
    Done(Option<RunId>),
    /// It is not wanted in the cluster any more.
    NotReady,
}

/// Makes a hostname its tenant's portal.
///
/// # Errors
/// The database cannot be reached.
pub async fn activate(tx: &mut Tx, portal: RunId, now: OffsetDateTime) -> Result<Activated> {
    let (tenant, _) = lock(tx, portal).await?;
    one_at_a_time(tx, tenant).await?;
    let ready =
        sqlx::query_scalar!(r#"select (holds and serves) as "ready!" from portal_domains where id = $1"#, portal.0)
            .fetch_one(&mut **tx)
            .await?;
    if !ready {
        return Ok(Activated::NotReady);
    }
    let former = sqlx::query_scalar!(
        "update portal_domains set active = false where tenant_id = $1 and active and id <> $2 returning id",
        tenant.0,
        portal.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    sqlx::query!(
        "update portal_domains set active = true, activated_at = coalesce(activated_at, $2) where id = $1",
        portal.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(Activated::Done(former.map(RunId)))
}

/// The hostname is not wanted in the cluster any more; says whether something of it may be there. If not, the name is free at once.
///
/// # Errors
/// The database cannot be reached.
pub async fn withdraw(tx: &mut Tx, portal: RunId, now: OffsetDateTime) -> Result<bool> {
    lock(tx, portal).await?;
    let there = sqlx::query_scalar!(
        r#"update portal_domains
           set retired = serves or retired, serves = false, active = false, revision = revision + serves::int,
               wished_at = case when serves then $2 else wished_at end,
               holds = holds and (serves or retired)
           where id = $1 returning retired as "retired!""#,
        portal.0,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(there)
}

/// A hostname that is down is wanted again, unless the tenant has set another one meanwhile.
///
/// # Errors
/// The database cannot be reached.
pub async fn reopen(tx: &mut Tx, portal: RunId) -> Result<bool> {
    let (tenant, _) = lock(tx, portal).await?;
    one_at_a_time(tx, tenant).await?;
    let others = sqlx::query_scalar!(
        r#"select exists (select from portal_domains p join runs r on r.id = p.id
                          where p.tenant_id = $1 and p.id > $2 and p.closed_at is null
                            and r.state not in ('withdrawing', 'pruning', 'disabled', 'closing', 'closed'))
                  or exists (select from portal_domains where id = $2 and closed_at is not null) as "others!""#,
        tenant.0,
        portal.0
    )
    .fetch_one(&mut **tx)
    .await?;
    if !others {
        sqlx::query!("update portal_domains set proven_at = null where id = $1", portal.0).execute(&mut **tx).await?;
    }
    Ok(!others)
}

/// A hostname that is down is over.
///
/// # Errors
/// The database cannot be reached, or holds that it is not down.
pub async fn close(tx: &mut Tx, portal: RunId, now: OffsetDateTime) -> Result<()> {
    lock(tx, portal).await?;
    sqlx::query!(
        "update portal_domains set holds = false, closed_at = coalesce(closed_at, $2) where id = $1",
        portal.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
