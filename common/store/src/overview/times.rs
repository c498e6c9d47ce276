//! How long things take.

use tenantry_model::TenantId;
use time::{Date, OffsetDateTime};

use super::MOST;
use crate::{Result, Tx};

/// How long something took.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// Half of them took at most so many seconds; none where there is none.
    pub p50: Option<f64>,
    /// Nineteen of twenty took at most so many seconds.
    pub p95: Option<f64>,
    /// How many there were; the newest [`MOST`] at most.
    pub count: i64,
    /// By the day (UTC) on which they were done, oldest first; only days on which there were some.
    pub days: Vec<DayTime>,
}

/// How long it took on one day.
#[derive(Debug, Clone)]
pub struct DayTime {
    /// The day (UTC).
    pub day: Date,
    /// Half of them took at most so many seconds.
    pub p50: f64,
    /// How many.
    pub count: i64,
}

/// One line: of a day, or (no day) of all.
struct Row {
    day: Option<Date>,
    p50: Option<f64>,
    p95: Option<f64>,
    count: i64,
}

impl Times {
    fn of(rows: Vec<Row>) -> Self {
        let mut times = Self::default();
        for row in rows {
            match (row.day, row.p50) {
                (Some(day), Some(p50)) => times.days.push(DayTime { day, p50, count: row.count }),
                (Some(_), None) => {}
                (None, p50) => (times.p50, times.p95, times.count) = (p50, row.p95, row.count),
            }
        }
        times
    }
}

/// How long email domains that were verified since `from` took, from the wish to the first mail that may leave.
///
/// # Errors
/// The database cannot be reached.
pub async fn domains_verified(tx: &mut Tx, tenant: Option<TenantId>, from: OffsetDateTime) -> Result<Times> {
    let rows = sqlx::query_as!(
        Row,
        r#"select (done at time zone 'UTC')::date as day, percentile_cont(0.5) within group (order by took) as p50,
                  percentile_cont(0.95) within group (order by took) as p95, count(*) as "count!"
           from (select verified_at as done, extract(epoch from verified_at - created_at)::float8 as took from email_domains
                 where verified_at >= $2 and verified_at is not null and ($1::uuid is null or tenant_id = $1)
                 order by verified_at desc limit $3) newest
           group by grouping sets (((done at time zone 'UTC')::date), ()) order by 1"#,
        tenant.map(|tenant| tenant.0),
        from,
        MOST,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Times::of(rows))
}

/// How long hostnames that became a portal since `from` took, from the wish to the portal that answers.
///
/// # Errors
/// The database cannot be reached.
pub async fn portals_activated(tx: &mut Tx, tenant: Option<TenantId>, from: OffsetDateTime) -> Result<Times> {
    let rows = sqlx::query_as!(
        Row,
        r#"select (done at time zone 'UTC')::date as day, percentile_cont(0.5) within group (order by took) as p50,
                  percentile_cont(0.95) within group (order by took) as p95, count(*) as "count!"
           from (select activated_at as done, extract(epoch from activated_at - created_at)::float8 as took from portal_domains
                 where activated_at >= $2 and activated_at is not null and ($1::uuid is null or tenant_id = $1)
                 order by activated_at desc limit $3) newest
           group by grouping sets (((done at time zone 'UTC')::date), ()) order by 1"#,
        tenant.map(|tenant| tenant.0),
        from,
        MOST,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Times::of(rows))
}

/// How long onboardings that were completed since `from` took, from the request to the end.
///
/// # Errors
/// The database cannot be reached.
pub async fn onboardings(tx: &mut Tx, tenant: Option<TenantId>, from: OffsetDateTime) -> Result<Times> {
    let rows = sqlx::query_as!(
        Row,
        r#"select (done at time zone 'UTC')::date as day, percentile_cont(0.5) within group (order by took) as p50,
                  percentile_cont(0.95) within group (order by took) as p95, count(*) as "count!"
           from (select ended_at as done, extract(epoch from ended_at - started_at)::float8 as took from runs
                 where kind = 'tenant_onboarding' and status = 'completed' and ended_at >= $2 and ($1::uuid is null or tenant_id = $1)
                 order by ended_at desc limit $3) newest
           group by grouping sets (((done at time zone 'UTC')::date), ()) order by 1"#,
        tenant.map(|tenant| tenant.0),
        from,
        MOST,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Times::of(rows))
}
