//! A person answers a task.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tenantry_model::TaskId;
use tenantry_store::runs::{TaskRow, answer_task, run, task};
use utoipa::ToSchema;

use super::{
    schema::{check, unusable},
    signals::kind_of,
    tasks::Task,
};
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

/// An answer to a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    /// What the task's `schema` describes.
    #[schema(value_type = Object, example = json!({"action": "resend"}))]
    answer: Value,
}

/// Answer a task
///
/// Whoever has claimed it need not be the one who answers: `claimedBy` still says who had.
#[utoipa::path(post, path = "/v1/tasks/{id}/answer", tag = "Tasks", operation_id = "answerTask",
    params(("id" = String, Path, description = "The task.")), request_body = NewAnswer,
    responses(
        (status = 200, description = "The task, answered.", body = Task),
        (status = 409, description = "`task_closed`: somebody was faster, the run went on, or the time to answer is over."),
    ))]
pub(crate) async fn answer(
    May(caller, _): May<needs::TasksAnswer>,
    State(state): State<ApiState>,
    Id(id): Id<TaskId>,
    body: Body<NewAnswer>,
) -> Result<Answer> {
    retrying(|| tell(&state, &caller, id, &body.value.answer, &body.once)).await
}

async fn tell(state: &ApiState, caller: &Caller, id: TaskId, answer: &Value, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let asked = task(&mut tx, id).await?;
    if asked.status != "open" {
        return Err(closed(&asked).into());
    }
    // Nobody has to have withdrawn it.
    if asked.due_at.is_some_and(|due| due <= now) {
        let detail = "The time to answer this task is over; the run goes on without an answer.";
        return Err(Problem::new(Code::TaskClosed, detail).into());
    }
    check(&asked.schema, answer, "/answer")?;
    let of = run(&mut tx, asked.run).await?;
    let event = kind_of(&of)?
        .answered(&asked.task, answer.clone(), &actor)
        .map_err(|words| unusable(&asked.schema, &words, "/answer"))?;
    let hints = answer_task(&mut tx, &of, &asked, event, answer.clone(), &actor, timing).await?;
    let answered = task(&mut tx, id).await?;
    let reply = reply(StatusCode::OK, None, &Task::from(answered));
    once.keep(&mut tx, scope, &reply, now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "task.answer", &subject);
    (line.tenant, line.run) = (asked.tenant, Some(asked.run));
    line.before = Some(json!({ "task": asked.name, "status": "open", "claimedBy": asked.claimed_by }));
    // Of the answer only what was chosen: a field may hold an address, and the log can never be changed.
    line.after = Some(json!({ "task": asked.name, "status": "answered", "action": answer.get("action") }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Nobody is asked any more.
pub(super) fn closed(task: &TaskRow) -> Problem {
    let detail = match task.status.as_str() {
        "answered" => "Somebody has answered this task.",
        _ => "The run went on, and does not need an answer any more.",
    };
    Problem::new(Code::TaskClosed, detail)
}
