//! "Try again now."

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{Workflow as _, life::name_of};
use tenantry_model::RunId;
use tenantry_store::{
    Tx,
    runs::{Hint, RunRow, retry_now, run, signal},
};
use tenantry_workflows::webhook_delivery::{State as Delivery, WebhookDelivery};
use utoipa::ToSchema;
use uuid::Uuid;

use super::signals::kind_of;
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    wait::has_ended,
    write::{audit, commit, retrying},
};

/// A retry takes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryNow {}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Retried {
    /// How many commands are performed now.
    hinted: usize,
}

/// Make a run's waiting retries due now
///
/// A delivery to a webhook endpoint that waits for its next try begins it, also where the endpoint is left alone for a while.
#[utoipa::path(post, path = "/v1/runs/{id}/retry", tag = "Runs", operation_id = "retryRun",
    params(("id" = String, Path, description = "The run.")), request_body(content = Option<RetryNow>),
    responses(
        (status = 200, description = "How many commands are tried again now; 0 when none waits.", body = Retried),
        (status = 409, description = "`run_ended`."),
    ))]
pub(crate) async fn retry_run(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    body: Body<RetryNow>,
) -> Result<Answer> {
    retrying(|| hasten(&state, &caller, id, &body.once)).await
}

/// Makes the waiting retries of one run due now.
pub(super) async fn hasten(state: &ApiState, caller: &Caller, id: RunId, once: &Once) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let row = run(&mut tx, id).await?;
    if has_ended(&row) {
        let detail = format!("The run is {}; nothing of it can be tried again.", row.status.replace('_', " "));
        return Err(Problem::new(Code::RunEnded, detail).into());
    }
    let mut hints = retry_now(&mut tx, id, now).await?;
    hints.extend(told(state, &mut tx, &row).await?);
    let reply = reply(StatusCode::OK, None, &Retried { hinted: hints.len() });
    once.keep(&mut tx, scope, &reply, now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "run.retry", &subject);
    (line.tenant, line.run) = (row.tenant, Some(id));
    line.after = Some(json!({ "hinted": hints.len() }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// A delivery to a webhook endpoint waits for its own next try, and not a command of it. Other lives are not told: what they would make of it
/// is theirs to decide, and for the routes that ask them.
async fn told(state: &ApiState, tx: &mut Tx, row: &RunRow) -> Result<Vec<Hint>> {
    if row.kind != WebhookDelivery::KIND || row.state != name_of(&Delivery::Waiting) || row.paused_at.is_some() {
        return Ok(Vec::new());
    }
    let event = kind_of(row)?.signal("retry", Value::Null).map_err(|words| Problem::new(Code::InvalidSignal, words))?;
    Ok(signal(tx, row, event, Uuid::now_v7().to_string(), state.db.timing()).await?)
}
