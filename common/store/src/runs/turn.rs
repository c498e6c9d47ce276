//! Turns in the tenants' lanes: fair between tenants, and never more than a tenant may.
//!
//! A lane costs what is taken from it. What must wait for its tenant's limit is not touched while it waits: the lane knows when
//! it is worth looking at.

use std::time::Duration;

use sqlx::types::Json;
use tenantry_kernel::Life;
use tenantry_model::{RunId, TenantId, TimerId};
use time::OffsetDateTime;

use crate::{Db, Result, Tx};

/// How much of a tenant's may leave, where the tenant has no limits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLimits {
    /// In any minute; none: as much as there is. A tenth of it may leave at once, and the rest is spread so that no minute,
    /// wherever it begins, sees more.
    pub per_minute: Option<u32>,
    /// On any day (UTC); none: as much as there is.
    pub per_day: Option<u32>,
}

/// A turn: a run whose timer in the lane is due and may go on. Its run and its lane are locked until the transaction ends.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The timer.
    pub timer: TimerId,
    /// The epoch it belongs to.
    pub epoch: u32,
    /// Since when it waits.
    pub since: OffsetDateTime,
    /// The run.
    pub run: RunId,
    /// Whose lane.
    pub tenant: TenantId,
    /// Its `traceparent`.
    pub trace: Option<String>,
    /// The life.
    pub life: Life,
    /// The length of its history.
    pub seq: i32,
}

/// Takes about `most` turns: round the lanes, beginning with the one whose last turn is longest ago, and in each by the
/// order of waiting. Where `oldest` is given, only those that have waited since then or longer.
///
/// A lane that is paused, or whose tenant is suspended or leaving, gives none. That is a mark in the lane itself, which whoever
/// suspends the tenant writes by the same statement: after their commit no turn is given, and one that was given before is
/// under way and may finish.
///
/// The lanes are locked first, and looked into afterwards: whoever puts something into a lane holds the same lock, so that
/// nothing is overlooked, and nothing is given twice. Whoever else takes turns at the same moment takes them from other lanes,
/// so a limit is exact: by GCRA for the minute, by count for the day, both by the one statement that gives the turns.
///
/// # Errors
/// The database cannot be reached.
pub async fn take_turns(
    tx: &mut Tx,
    most: u32,
    limits: LaneLimits,
    oldest: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<Vec<Turn>> {
    let lanes = sqlx::query_scalar!(
        r#"select l.tenant_id from lanes l
           where l.ready_at <= $1 and l.ready_at is not null and l.paused is null and not l.shut
             and (select t.status = 'active' from tenants t where t.id = l.tenant_id)
           order by l.turn limit $2::int for update of l skip locked"#,
        now,
        i32::try_from(most).unwrap_or(i32::MAX),
    )
    .fetch_all(&mut **tx)
    .await?;
    if lanes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"with lane as materialized (
               select l.tenant_id, l.turn as was, greatest(l.tat, $1::timestamptz) as tat, coalesce(l.per_minute, $3) as per_minute,
                      case when l.day = ($1 at time zone 'UTC')::date then l.day_count else 0 end as day_count,
                      coalesce(l.per_day, $4) as per_day
               from lanes l where l.tenant_id = any($6)),
           -- GCRA. A tenth may go at once; spread like this, any 60 s see `per_minute` and no more.
           rate as materialized (
               select lane.*, ceil(per_minute / 10.0)::float8 as burst,
                      60.0::float8 / (per_minute - ceil(per_minute / 10.0) + 1)::float8 as each,
                      extract(epoch from lane.tat - $1)::float8 as ahead
               from lane),
           may as materialized (
               select rate.*, greatest(0, least(
                   ceil($2::int::numeric / (select count(*) from lane))::int,
                   coalesce(least(floor(((burst - 1) * each - ahead) / each + 1e-6) + 1, 1e6)::int, $2),
                   coalesce(per_day - day_count, $2))) as n
               from rate),
           pick as materialized (
               select p.* from may cross join lateral (
                   select t.id, t.run_id, t.epoch, t.due_at, t.tenant_id from timers t
                   where t.tenant_id = may.tenant_id and t.in_lane and not t.held and t.due_at <= coalesce($5::timestamptz, $1)
                   order by t.due_at limit may.n) p
               order by may.was, p.due_at limit $2::int),
           turn as materialized (
               select pick.*, r.life, r.seq, r.trace, r.started_at
               from pick join runs r on r.id = pick.run_id and r.epoch = pick.epoch
               -- Asked again of the row that is locked: it may have been paused since the timers were read.
               where r.paused_at is null
               for update of r skip locked),
           next as (
               select may.*, coalesce(taken.n, 0)::int as taken, rest.due_at as rest, nextval('lane_turns') as turn
               from may
               left join (select tenant_id, count(*) as n from turn group by tenant_id) taken on taken.tenant_id = may.tenant_id
               left join lateral (
                   select t.due_at from timers t
                   where t.tenant_id = may.tenant_id and t.in_lane and not t.held and t.id not in (select id from turn)
                   order by t.due_at limit 1) rest on true),
           served as (
               update lanes l
               -- Whoever got nothing, since the batch was full, is the next.
               set turn = case when next.taken > 0 or next.n = 0 or next.rest is null then next.turn else l.turn end,
                   tat = case when next.each is null then l.tat else next.tat + make_interval(secs => next.taken * next.each) end,
                   day = ($1 at time zone 'UTC')::date,
                   day_count = next.day_count + next.taken,
                   ready_at = case
                       when next.rest is null then null
                       when next.per_day is not null and next.day_count + next.taken >= next.per_day
                           then (($1 at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC'
                       else greatest(next.rest, $1, coalesce(
                           next.tat + make_interval(secs => (next.taken - next.burst + 1) * next.each), $1)) end
               from next where l.tenant_id = next.tenant_id)
           select turn.id, turn.run_id, turn.epoch, turn.started_at, turn.tenant_id as "tenant_id!", turn.trace, turn.seq,
                  turn.life as "life: Json<Life>"
           from turn"#,
        now,
        i32::try_from(most).unwrap_or(i32::MAX),
        limits.per_minute.map(|limit| i32::try_from(limit.max(1)).unwrap_or(i32::MAX)),
        limits.per_day.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)),
        oldest,
        &lanes,
    )
    .fetch_all(&mut **tx)
    .await?;
    let turns = rows.into_iter().map(|row| Turn {
        timer: row.id.into(),
        epoch: row.epoch.unsigned_abs(),
        since: row.started_at,
        run: row.run_id.into(),
        tenant: TenantId(row.tenant_id),
        trace: row.trace,
        life: row.life.0,
        seq: row.seq,
    });
    Ok(turns.collect())
}

/// How many lanes may be looked at now, and when the next one may, if none: what the sweeper asks.
///
/// # Errors
/// The database cannot be reached.
pub async fn lanes_ready(db: &Db) -> Result<(i64, Option<Duration>)> {
    let now = db.clock().now();
    let row = sqlx::query!(
        r#"select (select count(*) from (select from lanes l where ready_at <= $1 and paused is null and not shut
                      and (select t.status = 'active' from tenants t where t.id = l.tenant_id) limit 100) ready) as "ready!",
                  (select min(ready_at) from lanes where ready_at > $1 and paused is null and not shut) as next"#,
        now,
    )
    .fetch_one(db.pool())
    .await?;
    let wait = row.next.map(|next| Duration::try_from(next - now).unwrap_or_default());
    Ok((row.ready, wait))
}

/// Notes that a function is to look at the lanes again at a moment, and says whether the caller is the one to send the hint:
/// however many know it, one does.
///
/// # Errors
/// The database cannot be reached.
pub async fn look_again(db: &Db, performer: &str, at: OffsetDateTime) -> Result<bool> {
    let noted = sqlx::query!(
        r#"insert into lane_looks as l (performer, at) values ($1, $2)
           on conflict (performer) do update set at = excluded.at where l.at <= $3 or l.at > excluded.at"#,
        performer,
        at,
        db.clock().now(),
    )
    .execute(db.pool())
    .await?;
    Ok(noted.rows_affected() > 0)
}
