//! Runs and what happened in them, as people read them. Every function sees what its transaction may see.

use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;
use tenantry_kernel::Life;
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// A run.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// The kind of run.
    pub kind: String,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// The caller's own key.
    pub external_key: Option<String>,
    /// The length of its history.
    pub seq: i32,
    /// The state.
    pub state: String,
    /// How it stands: `running`, `waiting`, `completed`, `failed`, `rolled_back`, `cancelled`.
    pub status: String,
    /// The step, in the words of the product.
    pub step: String,
    /// 0 to 100.
    pub progress: i16,
    /// The fault that stands in the way, or ended it.
    pub error: Option<Value>,
    /// What it has brought so far.
    pub result: Value,
    /// The life.
    pub life: Life,
    /// Its `traceparent`.
    pub trace: Option<String>,
    /// Who began it.
    pub started_by: String,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// When it ended.
    pub ended_at: Option<OffsetDateTime>,
    /// What it is about, as a person would type it.
    pub entity: Option<String>,
    /// Since when it is paused.
    pub paused_at: Option<OffsetDateTime>,
    /// Who has paused it.
    pub paused_by: Option<String>,
    /// Why, in the words of whoever did.
    pub paused_why: Option<String>,
}

macro_rules! run_row {
    ($row:expr) => {{
        let row = $row;
        RunRow {
            id: row.id.into(),
            kind: row.kind,
            tenant: row.tenant_id.map(TenantId),
            external_key: row.external_key,
            seq: row.seq,
            state: row.state,
            status: row.status,
            step: row.step,
            progress: row.progress,
            error: row.error,
            result: row.result,
            life: row.life.0,
            trace: row.trace,
            started_by: row.started_by,
            started_at: row.started_at,
            updated_at: row.updated_at,
            ended_at: row.ended_at,
            entity: row.entity,
            paused_at: row.paused_at,
            paused_by: row.paused_by,
            paused_why: row.paused_why,
        }
    }};
}
pub(super) use run_row;

/// One run.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn run(tx: &mut Tx, id: RunId) -> Result<RunRow> {
    let row = sqlx::query!(
        r#"select id, kind, tenant_id, external_key, seq, state, status, step, progress, error, result,
                  life as "life: Json<Life>", trace, started_by, started_at, updated_at, ended_at, entity,
                  paused_at, paused_by, paused_why
           from runs where id = $1"#,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("run"))?;
    Ok(run_row!(row))
}

/// A line of a run's history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryRow {
    /// Its place, from 1, without gaps.
    pub seq: i32,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where it comes from.
    pub kind: String,
    /// The name of the event, timer or command.
    pub name: String,
    /// The state before.
    pub from_state: String,
    /// The state after.
    pub to_state: String,
    /// The epoch after.
    pub epoch: i32,
    /// What it did.
    pub outcome: String,
    /// The event itself, or the fault.
    pub detail: Value,
}

/// A run's history, oldest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn history_of(tx: &mut Tx, run: RunId) -> Result<Vec<HistoryRow>> {
    Ok(sqlx::query_as!(
        HistoryRow,
        "select seq, at, kind, name, from_state, to_state, epoch, outcome, detail from history where run_id = $1 order by seq",
        run.0
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// A command of a run, without what it asks (that may hold addresses).
#[derive(Debug, Clone, Serialize)]
pub struct CommandRow {
    /// Its id.
    pub id: Uuid,
    /// Command or notice.
    pub role: String,
    /// Its name.
    pub name: String,
    /// The function that performs it.
    pub performer: String,
    /// How it stands.
    pub status: String,
    /// Tries so far.
    pub attempt: i32,
    /// Not before.
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
    /// Being worked on until, at most.
    #[serde(with = "time::serde::rfc3339::option")]
    pub lease_until: Option<OffsetDateTime>,
    /// What the last try said.
    pub last_error: Option<Value>,
    /// When it was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    pub ended_at: Option<OffsetDateTime>,
}

/// A run's commands and notices, oldest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn commands_of(tx: &mut Tx, run: RunId) -> Result<Vec<CommandRow>> {
    Ok(sqlx::query_as!(
        CommandRow,
        r#"select id, role, name, performer, status, attempt, due_at, lease_until, last_error, created_at, ended_at
           from commands where run_id = $1 order by id"#,
        run.0
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// A timer that a run waits for.
#[derive(Debug, Clone, Serialize)]
pub struct TimerRow {
    /// Its name.
    pub name: String,
    /// When it fires.
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
}

/// The timers a run waits for, first one first.
///
/// # Errors
/// The database cannot be reached.
pub async fn timers_of(tx: &mut Tx, run: RunId) -> Result<Vec<TimerRow>> {
    Ok(sqlx::query_as!(TimerRow, "select name, due_at from timers where run_id = $1 order by due_at", run.0)
        .fetch_all(&mut **tx)
        .await?)
}

/// When a run wakes next by itself: its first timer, or the first retry of its commands. None when it waits for a person, is paused,
/// or is being worked on.
///
/// # Errors
/// The database cannot be reached.
pub async fn next_wake(tx: &mut Tx, run: RunId) -> Result<Option<OffsetDateTime>> {
    Ok(sqlx::query_scalar!(
        "select least((select min(due_at) from timers where run_id = $1 and not held),
                      (select min(due_at) from commands
                       where run_id = $1 and status = 'open' and role = 'command' and not held and lease_token is null))",
        run.0
    )
    .fetch_one(&mut **tx)
    .await?)
}
