//! An offboarding is called off, or hurried.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::TenantId;
use utoipa::ToSchema;

use super::shape::{Offboarding, last};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id},
    idempotency::Once,
    routes::life::tell,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Nothing needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NothingToSay {}

/// Bring a tenant back that is leaving
///
/// It is as it was: active or suspended. That works until its domains are being taken down; after that it is refused.
#[utoipa::path(post, path = "/v1/tenants/{id}/offboarding/restore", tag = "Tenants", operation_id = "restoreTenant",
    params(("id" = String, Path, description = "The tenant.")), request_body(content = Option<NothingToSay>),
    responses(
        (status = 202, description = "It comes back.", body = Offboarding),
        (status = 409, description = "`signal_refused`: what it had is being taken down; `run_ended`: it is over."),
    ))]
pub(crate) async fn restore_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<NothingToSay>,
) -> Result<Answer> {
    caller.require_platform()?;
    let NothingToSay {} = body.value;
    retrying(|| turn(&state, &caller, id, ("restore", "tenant.restore"), &body.once)).await
}

/// Do not wait for the end of the grace period
///
/// From then on the tenant cannot come back. While its export is still being written, that is waited for.
#[utoipa::path(post, path = "/v1/tenants/{id}/offboarding/remove-now", tag = "Tenants", operation_id = "removeTenantNow",
    params(("id" = String, Path, description = "The tenant.")), request_body(content = Option<NothingToSay>),
    responses(
        (status = 202, description = "It goes.", body = Offboarding),
        (status = 409, description = "`signal_refused`: a person is asked about its export, or it is coming back; `run_ended`: it is over."),
    ))]
pub(crate) async fn remove_now(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<NothingToSay>,
) -> Result<Answer> {
    caller.require_platform()?;
    let NothingToSay {} = body.value;
    retrying(|| turn(&state, &caller, id, ("removeNow", "tenant.remove_now"), &body.once)).await
}

async fn turn(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    (signal, action): (&str, &str),
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let run = last(&mut tx, id).await?;
    let told =
        tell(&mut tx, run, signal, &actor, "The offboarding is over: look at the tenant's status.", timing).await?;
    let shown = Offboarding::of(&mut tx, id, run).await?;
    let reply = reply(StatusCode::ACCEPTED, None, &shown);
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, action, &subject);
    (line.tenant, line.run) = (Some(id), Some(run));
    line.before = Some(json!({ "state": told.before.state }));
    line.after = Some(json!({ "state": reply.body["state"] }));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(told.hints).await;
    Ok(Answer::first(reply))
}
