//! Many lives at once: what follows from a batch is written by few statements, however many it holds.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::types::Json;
use tenantry_kernel::{Change, Life};
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    Ahead, Committed, Hint, Lease, NewRun, Of, Source,
    commit::{Asks, error_of},
    wait::{leave, put, wake_lanes},
};
use crate::{Result, StoreError, Timing, Tx};

/// So many that have come to wait are given their turns by one look at the lanes.
const FOR_ONE_LOOK: usize = 50;

/// A run whose command is ours to answer, locked until the transaction ends: nobody changes it in between.
#[derive(Debug, Clone)]
pub struct Held {
    /// The right to answer.
    pub lease: Lease,
    /// Which try it is.
    pub attempt: u32,
    /// The epoch in which the command was asked for.
    pub epoch: u32,
    /// The run.
    pub run: RunId,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// Its `traceparent`.
    pub trace: Option<String>,
    /// The life as it is.
    pub life: Life,
    /// The length of its history.
    pub seq: i32,
}

/// Locks the runs of these commands, and says which of them are still ours to answer.
///
/// # Errors
/// The database cannot be reached.
pub async fn hold(tx: &mut Tx, leases: &[(RunId, Lease)]) -> Result<Vec<Held>> {
    let runs: Vec<Uuid> = leases.iter().map(|(run, _)| run.0).collect();
    let ids: Vec<Uuid> = leases.iter().map(|(_, lease)| lease.command.0).collect();
    let tokens: Vec<Uuid> = leases.iter().map(|(_, lease)| lease.token).collect();
    let rows = sqlx::query!(
        // The runs first, in one order, as everybody who writes does.
        r#"with r as materialized (
               select id, tenant_id, trace, life, seq from runs where id = any($1) order by id for update)
           select c.id, c.lease_token as "token!", c.attempt, c.epoch, r.id as run_id, r.tenant_id, r.trace,
                  r.life as "life: Json<Life>", r.seq
           from unnest($2::uuid[], $3::uuid[]) as l(id, token)
           join commands c on c.id = l.id and c.status = 'open' and c.lease_token = l.token
           join r on r.id = c.run_id
           for update of c"#,
        &runs,
        &ids,
        &tokens,
    )
    .fetch_all(&mut **tx)
    .await?;
    let held = rows.into_iter().map(|row| Held {
        lease: Lease { command: row.id.into(), token: row.token },
        attempt: row.attempt.unsigned_abs(),
        epoch: row.epoch.unsigned_abs(),
        run: row.run_id.into(),
        tenant: row.tenant_id.map(TenantId),
        trace: row.trace,
        life: row.life.0,
        seq: row.seq,
    });
    Ok(held.collect())
}

/// What one of many lives has heard, and what follows.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The run, which this transaction has locked.
    pub of: Of<'a>,
    /// What is answered; it is closed with it.
    pub source: Source,
    /// What follows.
    pub change: Change,
    /// The function that goes on by itself, if any.
    pub ahead: Option<Ahead<'a>>,
}

/// Writes what many lives have heard. The transaction has locked them ([`hold`], [`super::take_turns`]), so all of it is
/// written or nothing.
///
/// # Errors
/// [`StoreError::Changed`]: a run was not locked and has changed. Nothing of it may be committed.
pub async fn advance_together(tx: &mut Tx, told: &[Told<'_>], timing: Timing) -> Result<Vec<Committed>> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let now = timing.now;
    let mut asks: Vec<Asks<'_>> =
        told.iter().map(|told| Asks::new(&told.change, timing, told.of.trace.map(str::to_owned), told.ahead)).collect();
    let moves: Value = told.iter().map(move_of).collect();
    let history = rows(
        told,
        asks.iter()
            .zip(told)
            .map(|(asks, told)| asks.history(&told.change, Some((told.of.seq, &key_of(&told.source))))),
    );
    let commands = rows(told, asks.iter_mut().map(Asks::commands));
    let written = sqlx::query!(
        r#"with x as materialized (
               select * from jsonb_to_recordset($1) as x(run uuid, seq int, grown int, version int, epoch int, state text, status text,
                   step text, progress smallint, error jsonb, result jsonb, life jsonb, ended bool, command uuid, closes text,
                   timer uuid, leaves bool)),
           moved as (
               update runs r set version = x.version, epoch = x.epoch, seq = r.seq + x.grown, state = x.state, status = x.status,
                   step = x.step, progress = x.progress, error = nullif(x.error, 'null'), result = x.result, life = x.life,
                   updated_at = $2::timestamptz, ended_at = coalesce(r.ended_at, case when x.ended then $2::timestamptz end),
                   paused_at = case when not x.ended then r.paused_at end, paused_by = case when not x.ended then r.paused_by end,
                   paused_why = case when not x.ended then r.paused_why end
               from x where r.id = x.run and r.seq = x.seq
               returning r.id, r.tenant_id, r.trace, r.paused_at is not null as held),
           closed as (
               update commands c set status = x.closes, lease_token = null, lease_until = null, ended_at = $2
               from x where c.id = x.command and c.status = 'open'),
           fired as (
               delete from timers t using x where t.id = x.timer),
           h as (
               insert into history (run_id, seq, tenant_id, at, key, kind, name, from_state, to_state, epoch, outcome, detail)
               select moved.id, x.seq, moved.tenant_id, $2, x.key, x.kind, x.name, x.from_state, x.to_state, x.epoch, x.outcome, x.detail
               from jsonb_to_recordset($3) as x(run uuid, seq int, key text, kind text, name text, from_state text, to_state text,
                                                epoch int, outcome text, detail jsonb)
               join moved on moved.id = x.run),
           c as (
               insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, attempt, due_at, wake_at,
                                     lease_token, lease_until, trace, created_at, held)
               select x.id, moved.id, moved.tenant_id, x.epoch, x.role, x.name, x.performer, x.command,
                      case when moved.held then 0 else x.attempt end, $2, x.wake_at,
                      case when not moved.held then x.lease_token end, case when not moved.held then x.lease_until end,
                      moved.trace, $2, moved.held and x.role = 'command'
               from jsonb_to_recordset($4) as x(run uuid, id uuid, epoch int, role text, name text, performer text, command jsonb,
                                                attempt int, wake_at timestamptz, lease_token uuid, lease_until timestamptz)
               join moved on moved.id = x.run)
           select (select count(*) from moved) as "moved!", array(select id from moved where held) as "held!: Vec<Uuid>",
                  array(select x.run from x where x.leaves
                        and (exists (select from timers t where t.run_id = x.run and t.id is distinct from x.timer)
                             or exists (select from tasks t where t.run_id = x.run and t.ended_at is null)
                             or exists (select from commands c where c.run_id = x.run and c.status = 'open' and c.role = 'command'
                                                                     and c.id is distinct from x.command))) as "leave!: Vec<Uuid>""#,
        moves,
        now,
        history,
        commands,
    )
    .fetch_one(&mut **tx)
    .await?;
    if written.moved != i64::try_from(told.len()).unwrap_or(i64::MAX) {
        return Err(StoreError::Changed);
    }
    let mut committed = Vec::with_capacity(told.len());
    for (told, asks) in told.iter().zip(&mut asks) {
        asks.held = written.held.contains(&told.of.run.0);
        if written.leave.contains(&told.of.run.0) {
            leave(tx, told.of.run, told.change.life.epoch, None, now).await?;
        }
        put(tx, told.of.run, told.of.tenant, asks).await?;
        committed.push(Committed { hints: asks.hints(), ahead: asks.claimed(&told.of, &told.change) });
    }
    let waiting = told.iter().zip(&asks).filter_map(|(told, asks)| Some((told.of.tenant?, asks.lane()?))).collect();
    if let Some(last) = committed.last_mut() {
        last.hints.extend(wake(tx, waiting, now).await?);
    }
    Ok(committed)
}

/// Wakes the lanes in which something has come to wait, and says who must look at them.
async fn wake(tx: &mut Tx, waiting: Vec<(TenantId, &'static str)>, now: OffsetDateTime) -> Result<Vec<Hint>> {
    let Some((_, performer)) = waiting.first() else { return Ok(Vec::new()) };
    let lanes: Vec<TenantId> = waiting.iter().map(|(tenant, _)| *tenant).collect();
    if wake_lanes(tx, &lanes, now).await? == 0 {
        return Ok(Vec::new());
    }
    // One look gives many turns; the more there are, the more may look at once.
    let looks = std::iter::repeat_with(|| Hint::to_look(performer, Duration::ZERO));
    Ok(looks.take(waiting.len().div_ceil(FOR_ONE_LOOK)).collect())
}

/// Writes new runs with what they wait for. Their ids are chosen by the caller and they have no external key, so that each of
/// them is new.
///
/// # Errors
/// [`StoreError::Refused`] by `runs_pkey`: one of them is there already, and none was written.
pub async fn start_together(tx: &mut Tx, new: &[NewRun], timing: Timing) -> Result<Vec<Hint>> {
    let (now, mut hints) = (timing.now, Vec::new());
    let mut asks: Vec<Asks<'_>> =
        new.iter().map(|new| Asks::new(&new.change, timing, new.trace.clone(), None)).collect();
    let with = |new: &NewRun, rows: Value| rows_of(new.id, new.change.life.epoch, rows);
    let runs: Value = new.iter().map(run_of).collect();
    let history: Value =
        new.iter().zip(&asks).flat_map(|(new, asks)| with(new, asks.history(&new.change, None))).collect();
    let commands: Value = new.iter().zip(&mut asks).flat_map(|(new, asks)| with(new, asks.commands())).collect();
    let timers: Value = new.iter().zip(&asks).flat_map(|(new, asks)| with(new, asks.timers())).collect();
    sqlx::query!(
        r#"with run as (
               insert into runs (id, kind, tenant_id, version, epoch, seq, state, status, step, progress, error, result, life, trace,
                                 started_by, started_at, updated_at, ended_at, entity)
               select x.id, x.kind, x.tenant, x.version, x.epoch, x.seq, x.state, x.status, x.step, x.progress, nullif(x.error, 'null'),
                      x.result, x.life, x.trace, x.started_by, $2::timestamptz, $2::timestamptz, case when x.ended then $2::timestamptz end, x.entity
               from jsonb_to_recordset($1) as x(id uuid, kind text, tenant uuid, version int, epoch int, seq int, state text,
                   status text, step text, progress smallint, error jsonb, result jsonb, life jsonb, trace text, started_by text,
                   ended bool, entity text)
               returning id, tenant_id, trace),
           h as (
               insert into history (run_id, seq, tenant_id, at, key, kind, name, from_state, to_state, epoch, outcome, detail)
               select run.id, x.seq, run.tenant_id, $2, x.key, x.kind, x.name, x.from_state, x.to_state, x.epoch, x.outcome, x.detail
               from jsonb_to_recordset($3) as x(run uuid, seq int, key text, kind text, name text, from_state text, to_state text,
                                                epoch int, outcome text, detail jsonb)
               join run on run.id = x.run),
           c as (
               insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, due_at, wake_at, trace, created_at)
               select x.id, run.id, run.tenant_id, x.epoch, x.role, x.name, x.performer, x.command, $2, x.wake_at, run.trace, $2
               from jsonb_to_recordset($4) as x(run uuid, id uuid, epoch int, role text, name text, performer text, command jsonb,
                                                wake_at timestamptz)
               join run on run.id = x.run)
           insert into timers (id, run_id, tenant_id, epoch, name, timer, due_at, created_at, in_lane)
           select x.id, run.id, run.tenant_id, x.epoch, x.name, x.timer, x.due_at, $2, x.in_lane
           from jsonb_to_recordset($5) as x(run uuid, id uuid, epoch int, name text, timer jsonb, due_at timestamptz, in_lane bool)
           join run on run.id = x.run"#,
        runs,
        now,
        history,
        commands,
        timers,
    )
    .execute(&mut **tx)
    .await?;
    hints.extend(asks.iter().flat_map(Asks::hints));
    let waiting = new.iter().zip(&asks).filter_map(|(new, asks)| Some((new.tenant?, asks.lane()?))).collect();
    hints.extend(wake(tx, waiting, now).await?);
    Ok(hints)
}

fn run_of(new: &NewRun) -> Value {
    let change = &new.change;
    json!({
        "id": new.id.0, "kind": new.kind, "tenant": new.tenant.map(|tenant| tenant.0), "version": change.life.version,
        "epoch": change.life.epoch, "seq": change.entries.len(), "state": change.state,
        "status": change.view.status.as_str(), "step": change.view.step, "progress": change.life.progress,
        "error": error_of(change), "result": change.view.result, "life": change.life, "trace": new.trace,
        "started_by": new.started_by, "ended": change.view.status.ended(), "entity": change.entity,
    })
}

fn move_of(told: &Told<'_>) -> Value {
    let change = &told.change;
    let (command, closes, timer) = match &told.source {
        Source::Command { lease, ended, .. } => (Some(lease.command.0), Some(*ended), None),
        Source::Timer(id) => (None, None, Some(id.0)),
        Source::Task { .. } | Source::Wish(_) => (None, None, None),
    };
    json!({
        "run": told.of.run.0, "seq": told.of.seq, "grown": change.entries.len(), "version": change.life.version,
        "epoch": change.life.epoch, "state": change.state, "status": change.view.status.as_str(), "step": change.view.step,
        "progress": change.life.progress, "error": error_of(change), "result": change.view.result, "life": change.life,
        "ended": change.view.status.ended(), "command": command, "closes": closes, "timer": timer, "leaves": change.left,
    })
}

/// What makes the same thing told twice one thing.
pub(super) fn key_of(source: &Source) -> String {
    match source {
        Source::Command { lease, attempt, .. } => format!("{}:{attempt}", lease.command),
        Source::Timer(id) => id.to_string(),
        Source::Task { id, .. } => id.to_string(),
        Source::Wish(key) => key.clone(),
    }
}

fn rows(told: &[Told<'_>], rows: impl Iterator<Item = Value>) -> Value {
    told.iter().zip(rows).flat_map(|(told, rows)| rows_of(told.of.run, told.change.life.epoch, rows)).collect()
}

/// Rows, each with the run it belongs to, and the epoch where it has none of its own.
fn rows_of(run: RunId, epoch: u32, rows: Value) -> Vec<Value> {
    let Value::Array(mut rows) = rows else { return Vec::new() };
    for row in &mut rows {
        row["run"] = json!(run.0);
        if row.get("epoch").is_none() {
            row["epoch"] = json!(epoch);
        }
    }
    rows
}
