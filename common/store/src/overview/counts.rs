//! How much there is.

use tenantry_model::TenantId;
use time::{Duration, OffsetDateTime};

use super::MOST;
use crate::{Result, Tx};

/// How much there is. Tenants are counted whole; the rest stops at [`MOST`].
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Tenants by their status.
    pub tenants: Vec<(String, i64)>,
    /// Runs under way. Names that stand (email domains, hostnames) are not among the runs, nor are messages and deliveries.
    pub running: i64,
    /// Runs that wait for a person.
    pub waiting: i64,
    /// Runs that failed, or were undone since they would have, in the last 24 hours.
    pub failed_24h: i64,
    /// Email domains that mail leaves from.
    pub domains_verified: i64,
    /// ... that are being set up.
    pub domains_pending: i64,
    /// ... that mail has left from and does not for the moment.
    pub domains_degraded: i64,
    /// Hostnames whose portal answers.
    pub portals_active: i64,
    /// ... that are being set up.
    pub portals_pending: i64,
    /// ... whose set-up does not go on by itself.
    pub portals_failed: i64,
}

/// How much there is, of one tenant or of all.
///
/// # Errors
/// The database cannot be reached.
pub async fn counts(tx: &mut Tx, tenant: Option<TenantId>, now: OffsetDateTime) -> Result<Counts> {
    let of = tenant.map(|tenant| tenant.0);
    let tenants = sqlx::query!(
        r#"select status, count(*) as "count!" from tenants where $1::uuid is null or id = $1 group by 1 order by 1"#,
        of
    )
    .fetch_all(&mut **tx)
    .await?;
    let runs = sqlx::query!(
        r#"select
               (select count(*) from (select from runs where status = 'running' and ended_at is null and ($1::uuid is null or tenant_id = $1)
                    and kind not in ('email_delivery', 'webhook_delivery', 'email_domain', 'portal_domain') limit $2) x) as "running!",
               (select count(*) from (select from runs where status = 'waiting' and ended_at is null and ($1::uuid is null or tenant_id = $1)
                    and kind not in ('email_delivery', 'webhook_delivery', 'email_domain', 'portal_domain') limit $2) x) as "waiting!",
               (select count(*) from (select from runs where status in ('failed', 'rolled_back') and ended_at > $3 and ended_at is not null
                    and kind not in ('email_delivery', 'webhook_delivery') and ($1::uuid is null or tenant_id = $1) limit $2) x) as "failed!""#,
        of,
        MOST,
        now - Duration::DAY,
    )
    .fetch_one(&mut **tx)
    .await?;
    let (domains, portals) = (standing(tx, of, "email_domain").await?, standing(tx, of, "portal_domain").await?);
    Ok(Counts {
        tenants: tenants.into_iter().map(|row| (row.status, row.count)).collect(),
        running: runs.running,
        waiting: runs.waiting,
        failed_24h: runs.failed,
        domains_verified: domains.good,
        domains_pending: domains.pending,
        domains_degraded: domains.bad,
        portals_active: portals.good,
        portals_pending: portals.pending,
        portals_failed: portals.bad,
    })
}

/// Names of a kind: good, on their way, bad.
struct Standing {
    good: i64,
    pending: i64,
    bad: i64,
}

async fn standing(tx: &mut Tx, tenant: Option<uuid::Uuid>, kind: &str) -> Result<Standing> {
    let (good, pending, bad): (_, &[&str], &[&str]) = if kind == "email_domain" {
        ("verified", &["created", "awaiting_dns", "verifying"], &["degraded"])
    } else {
        let pending = &["pending_dns", "verifying_dns", "pending_certificate", "certificate_issuing", "deploying"];
        ("active", pending, &["dns_failed", "certificate_failed"])
    };
    let (pending, bad): (Vec<_>, Vec<_>) = (owned(pending), owned(bad));
    // The two kinds stand in the condition, so that the index of just these is known to do.
    let row = sqlx::query!(
        r#"select
               (select count(*) from (select from runs where kind = $2 and kind in ('email_domain', 'portal_domain') and ended_at is null
                    and result ->> 'status' = $3 and ($1::uuid is null or tenant_id = $1) limit $6) x) as "good!",
               (select count(*) from (select from runs where kind = $2 and kind in ('email_domain', 'portal_domain') and ended_at is null
                    and result ->> 'status' = any($4) and ($1::uuid is null or tenant_id = $1) limit $6) x) as "pending!",
               (select count(*) from (select from runs where kind = $2 and kind in ('email_domain', 'portal_domain') and ended_at is null
                    and result ->> 'status' = any($5) and ($1::uuid is null or tenant_id = $1) limit $6) x) as "bad!""#,
        tenant,
        kind,
        good,
        &pending,
        &bad,
        MOST,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Standing { good: row.good, pending: row.pending, bad: row.bad })
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
