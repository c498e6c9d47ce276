//! A run begins.

use serde_json::Value;
use sqlx::PgConnection;
use tenantry_kernel::Change;
use tenantry_model::{RunId, TenantId};

use super::{
    Hint,
    commit::{Asks, error_of},
    wait::wait,
};
use crate::{Result, StoreError, Timing};

/// A run to begin.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id.
    pub id: RunId,
    /// The kind of run.
    pub kind: &'static str,
    /// The tenant it is about, which may not exist yet.
    pub tenant: Option<TenantId>,
    /// The caller's own key: one living run of this kind has it.
    pub external_key: Option<String>,
    /// Who began it.
    pub started_by: String,
    /// The W3C `traceparent` of the request that began it.
    pub trace: Option<String>,
    /// What the kernel decided about its first state.
    pub change: Change,
}

/// What became of [`start`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// A new run; its first hints are to be sent after the commit.
    New(Vec<Hint>),
    /// A run with this external key is there already.
    Existing(RunId),
}

/// Writes a new run with its first commands, by one statement. The same external key is the same run, also at the very
/// same moment: the index decides.
///
/// # Errors
/// The database refuses or cannot be reached.
pub async fn start(connection: &mut PgConnection, new: &NewRun, timing: Timing) -> Result<Started> {
    let (change, now) = (&new.change, timing.now);
    let mut asks = Asks::new(change, timing, new.trace.clone(), None);
    let history = asks.history(change, None);
    let (error, result) = (error_of(change), &change.view.result);
    let life = serde_json::to_value(&change.life).unwrap_or(Value::Null);
    let ended = change.view.status.ended().then_some(now);
    let inserted = sqlx::query!(
        r#"with run as (
               insert into runs (id, kind, tenant_id, external_key, version, epoch, seq, state, status, step, progress,
                                 error, result, life, trace, started_by, started_at, updated_at, ended_at, entity)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18, $21)
               on conflict (kind, external_key)
                   where external_key is not null and status in ('running', 'waiting', 'completed') do nothing
               returning id),
           h as (
               insert into history (run_id, seq, tenant_id, at, key, kind, name, from_state, to_state, epoch, outcome, detail)
               select run.id, x.seq, $3, $17, x.key, x.kind, x.name, x.from_state, x.to_state, x.epoch, x.outcome, x.detail
               from run, jsonb_to_recordset($19) as x(seq int, key text, kind text, name text, from_state text,
                                                      to_state text, epoch int, outcome text, detail jsonb)),
           c as (
               insert into commands (id, run_id, tenant_id, epoch, role, name, performer, command, due_at, wake_at, trace, created_at)
               select x.id, run.id, $3, $6, x.role, x.name, x.performer, x.command, $17, x.wake_at, $15, $17
               from run, jsonb_to_recordset($20) as x(id uuid, role text, name text, performer text, command jsonb, wake_at timestamptz))
           select id from run"#,
        new.id.0,
        new.kind,
        new.tenant.map(|tenant| tenant.0),
        new.external_key,
        change.life.version as i32,
        change.life.epoch as i32,
        change.entries.len() as i32,
        change.state,
        change.view.status.as_str(),
        change.view.step,
        i16::from(change.life.progress),
        error,
        result,
        life,
        new.trace,
        new.started_by,
        now,
        ended,
        history,
        asks.commands(),
        change.entity,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if inserted.is_some() {
        let mut hints = asks.hints();
        hints.extend(wait(connection, new.id, new.tenant, &asks).await?);
        return Ok(Started::New(hints));
    }
    let existing = sqlx::query_scalar!(
        "select id from runs where kind = $1 and external_key = $2 and status in ('running', 'waiting', 'completed')",
        new.kind,
        new.external_key,
    )
    .fetch_optional(connection)
    .await?;
    // The other run has come to nothing between the two statements: the caller tries again.
    existing.map(|id| Started::Existing(RunId(id))).ok_or(StoreError::Changed)
}
