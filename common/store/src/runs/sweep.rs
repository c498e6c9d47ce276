//! What is due. The cost of each question follows what is due, not what is stored.

use std::time::Duration;

use serde_json::Value;
use sqlx::types::Json;
use tenantry_kernel::Life;
use tenantry_model::{RunId, TenantId, TimerId};
use time::OffsetDateTime;

use super::Hint;
use crate::{Db, Result, Timing, Tx};

/// Takes up to `limit` commands whose `wake_at` has come, and moves it on by the hint's patience: their hints are sent again.
///
/// # Errors
/// The database cannot be reached.
pub async fn due_hints(db: &Db, limit: i64) -> Result<Vec<Hint>> {
    let Timing { now, hint_patience } = db.timing();
    let rows = sqlx::query!(
        // The longer it is due, the longer the next wait, up to a quarter of an hour: a backlog is not made longer by hints.
        r#"update commands set wake_at = $1::timestamptz + greatest(make_interval(secs => $2), least($1 - due_at, interval '15 minutes'))
           where id in (select id from commands where ended_at is null and not held and wake_at <= $1
                        order by wake_at limit $3 for update skip locked)
           returning id, performer, trace"#,
        now,
        hint_patience.as_secs_f64(),
        limit,
    )
    .fetch_all(db.pool())
    .await?;
    let hint = |row: _| {
        let row: (uuid::Uuid, String, Option<String>) = row;
        Hint { command: row.0.into(), performer: row.1, delay: Duration::ZERO, trace: row.2 }
    };
    Ok(rows.into_iter().map(|row| hint((row.id, row.performer, row.trace))).collect())
}

/// A timer that ran out, with its run.
#[derive(Debug)]
pub struct DueTimer {
    /// The timer.
    pub id: TimerId,
    /// The timer whole.
    pub timer: Value,
    /// The epoch it belongs to.
    pub epoch: u32,
    /// The run.
    pub run: RunId,
    /// The kind of run.
    pub kind: String,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// Its `traceparent`.
    pub trace: Option<String>,
    /// The life.
    pub life: Life,
    /// The length of its history.
    pub seq: i32,
}

/// The timer that ran out first, locked for this transaction, other than those that another sweeper holds and those in
/// `skip`. One that waits in a lane is not for the sweeper: its turn is given by [`super::take_turns`].
///
/// # Errors
/// The database cannot be reached.
pub async fn due_timer(tx: &mut Tx, now: OffsetDateTime, skip: &[TimerId]) -> Result<Option<DueTimer>> {
    let skip: Vec<uuid::Uuid> = skip.iter().map(|id| id.0).collect();
    let row = sqlx::query!(
        r#"select t.id, t.timer, t.epoch, r.id as run_id, r.kind, r.tenant_id, r.trace, r.life as "life: Json<Life>", r.seq
           from timers t join runs r on r.id = t.run_id
           where t.due_at <= $1 and not t.in_lane and not t.held and t.id <> all($2)
           order by t.due_at limit 1 for update of r, t skip locked"#,
        now,
        &skip,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| DueTimer {
        id: row.id.into(),
        timer: row.timer,
        epoch: row.epoch.unsigned_abs(),
        run: row.run_id.into(),
        kind: row.kind,
        tenant: row.tenant_id.map(TenantId),
        trace: row.trace,
        life: row.life.0,
        seq: row.seq,
    }))
}

/// What [`housekeep`] has removed.
#[derive(Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Housekept {
    /// Temporary passwords that expired unread.
    pub credentials: u64,
    /// Tasks whose time is over.
    pub tasks: u64,
    /// Idempotency keys older than a day.
    pub idempotency_keys: u64,
    /// Rate limits that no longer limit.
    pub rate_limits: u64,
}

/// Destroys what has outlived its use: expired temporary passwords, idempotency keys after 24 h, idle rate limits. A task whose time
/// is over is withdrawn; what follows from that is for a timer of its run.
///
/// # Errors
/// The database cannot be reached.
pub async fn housekeep(db: &Db) -> Result<Housekept> {
    let now = db.clock().now();
    let credentials = sqlx::query!(
        "update credentials set sealed = null, destroyed_at = $1 where sealed is not null and expires_at <= $1",
        now
    )
    .execute(db.pool())
    .await?
    .rows_affected();
    let tasks = sqlx::query!(
        "update tasks set status = 'withdrawn', ended_at = $1 where ended_at is null and due_at <= $1",
        now
    )
    .execute(db.pool())
    .await?
    .rows_affected();
    let day_ago = now - Duration::from_secs(24 * 3600);
    let idempotency_keys = sqlx::query!(
        "delete from idempotency_keys where (scope, route, key) in
             (select scope, route, key from idempotency_keys where created_at < $1 limit 1000)",
        day_ago
    )
    .execute(db.pool())
    .await?
    .rows_affected();
    let rate_limits =
        sqlx::query!("delete from rate_limits where tat < $1", day_ago).execute(db.pool()).await?.rows_affected();
    Ok(Housekept { credentials, tasks, idempotency_keys, rate_limits })
}

/// By how much the oldest due row is overdue: the one number that says whether the engine keeps up. What waits for its turn in
/// a lane is not overdue: its tenant's limit may want it to wait; nor is what a person has paused.
///
/// # Errors
/// The database cannot be reached.
pub async fn overdue(db: &Db) -> Result<Duration> {
    let mut tx = db.begin().await?;
    let by = overdue_as(&mut tx, db.clock().now()).await?;
    tx.commit().await?;
    Ok(by)
}

/// [`overdue`], as far as this transaction may see.
///
/// # Errors
/// The database cannot be reached.
pub async fn overdue_as(tx: &mut Tx, now: OffsetDateTime) -> Result<Duration> {
    let oldest = sqlx::query_scalar!(
        "select least((select min(wake_at) from commands where ended_at is null and not held),
                      (select min(due_at) from timers where not in_lane and not held))"
    )
    .fetch_one(&mut **tx)
    .await?;
    let by = oldest.map_or(time::Duration::ZERO, |oldest| now - oldest);
    Ok(Duration::try_from(by).unwrap_or_default())
}
