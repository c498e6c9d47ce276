//! A drill: a run that visits every function, a timer and the database.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::RunId;
use tenantry_store::{
    StoreError,
    runs::{NewRun, Started, run, start},
};
use tenantry_workflows::drill::{Data, Drill};
use utoipa::ToSchema;

use super::{
    onboard::waited,
    run::{Run, location_of},
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Query},
    idempotency::Once,
    state::ApiState,
    wait::Wait,
    write::{audit, commit, retrying},
};

/// A drill takes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDrill {}

/// Start a drill
///
/// A run that visits every function, a timer and the database, and ends `completed` when all of them work.
#[utoipa::path(post, path = "/v1/drills", tag = "Platform", operation_id = "startDrill", params(Wait),
    request_body(content = Option<NewDrill>),
    responses((status = 202, description = "The drill has begun.", body = Run,
        headers(("Location" = String, description = "The run.")))))]
pub(crate) async fn start_drill(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Query(wait): Query<Wait>,
    body: Body<NewDrill>,
) -> Result<Answer> {
    caller.require_platform()?;
    let answer = retrying(|| begin(&state, &caller, &body.once)).await?;
    waited(&state, &caller, answer, &wait).await
}

async fn begin(state: &ApiState, caller: &Caller, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let id = RunId::new();
    let new = NewRun {
        id,
        kind: Drill::KIND,
        tenant: None,
        external_key: None,
        started_by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
        change: advance::start::<Drill>(Data::default()),
    };
    let Started::New(hints) = start(&mut tx, &new, timing).await? else {
        return Err(StoreError::Changed.into());
    };
    let reply = reply(StatusCode::ACCEPTED, Some(location_of(id)), &Run::from(run(&mut tx, id).await?));
    once.keep(&mut tx, scope, &reply, now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "drill.start", &subject);
    line.run = Some(id);
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}
