//! What mail came to, by day.

use tenantry_model::TenantId;
use time::Date;

use crate::{Result, Tx};

/// What became of the messages of one day (UTC) that one provider has carried.
#[derive(Debug, Clone)]
pub struct StatsRow {
    /// The day.
    pub day: Date,
    /// The provider; none where all of them are added up.
    pub provider: Option<String>,
    /// Accepted by a provider.
    pub sent: i64,
    /// Accepted by the recipient's server.
    pub delivered: i64,
    /// Refused by the recipient's server.
    pub bounced: i64,
    /// Called spam.
    pub complained: i64,
    /// Put off.
    pub deferred: i64,
    /// Could not be sent.
    pub failed: i64,
    /// Not to be sent.
    pub suppressed: i64,
    /// Milliseconds from accepted by us to accepted by the provider, summed over `sent`.
    pub latency_ms: i64,
}

/// The days since `from`, newest first: of a tenant, or of all of them together. By provider where `by_provider` says so.
///
/// # Errors
/// The database cannot be reached.
pub async fn stats(tx: &mut Tx, tenant: Option<TenantId>, from: Date, by_provider: bool) -> Result<Vec<StatsRow>> {
    let rows = sqlx::query!(
        r#"select day, case when $3 then provider end as provider, sum(sent)::bigint as "sent!", sum(delivered)::bigint as "delivered!",
                  sum(bounced)::bigint as "bounced!", sum(complained)::bigint as "complained!", sum(deferred)::bigint as "deferred!",
                  sum(failed)::bigint as "failed!", sum(suppressed)::bigint as "suppressed!", sum(latency_ms)::bigint as "latency_ms!"
           from mail_stats where day >= $2 and ($1::uuid is null or tenant_id = $1)
           group by 1, 2 order by 1 desc, 2"#,
        tenant.map(|tenant| tenant.0),
        from,
        by_provider,
    )
    .fetch_all(&mut **tx)
    .await?;
    let row = rows.into_iter().map(|row| StatsRow {
        day: row.day,
        provider: row.provider,
        sent: row.sent,
        delivered: row.delivered,
        bounced: row.bounced,
        complained: row.complained,
        deferred: row.deferred,
        failed: row.failed,
        suppressed: row.suppressed,
        latency_ms: row.latency_ms,
    });
    Ok(row.collect())
}
