//! Tasks for people: list and show.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::{RunId, TaskId, TenantId};
use tenantry_store::runs::{TaskFilter, TaskPlace, TaskRow, task, tasks};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    list::{List, Listing, PageParams},
    state::ApiState,
    write::commit,
};

/// A question to a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    /// Its id.
    #[schema(value_type = String, example = "tsk_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    id: TaskId,
    /// The run that waits for the answer.
    #[schema(value_type = String)]
    run_id: RunId,
    /// The tenant it is about.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// Its name.
    name: String,
    /// One line.
    title: String,
    /// What happened, what was seen, what each answer does.
    text: String,
    /// JSON Schema (2020-12) of the answer.
    #[schema(value_type = Object)]
    schema: Value,
    /// Facts that help to decide.
    #[schema(value_type = Object)]
    context: Value,
    /// `open`, `answered` or `withdrawn`.
    status: String,
    /// How long an answer is useful.
    #[serde(with = "time::serde::rfc3339::option")]
    due_at: Option<OffsetDateTime>,
    /// The answer.
    #[schema(value_type = Option<Object>)]
    answer: Option<Value>,
    /// Who gave it.
    answered_by: Option<String>,
    /// Who is at it, or was when it was closed.
    claimed_by: Option<String>,
    /// Since when.
    #[serde(with = "time::serde::rfc3339::option")]
    claimed_at: Option<OffsetDateTime>,
    /// When it was opened.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was answered or withdrawn.
    #[serde(with = "time::serde::rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
}

impl From<TaskRow> for Task {
    fn from(row: TaskRow) -> Self {
        Self {
            id: row.id,
            run_id: row.run,
            tenant_id: row.tenant,
            name: row.name,
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
    }
}

/// How a task stands.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TaskStatus {
    /// It waits for an answer.
    #[default]
    Open,
    /// Somebody has answered.
    Answered,
    /// The run went on without.
    Withdrawn,
    /// Any of these.
    Any,
}

/// Which tasks to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TasksFilter {
    /// With this status; `open` where none is named.
    #[param(inline, default = "open")]
    status: Option<TaskStatus>,
    /// Of this tenant.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Of this run.
    #[param(value_type = Option<String>)]
    run: Option<RunId>,
    /// Claimed by this person; `me` for the caller.
    claimed_by: Option<String>,
    /// Only those whose deadline has passed without an answer. (They are withdrawn soon after: see `status`.)
    overdue: Option<bool>,
}

/// List tasks: first what has a deadline, the nearest before the others, then what is newest
#[utoipa::path(get, path = "/v1/tasks", tag = "Tasks", operation_id = "listTasks", params(PageParams, TasksFilter),
    responses((status = 200, description = "Tasks that the caller may see.", body = List<Task>)))]
pub(crate) async fn list_tasks(
    May(caller, _): May<needs::TasksAnswer>,
    State(state): State<ApiState>,
    listing: Listing<TasksFilter>,
) -> Result<Json<List<Task>>> {
    let (filter, page) = listing.page::<TaskPlace>()?;
    let status = match filter.status.unwrap_or_default() {
        TaskStatus::Open => Some("open"),
        TaskStatus::Answered => Some("answered"),
        TaskStatus::Withdrawn => Some("withdrawn"),
        TaskStatus::Any => None,
    };
    let filter = TaskFilter {
        tenant: filter.tenant,
        run: filter.run,
        status: status.map(str::to_owned),
        claimed_by: filter.claimed_by.map(|by| if by == "me" { caller.actor() } else { by }),
        overdue: filter.overdue.filter(|overdue| *overdue).map(|_| state.db.clock().now()),
        after: page.after,
        before: page.before,
        limit: page.rows(),
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = tasks(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, TaskRow::place, Task::from)))
}

/// Show a task
#[utoipa::path(get, path = "/v1/tasks/{id}", tag = "Tasks", operation_id = "getTask",
    params(("id" = String, Path, description = "The task.")),
    responses((status = 200, description = "The task.", body = Task)))]
pub(crate) async fn get_task(
    May(caller, _): May<needs::TasksAnswer>,
    State(state): State<ApiState>,
    Id(id): Id<TaskId>,
) -> Result<Json<Task>> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = task(&mut tx, id).await?;
    commit(tx).await?;
    Ok(Json(row.into()))
}
