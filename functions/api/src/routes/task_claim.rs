//! Somebody says that they are at a task. A courtesy, and no lock: anybody who may can answer all the same.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::TaskId;
use tenantry_store::runs::{TaskRow, claim_task, release_task, task};
use utoipa::ToSchema;

use super::{task_answer::closed, tasks::Task};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// How a task is claimed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    /// Take it over from whoever has it.
    #[serde(default)]
    #[schema(default = false)]
    force: bool,
}

/// Releasing takes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {}

/// Claim a task
///
/// Others see who is at it, and may answer all the same. Claimed again by the same person it stays as it is.
#[utoipa::path(post, path = "/v1/tasks/{id}/claim", tag = "Tasks", operation_id = "claimTask",
    params(("id" = String, Path, description = "The task.")), request_body(content = Option<Claim>),
    responses(
        (status = 200, description = "The task, claimed.", body = Task),
        (status = 409, description = "`task_claimed`: somebody else is at it. `task_closed`: nobody is asked any more."),
    ))]
pub(crate) async fn claim(
    May(caller, _): May<needs::TasksAnswer>,
    State(state): State<ApiState>,
    Id(id): Id<TaskId>,
    body: Body<Claim>,
) -> Result<Answer> {
    retrying(|| turn(&state, &caller, id, Turn::Claim { force: body.value.force }, &body.once)).await
}

/// Release a task
///
/// Nobody is at it any more. One that nobody has claimed stays as it is; another's claim is taken over by claiming it.
#[utoipa::path(post, path = "/v1/tasks/{id}/release", tag = "Tasks", operation_id = "releaseTask",
    params(("id" = String, Path, description = "The task.")), request_body(content = Option<Release>),
    responses(
        (status = 200, description = "The task, claimed by nobody.", body = Task),
        (status = 409, description = "`task_claimed`: somebody else is at it. `task_closed`: nobody is asked any more."),
    ))]
pub(crate) async fn release(
    May(caller, _): May<needs::TasksAnswer>,
    State(state): State<ApiState>,
    Id(id): Id<TaskId>,
    body: Body<Release>,
) -> Result<Answer> {
    retrying(|| turn(&state, &caller, id, Turn::Release, &body.once)).await
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    Claim { force: bool },
    Release,
}

async fn turn(state: &ApiState, caller: &Caller, id: TaskId, turn: Turn, once: &Once) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let before = task(&mut tx, id).await?;
    if before.status != "open" {
        return Err(closed(&before).into());
    }
    let holder = before.claimed_by.as_deref();
    let mine = holder == Some(actor.as_str());
    let action = match (turn, holder) {
        (Turn::Claim { force: false } | Turn::Release, Some(other)) if !mine => {
            return Err(taken(&before, other).into());
        }
        (Turn::Claim { .. }, _) if mine => None,
        (Turn::Claim { .. }, other) => {
            claim_task(&mut tx, id, &actor, other, now).await?;
            Some("task.claim")
        }
        (Turn::Release, Some(_)) => {
            release_task(&mut tx, id, &actor).await?;
            Some("task.release")
        }
        (Turn::Release, None) => None,
    };
    let after = task(&mut tx, id).await?;
    let reply = reply(StatusCode::OK, None, &Task::from(after));
    once.keep(&mut tx, scope, &reply, now).await?;
    if let Some(action) = action {
        let subject = id.to_string();
        let mut line = caller.did(&actor, action, &subject);
        (line.tenant, line.run) = (before.tenant, Some(before.run));
        line.before = Some(json!({ "task": before.name, "claimedBy": holder }));
        audit(&mut tx, caller, line, now).await?;
    }
    commit(tx).await?;
    Ok(Answer::first(reply))
}

fn taken(task: &TaskRow, by: &str) -> Problem {
    let since = task.claimed_at.and_then(|at| at.format(&time::format_description::well_known::Rfc3339).ok());
    let since = since.map(|at| format!(" since {at}")).unwrap_or_default();
    Problem::new(Code::TaskClaimed, format!("{by} is at this task{since}."))
}
