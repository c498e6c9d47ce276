//! Writing what one event changes.

use std::time::Duration;

use serde_json::{Value, json};
use tenantry_kernel::{Change, Outcome, Role};
use tenantry_model::{CommandId, RunId, TaskId, TenantId, TimerId};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{
    Claimed, Hint, Lease,
    wait::{leave, wait},
};
use crate::{Result, StoreError, Timing, Tx};

/// What an event answers; it is closed in the same transaction.
#[derive(Debug, Clone)]
pub enum Source {
    /// A command, by whoever holds its lease. `ended` is the status it ends with: `done`, `gave_up` or `unknown`.
    Command {
        /// The right to answer.
        lease: Lease,
        /// Which try this was.
        attempt: u32,
        /// How it ended.
        ended: &'static str,
    },
    /// A timer that ran out.
    Timer(TimerId),
    /// A task, with the answer and its author.
    Task {
        /// The task.
        id: TaskId,
        /// The answer, as given.
        answer: Value,
        /// Who.
        by: String,
    },
    /// A wish; its key makes the same wish told twice one wish.
    Wish(String),
}

/// A function that wants to go on by itself: its next command is inserted as claimed already.
#[derive(Debug, Clone, Copy)]
pub struct Ahead<'a> {
    /// The function.
    pub performer: &'a str,
    /// For how long.
    pub lease: Duration,
}

/// What follows a commit, once it is one.
#[derive(Debug, Default)]
pub struct Committed {
    /// Hints to send.
    pub hints: Vec<Hint>,
    /// The next command, claimed for the function that asked for it.
    pub ahead: Option<Claimed>,
}

/// The run that a change belongs to.
#[derive(Debug, Clone)]
pub struct Of<'a> {
    /// The run.
    pub run: RunId,
    /// The length of its history when the change was decided.
    pub seq: i32,
    /// The kind of run.
    pub kind: &'a str,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// Its `traceparent`.
    pub trace: Option<&'a str>,
}

/// Writes a change by one statement, if the run still is what the decision was made on, and if the right to answer is
/// still ours; by others after it, where timers or tasks come or something is withdrawn. Rows that the operation wrote in
/// this transaction come and go with it.
///
/// # Errors
/// [`StoreError::Changed`]: decide again. [`StoreError::LeaseLost`]: the answer is not ours to give.
/// [`StoreError::Refused`] by `history_key`: this was told before, and nothing needs to be done.
pub async fn advance(
    tx: &mut Tx,
    of: &Of<'_>,
    source: &Source,
    change: &Change,
    ahead: Option<Ahead<'_>>,
    timing: Timing,
) -> Result<Committed> {
    let now = timing.now;
    // A late answer was asked for in an epoch that is over: its command is closed already.
    let late = change.entries.first().is_some_and(|entry| entry.outcome == Outcome::Late);
    let mut asks = Asks::new(change, timing, of.trace.map(str::to_owned), ahead);
    let (lease, ended, key) = match source {
        Source::Command { lease, attempt, ended } => (Some(*lease), *ended, format!("{}:{attempt}", lease.command)),
        Source::Timer(id) => (None, "", id.to_string()),
        Source::Task { id, .. } => (None, "", id.to_string()),
        Source::Wish(key) => (None, "", key.clone()),
    };
    let life = serde_json::to_value(&change.life).unwrap_or(Value::Null);
    let written = sqlx::query!(
        r#"with moved as (
               update runs set version = $3, epoch = $4, seq = seq + $5, state = $6, status = $7, step = $8, progress = $9,
                               error = $10, result = $11, life = $12, updated_at = $13, ended_at = coalesce(ended_at, $14),
                               entity = coalesce($22, entity),
                               -- A run that has ended has nothing left to hold.
                               paused_at = case when $14::timestamptz is null then paused_at end,
                               paused_by = case when $14::timestamptz is null then paused_by end,
                               paused_why = case when $14::timestamptz is null then paused_why end
               where id = $1 and seq = $2
               returning id, tenant_id, paused_at is not null as held),
           answered as (
               update commands set status = $15, lease_token = null, lease_until = null, ended_at = $13
               where id = $16 and status = 'open' and lease_token = $17
               returning id),
           h as (
               insert into history (run_id, seq, tenant_id, at, key, kind, name, from_state, to_state, epoch, outcome, detail)
               select moved.id, x.seq, moved.tenant_id, $13, x.key, x.kind, x.name, x.from_state, x.to_state, x.epoch,
                      x.outcome, x.detail
               from moved, jsonb_to_recordset($19) as x(seq int, key text, kind text, name text, from_state text,
                                                        to_state text, epoch int, outcome text, detail jsonb)),
           c as (
               insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, attempt, due_at, wake_at,
                                     lease_token, lease_until, trace, created_at, held)
               select x.id, moved.id, moved.tenant_id, $4, x.role, x.name, x.performer, x.command,
                      case when moved.held then 0 else x.attempt end, $13, x.wake_at,
                      case when not moved.held then x.lease_token end, case when not moved.held then x.lease_until end, $20, $13,
                      moved.held and x.role = 'command'
               from moved, jsonb_to_recordset($21) as x(id uuid, role text, name text, performer text, command jsonb,
                                                        attempt int, wake_at timestamptz, lease_token uuid,
                                                        lease_until timestamptz))
           select exists (select from moved) as "moved!", exists (select from moved where held) as "held!", exists (select from answered) as "answered!",
                  $18 and (exists (select from timers where run_id = $1)
                           or has_open_task($1)
                           or exists (select from commands where run_id = $1 and status = 'open' and role = 'command'
                                                                 and id is distinct from $16)) as "leaves!""#,
        of.run.0,
        of.seq,
        change.life.version as i32,
        change.life.epoch as i32,
        change.entries.len() as i32,
        change.state,
        change.view.status.as_str(),
        change.view.step,
        i16::from(change.life.progress),
        error_of(change),
        change.view.result,
        life,
        now,
        change.view.status.ended().then_some(now),
        ended,
        lease.map(|lease| lease.command.0),
        lease.map(|lease| lease.token),
        change.left,
        asks.history(change, Some((of.seq, &key))),
        of.trace,
        asks.commands(),
        change.entity,
    )
    .fetch_one(&mut **tx)
    .await?;
    if !written.moved {
        return Err(StoreError::Changed);
    }
    if lease.is_some() && !written.answered && !late {
        return Err(StoreError::LeaseLost);
    }
    if written.leaves {
        leave(tx, of.run, change.life.epoch, task_of(source), now).await?;
    }
    close(tx, source, now).await?;
    asks.held = written.held;
    let mut hints = asks.hints();
    hints.extend(wait(tx, of.run, of.tenant, &asks).await?);
    Ok(Committed { hints, ahead: asks.claimed(of, change) })
}

/// Closes what is answered, where it is not a command (those are closed with the change itself). After the change: whoever
/// writes locks the run first, so that no two wait for each other.
async fn close(tx: &mut Tx, source: &Source, now: OffsetDateTime) -> Result<()> {
    let closed = match source {
        Source::Command { .. } | Source::Wish(_) => return Ok(()),
        Source::Timer(id) => {
            // It is ours: the sweeper holds its lock. Leaving the state has withdrawn it already.
            sqlx::query!("delete from timers where id = $1", id.0).execute(&mut **tx).await?;
            return Ok(());
        }
        Source::Task { id, answer, by } => {
            sqlx::query!(
                "update tasks set status = 'answered', answer = $2, answered_by = $3, ended_at = $4 where id = $1 and status = 'open'",
                id.0,
                answer,
                by,
                now
            )
            .execute(&mut **tx)
            .await?
        }
    };
    // Somebody was quicker, perhaps by so little that we have read the life as they left it.
    if closed.rows_affected() == 0 { Err(StoreError::Changed) } else { Ok(()) }
}

fn task_of(source: &Source) -> Option<TaskId> {
    match source {
        Source::Task { id, .. } => Some(*id),
        _ => None,
    }
}

pub(super) fn error_of(change: &Change) -> Option<Value> {
    change.view.error.as_ref().map(|fault| json!(fault))
}

/// A change's asks with ids and times, as the rows they become and the hints that follow.
pub(super) struct Asks<'a> {
    change: &'a Change,
    timing: Timing,
    trace: Option<String>,
    ids: Vec<CommandId>,
    /// The command that goes on at once: its place, its token, the end of its lease.
    pub(super) ahead: Option<(usize, Uuid, OffsetDateTime)>,
    /// The run is paused: nobody is told of its commands, and nobody goes on with one.
    pub(super) held: bool,
}

impl<'a> Asks<'a> {
    pub(super) fn new(change: &'a Change, timing: Timing, trace: Option<String>, ahead: Option<Ahead<'_>>) -> Self {
        let ids = change.commands.iter().map(|_| CommandId::new()).collect();
        let ahead = ahead.and_then(|ahead| {
            let mine = |command: &tenantry_kernel::NewCommand| {
                command.role == Role::Command && command.performer == ahead.performer
            };
            change.commands.iter().position(mine).map(|at| (at, Uuid::new_v4(), timing.now + ahead.lease))
        });
        Self { change, timing, trace, ids, ahead, held: false }
    }

    /// Whether anything is waited for besides commands.
    pub(super) fn waits(&self) -> bool {
        !self.change.timers.is_empty() || !self.change.tasks.is_empty()
    }

    /// What is asked for in a state that was not left, and so may be open already: the names of commands, timers and tasks.
    pub(super) fn again(&self) -> Option<[Vec<String>; 3]> {
        let change = self.change;
        let commands = change.commands.iter().filter(|command| command.role == Role::Command);
        let names = [
            commands.map(|command| command.name.clone()).collect::<Vec<_>>(),
            change.timers.iter().map(|timer| timer.name.clone()).collect(),
            change.tasks.iter().map(|task| task.name.clone()).collect(),
        ];
        (!change.left && names.iter().any(|names| !names.is_empty())).then_some(names)
    }

    /// The ids of its commands.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        self.ids.iter().map(|id| id.0).collect()
    }

    pub(super) fn epoch(&self) -> u32 {
        self.change.life.epoch
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.timing.now
    }

    pub(super) fn history(&self, change: &Change, after: Option<(i32, &str)>) -> Value {
        let (seq, key) = after.map_or((0, None), |(seq, key)| (seq, Some(key)));
        let rows = change.entries.iter().zip(1..).map(|(entry, nth)| {
            json!({
                "seq": seq + nth, "key": key.filter(|_| nth == 1), "kind": entry.kind, "name": entry.name,
                "from_state": entry.from, "to_state": entry.to, "epoch": entry.epoch, "outcome": entry.outcome,
                "detail": entry.detail,
            })
        });
        rows.collect()
    }

    pub(super) fn commands(&mut self) -> Value {
        let rows = self.change.commands.iter().zip(&self.ids).enumerate().map(|(at, (command, id))| {
            let lease = self.ahead.filter(|(ahead, ..)| *ahead == at);
            let wake_at = lease.map_or(self.timing.now + self.timing.hint_patience, |(_, _, until)| until);
            json!({
                "id": id.0, "role": command.role, "name": command.name, "performer": command.performer,
                "command": command.command, "attempt": i32::from(lease.is_some()), "wake_at": stamp(wake_at),
                "lease_token": lease.map(|(_, token, _)| token), "lease_until": lease.map(|(_, _, until)| stamp(until)),
            })
        });
        rows.collect()
    }

    pub(super) fn timers(&self) -> Value {
        let rows = self.change.timers.iter().map(|timer| {
            json!({
                "id": TimerId::new().0, "name": timer.name, "timer": timer.timer, "due_at": stamp(self.timing.now + timer.after),
                "in_lane": timer.lane.is_some(),
            })
        });
        rows.collect()
    }

    pub(super) fn tasks(&self) -> Value {
        let rows = self.change.tasks.iter().map(|task| {
            json!({
                "id": TaskId::new().0, "name": task.name, "task": task.task, "title": task.form.title, "text": task.form.text,
                "schema": task.form.schema, "context": task.form.context,
                "due_at": task.form.open_for.map(|open| stamp(self.timing.now + open)),
                "operators_only": task.form.operators_only,
            })
        });
        rows.collect()
    }

    /// Whoever gives turns in the tenant's lane, if anything waits there.
    pub(super) fn lane(&self) -> Option<&'static str> {
        self.change.timers.iter().find_map(|timer| timer.lane)
    }

    pub(super) fn hints(&self) -> Vec<Hint> {
        let hinted = self.change.commands.iter().zip(&self.ids).enumerate();
        let hinted = hinted.filter(|(at, (command, _))| match self.held {
            true => command.role == Role::Notice,
            false => self.ahead.is_none_or(|(ahead, ..)| ahead != *at),
        });
        let hint = |(_, (command, id)): (usize, (&tenantry_kernel::NewCommand, &CommandId))| Hint {
            command: *id,
            performer: command.performer.to_owned(),
            delay: Duration::ZERO,
            trace: self.trace.clone(),
        };
        hinted.map(hint).collect()
    }

    pub(super) fn claimed(&self, of: &Of<'_>, change: &Change) -> Option<Claimed> {
        let (at, token, _) = self.ahead.filter(|_| !self.held)?;
        let command = &self.change.commands[at];
        Some(Claimed {
            lease: Lease { command: self.ids[at], token },
            run: of.run,
            kind: of.kind.to_owned(),
            tenant: of.tenant,
            epoch: change.life.epoch,
            performer: command.performer.to_owned(),
            role: command.role,
            name: command.name.clone(),
            command: command.command.clone(),
            attempt: 1,
            interrupted: false,
            life: change.life.clone(),
            seq: of.seq + i32::try_from(change.entries.len()).unwrap_or(i32::MAX),
            trace: self.trace.clone(),
        })
    }
}

/// A time as JSON that Postgres reads.
pub(super) fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
