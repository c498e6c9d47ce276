//! What the last days came to.
//!
//! A day of all tenants together is counted when it is first asked for, and kept: one that is over until providers tell no more of
//! its mail, today for a minute where it takes long. One tenant's days are few rows, and counted each time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use tenantry_model::TenantId;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Result, Tx};

/// Providers' news of a day's mail come for so long after it, nearly all of them.
const SETTLED: Duration = Duration::days(3);
/// A day that is over and not settled is counted again after so long.
const AGAIN: Duration = Duration::hours(6);
/// ... and the day that goes on after so long, unless that means few rows.
const FRESH: Duration = Duration::MINUTE;
/// So many rows are few.
const FEW: i64 = 1000;

/// Runs of one day (UTC): neither messages nor deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DayRuns {
    /// Began.
    pub started: i64,
    /// Ended as wished.
    pub completed: i64,
    /// Failed, or were undone since they would have.
    pub failed: i64,
}

/// Mail of one day (UTC) that one provider has carried.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProviderDay {
    /// The provider.
    pub provider: String,
    /// Accepted by it.
    pub sent: i64,
    /// Accepted by the recipient's server.
    pub delivered: i64,
    /// Refused by the recipient's server.
    pub bounced: i64,
    /// Called spam.
    pub complained: i64,
    /// Could not be sent.
    pub failed: i64,
}

/// What one day came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCame {
    /// The day (UTC).
    pub day: Date,
    /// Its runs.
    pub runs: DayRuns,
    /// Its mail, by provider.
    pub mail: Vec<ProviderDay>,
}

/// The last `many` days up to now, oldest first and without gaps: of a tenant, or of all together.
///
/// # Errors
/// The database cannot be reached.
pub async fn days(tx: &mut Tx, tenant: Option<TenantId>, now: OffsetDateTime, many: u16) -> Result<Vec<DayCame>> {
    let today = now.to_offset(time::UtcOffset::UTC).date();
    let first = today - Duration::days(i64::from(many.max(1)) - 1);
    let mut found = BTreeMap::new();
    if tenant.is_none() {
        found = kept(tx, first, today, now).await?;
    }
    let mut day = first;
    while day <= today {
        // The days that nobody has counted lie together, mostly: one question for each stretch of them.
        let mut end = day;
        while end <= today && !found.contains_key(&end) {
            end += Duration::DAY;
        }
        if end == day {
            day += Duration::DAY;
            continue;
        }
        let counted = count(tx, tenant.map(|tenant| tenant.0), day, end).await?;
        if tenant.is_none() {
            keep(tx, &counted, today, now).await?;
        }
        found.extend(counted.into_iter().map(|(row, _)| (row.day, row)));
        day = end;
    }
    Ok(found.into_values().collect())
}

/// The days that need not be counted again.
async fn kept(tx: &mut Tx, first: Date, today: Date, now: OffsetDateTime) -> Result<BTreeMap<Date, DayCame>> {
    let rows = sqlx::query!(
        r#"select day, runs as "runs: Json<DayRuns>", mail as "mail: Json<Vec<ProviderDay>>", weight, counted_at from platform_days
           where day >= $1 and day <= $2"#,
        first,
        today,
    )
    .fetch_all(&mut **tx)
    .await?;
    let good = rows.into_iter().filter(|row| {
        let over = row.day.midnight().assume_utc() + Duration::DAY;
        let age = now - row.counted_at;
        match row.day == today {
            true => age < FRESH && !age.is_negative() && row.weight > FEW,
            false => row.counted_at >= over + SETTLED || (row.counted_at >= over && age < AGAIN),
        }
    });
    Ok(good.map(|row| (row.day, DayCame { day: row.day, runs: row.runs.0, mail: row.mail.0 })).collect())
}

/// Keeps what took long to count, and what is over.
async fn keep(tx: &mut Tx, days: &[(DayCame, i64)], today: Date, now: OffsetDateTime) -> Result<()> {
    for (day, weight) in days.iter().filter(|(day, weight)| day.day < today || *weight > FEW) {
        sqlx::query!(
            r#"insert into platform_days as d (day, runs, mail, weight, counted_at) values ($1, $2, $3, $4, $5)
               on conflict (day) do update
               set runs = excluded.runs, mail = excluded.mail, weight = excluded.weight, counted_at = excluded.counted_at
               where d.counted_at < excluded.counted_at"#,
            day.day,
            Json(&day.runs) as _,
            Json(&day.mail) as _,
            weight,
            now,
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Counts the days from `from` up to and without `to`, each with the number of rows that were read for it.
async fn count(tx: &mut Tx, tenant: Option<Uuid>, from: Date, to: Date) -> Result<Vec<(DayCame, i64)>> {
    let mut days = BTreeMap::new();
    let mut day = from;
    while day < to {
        days.insert(day, (DayCame { day, runs: DayRuns::default(), mail: Vec::new() }, 0));
        day += Duration::DAY;
    }
    let (begin, end) = (from.midnight().assume_utc(), to.midnight().assume_utc());
    let runs = sqlx::query!(
        r#"select day as "day!", sum(started)::bigint as "started!", sum(completed)::bigint as "completed!", sum(failed)::bigint as "failed!"
           from (select (started_at at time zone 'UTC')::date as day, count(*) as started, 0 as completed, 0 as failed from runs
                 where kind not in ('email_delivery', 'webhook_delivery') and started_at >= $2 and started_at < $3
                   and ($1::uuid is null or tenant_id = $1) group by 1
                 union all
                 select (ended_at at time zone 'UTC')::date, 0, count(*) filter (where status = 'completed'),
                        count(*) filter (where status in ('failed', 'rolled_back')) from runs
                 where kind not in ('email_delivery', 'webhook_delivery') and ended_at is not null and ended_at >= $2 and ended_at < $3
                   and ($1::uuid is null or tenant_id = $1) group by 1) both_ends
           group by 1"#,
        tenant,
        begin,
        end,
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in runs {
        if let Some((day, weight)) = days.get_mut(&row.day) {
            *weight += row.started + row.completed + row.failed;
            day.runs = DayRuns { started: row.started, completed: row.completed, failed: row.failed };
        }
    }
    let mail = sqlx::query!(
        r#"select day, provider, sum(sent)::bigint as "sent!", sum(delivered)::bigint as "delivered!", sum(bounced)::bigint as "bounced!",
                  sum(complained)::bigint as "complained!", sum(failed)::bigint as "failed!", count(*) as "rows!"
           from mail_stats where day >= $2 and day < $3 and ($1::uuid is null or tenant_id = $1) group by 1, 2 order by 1, 2"#,
        tenant,
        from,
        to,
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in mail {
        if let Some((day, weight)) = days.get_mut(&row.day) {
            *weight += row.rows;
            day.mail.push(ProviderDay {
                provider: row.provider,
                sent: row.sent,
                delivered: row.delivered,
                bounced: row.bounced,
                complained: row.complained,
                failed: row.failed,
            });
        }
    }
    Ok(days.into_values().collect())
}
