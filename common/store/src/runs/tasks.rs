//! Questions to people. Every function sees what its transaction may see.

use serde_json::Value;
use tenantry_model::{RunId, TaskId, TenantId};
use time::OffsetDateTime;

use crate::{Result, StoreError, Tx};

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
    /// Who has said that they are at it.
    pub claimed_by: Option<String>,
    /// Since when.
    pub claimed_at: Option<OffsetDateTime>,
    /// When it was opened.
    pub created_at: OffsetDateTime,
    /// When it was answered or withdrawn.
    pub ended_at: Option<OffsetDateTime>,
}

impl TaskRow {
    /// Its place in the inbox: see [`tasks`].
    #[must_use]
    pub fn place(&self) -> TaskPlace {
        (self.due_at.filter(|_| self.status == "open"), self.id)
    }
}

/// A place in the inbox: the deadline of an open task, if it has one, and the task.
pub type TaskPlace = (Option<OffsetDateTime>, TaskId);

/// Which tasks to list.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of this run.
    pub run: Option<RunId>,
    /// With this status.
    pub status: Option<String>,
    /// Claimed by this person.
    pub claimed_by: Option<String>,
    /// Whose deadline had passed at this moment, or before they were answered or withdrawn.
    pub overdue: Option<OffsetDateTime>,
    /// After this place.
    pub after: Option<TaskPlace>,
    /// Before this place.
    pub before: Option<TaskPlace>,
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
            claimed_by: row.claimed_by,
            claimed_at: row.claimed_at,
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
        "select id, run_id, tenant_id, epoch, name, task, title, text, schema, context, status, due_at, answer, answered_by, claimed_by,
                claimed_at, created_at, ended_at
         from tasks where id = $1",
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::NotFound("task"))?;
    Ok(task_row!(row))
}

/// Tasks: first the open ones with a deadline, the nearest before the others; then what is newest.
///
/// # Errors
/// The database cannot be reached.
pub async fn tasks(tx: &mut Tx, filter: &TaskFilter) -> Result<Vec<TaskRow>> {
    let (after, before) = (filter.after, filter.before);
    let rows = sqlx::query!(
        "select id, run_id, tenant_id, epoch, name, task, title, text, schema, context, status, due_at, answer, answered_by, claimed_by,
                claimed_at, created_at, ended_at
         from tasks
         where ($1::uuid is null or tenant_id = $1) and ($2::uuid is null or run_id = $2) and ($3::text is null or status = $3)
           and ($4::text is null or claimed_by = $4)
           and ($5::timestamptz is null or due_at <= coalesce(ended_at, $5))
           and ($6::uuid is null or (place >= coalesce($7::timestamptz, 'infinity')
                                     and (place > coalesce($7::timestamptz, 'infinity') or id < $6)))
           and ($8::uuid is null or (place <= coalesce($9::timestamptz, 'infinity')
                                     and (place < coalesce($9::timestamptz, 'infinity') or id > $8)))
         order by case when $8::uuid is null then place end asc, case when $8::uuid is null then id end desc, place desc, id asc
         limit $10",
        filter.tenant.map(|tenant| tenant.0),
        filter.run.map(|run| run.0),
        filter.status,
        filter.claimed_by,
        filter.overdue,
        after.map(|(_, id)| id.0),
        after.and_then(|(due, _)| due),
        before.map(|(_, id)| id.0),
        before.and_then(|(due, _)| due),
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rows: Vec<TaskRow> = rows.into_iter().map(|row| task_row!(row)).collect();
    if before.is_some() {
        rows.reverse();
    }
    Ok(rows)
}

/// Says that somebody is at an open task, in the place of whoever was (`over`; none: nobody): of two who take it over at the same
/// moment one does.
///
/// # Errors
/// [`StoreError::Changed`]: it is closed, or it is not `over` who has claimed it.
pub async fn claim_task(tx: &mut Tx, id: TaskId, by: &str, over: Option<&str>, now: OffsetDateTime) -> Result<()> {
    let claimed = sqlx::query!(
        "update tasks set claimed_by = $2, claimed_at = $4 where id = $1 and status = 'open' and claimed_by is not distinct from $3",
        id.0,
        by,
        over,
        now,
    )
    .execute(&mut **tx)
    .await?;
    if claimed.rows_affected() == 0 { Err(StoreError::Changed) } else { Ok(()) }
}

/// Nobody is at an open task any more.
///
/// # Errors
/// [`StoreError::Changed`]: it is closed, or `from` is not who has claimed it.
pub async fn release_task(tx: &mut Tx, id: TaskId, from: &str) -> Result<()> {
    let released = sqlx::query!(
        "update tasks set claimed_by = null, claimed_at = null where id = $1 and status = 'open' and claimed_by = $2",
        id.0,
        from,
    )
    .execute(&mut **tx)
    .await?;
    if released.rows_affected() == 0 { Err(StoreError::Changed) } else { Ok(()) }
}
