//! Operators stop a tenant's mail, and let it go on.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_model::TenantId;
use tenantry_store::mail::{has_tenant, pause, resume};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Fields, Id},
    idempotency::Once,
    state::ApiState,
    write::{audit, commit, retrying},
};

const LONGEST_REASON: usize = 500;

/// Why a tenant's mail is stopped, or goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendingReason {
    /// Why. The tenant reads it while its mail is paused.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Whether a tenant's mail leaves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sending {
    /// It does not.
    paused: bool,
    /// Whether this request has changed it.
    changed: bool,
}

/// Stop a tenant's mail
///
/// What is accepted from now on waits, until somebody resumes. What was paused before keeps its reason.
#[utoipa::path(post, path = "/v1/tenants/{id}/sending/pause", tag = "Mail", operation_id = "pauseSending",
    params(("id" = String, Path, description = "The tenant.")), request_body = SendingReason,
    responses((status = 200, description = "It is paused.", body = Sending)))]
pub(crate) async fn pause_sending(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<SendingReason>,
) -> Result<Answer> {
    turn(&state, &caller, id, &body, true).await
}

/// Let a tenant's mail leave again
///
/// The guard counts from the next day on. A task that asks about it is withdrawn.
#[utoipa::path(post, path = "/v1/tenants/{id}/sending/resume", tag = "Mail", operation_id = "resumeSending",
    params(("id" = String, Path, description = "The tenant.")), request_body = SendingReason,
    responses((status = 200, description = "It leaves.", body = Sending)))]
pub(crate) async fn resume_sending(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<SendingReason>,
) -> Result<Answer> {
    turn(&state, &caller, id, &body, false).await
}

async fn turn(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    body: &Body<SendingReason>,
    off: bool,
) -> Result<Answer> {
    caller.require_platform()?;
    let reason = body.value.reason.trim();
    let mut fields = Fields::default();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        fields.wrong("/reason", "the reason must have 1 to 500 characters in one line");
    }
    fields.finish(Some(()))?;
    retrying(|| write(state, caller, id, reason, off, &body.once)).await
}

async fn write(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    reason: &str,
    off: bool,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    has_tenant(&mut tx, id).await?;
    let (changed, was, hints) = if off {
        (pause(&mut tx, id, reason, None).await?, None, Vec::new())
    } else {
        match resume(&mut tx, id, &actor, timing).await? {
            Some((opened, hints)) => (true, Some(opened.why), hints),
            None => (false, None, Vec::new()),
        }
    };
    let reply = reply(StatusCode::OK, None, &Sending { paused: off, changed });
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    if changed {
        let subject = id.to_string();
        let mut line = caller.did(&actor, if off { "sending.pause" } else { "sending.resume" }, &subject);
        line.tenant = Some(id);
        line.before = was.map(|why| json!({ "paused": why }));
        line.after = Some(json!({ "reason": reason }));
        audit(&mut tx, caller, line, timing.now).await?;
    }
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}
