//! Runs, histories and tasks as people read them. Every function sees what its transaction may see.

use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;
use tenantry_kernel::Life;
use tenantry_model::{RunId, TaskId, TenantId};
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
}

/// Which runs to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of this kind.
    pub kind: Option<String>,
    /// With this status.
    pub status: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// With an error of this class.
    pub error_class: Option<String>,
    /// With this external key.
    pub external_key: Option<String>,
    /// Older than this run.
    pub after: Option<RunId>,
    /// Newer than this run (the list is newest first all the same).
    pub before: Option<RunId>,
    /// At most this many.
    pub limit: i64,
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
        }
    }};
}

/// One run.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn run(tx: &mut Tx, id: RunId) -> Result<RunRow> {
    let row = sqlx::query!(
        r#"select id, kind, tenant_id, external_key, seq, state, status, step, progress, error, result,
                  life as "life: Json<Life>", trace, started_by, started_at, updated_at, ended_at
           from runs where id = $1"#,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("run"))?;
    Ok(run_row!(row))
}

/// Runs, newest first, other than messages: those are listed by what one looks for in a message.
///
/// # Errors
/// The database cannot be reached.
pub async fn runs(tx: &mut Tx, filter: &RunFilter) -> Result<Vec<RunRow>> {
    let rows = sqlx::query!(
        r#"select id, kind, tenant_id, external_key, seq, state, status, step, progress, error, result,
                  life as "life: Json<Life>", trace, started_by, started_at, updated_at, ended_at
           from runs
           where kind <> 'email_delivery' and ($1::uuid is null or tenant_id = $1) and ($2::text is null or kind = $2)
             and ($3::text is null or status = $3) and ($4::text is null or state = $4)
             and ($5::text is null or error_class = $5) and ($6::text is null or external_key = $6)
             and ($7::uuid is null or id < $7) and ($8::uuid is null or id > $8)
           order by case when $8::uuid is null then id end desc, id asc limit $9"#,
        filter.tenant.map(|tenant| tenant.0),
        filter.kind,
        filter.status,
        filter.state,
        filter.error_class,
        filter.external_key,
        filter.after.map(|id| id.0),
        filter.before.map(|id| id.0),
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rows: Vec<RunRow> = rows.into_iter().map(|row| run_row!(row)).collect();
    if filter.before.is_some() {
        rows.reverse();
    }
    Ok(rows)
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

/// A task for a person.
#[derive(Debug, Clone)]
pub struct TaskRow {
    /// Its id.
    pub id: TaskId,
    /// The run that waits for the answer.
    pub run: RunId,
    /// The tenant it is about.
    pub tenant: Option<TenantId>,
    /// The epoch it belongs to.
    pub epoch: u32,
    /// Its name.
    pub name: String,
    /// The task whole, for [`tenantry_kernel::Kind::answered`].
    pub task: Value,
    /// One line.
    pub title: String,
    /// What happened, what we saw, what each answer does.
    pub text: String,
    /// JSON Schema of the answer.
    pub schema: Value,
    /// Facts that help to decide.
    pub context: Value,
    /// `open`, `answered` or `withdrawn`.
    pub status: String,
    /// How long an answer is useful.
    pub due_at: Option<OffsetDateTime>,
    /// The answer.
    pub answer: Option<Value>,
    /// Who gave it.
    pub answered_by: Option<String>,
    /// When it was opened.
    pub created_at: OffsetDateTime,
    /// When it was answered or withdrawn.
    pub ended_at: Option<OffsetDateTime>,
}

/// Which tasks to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of this run.
    pub run: Option<RunId>,
    /// With this status.
    pub status: Option<String>,
    /// Older than this task.
    pub after: Option<TaskId>,
    /// Newer than this task.
    pub before: Option<TaskId>,
    /// At most this many.
    pub limit: i64,
}

macro_rules! task_row {
    ($row:expr) => {{
        let row = $row;
        TaskRow {
            id: row.id.into(),
            run: row.run_id.into(),
            tenant: row.tenant_id.map(TenantId),
            epoch: row.epoch.unsigned_abs(),
            name: row.name,
            task: row.task,
            title: row.title,
            text: row.text,
            schema: row.schema,
            context: row.context,
            status: row.status,
            due_at: row.due_at,
            answer: row.answer,
            answered_by: row.answered_by,
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }};
}

/// One task.
///
/// # Errors
/// [`StoreError::NotFound`] when there is none that this transaction may see.
pub async fn task(tx: &mut Tx, id: TaskId) -> Result<TaskRow> {
    let row = sqlx::query!(
        "select id, run_id, tenant_id, epoch, name, task, title, text, schema, context, status, due_at, answer, answered_by, created_at, ended_at
         from tasks where id = $1",
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("task"))?;
    Ok(task_row!(row))
}

/// Tasks, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn tasks(tx: &mut Tx, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
    let rows = sqlx::query!(
        "select id, run_id, tenant_id, epoch, name, task, title, text, schema, context, status, due_at, answer, answered_by, created_at, ended_at
         from tasks
         where ($1::uuid is null or tenant_id = $1) and ($2::uuid is null or run_id = $2) and ($3::text is null or status = $3)
           and ($4::uuid is null or id < $4) and ($5::uuid is null or id > $5)
         order by case when $5::uuid is null then id end desc, id asc limit $6",
        filter.tenant.map(|tenant| tenant.0),
        filter.run.map(|run| run.0),
        filter.status,
        filter.after.map(|id| id.0),
        filter.before.map(|id| id.0),
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rows: Vec<TaskRow> = rows.into_iter().map(|row| task_row!(row)).collect();
    if filter.before.is_some() {
        rows.reverse();
    }
    Ok(rows)
}
