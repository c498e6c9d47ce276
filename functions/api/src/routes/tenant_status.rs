//! Operators suspend a tenant, and resume it.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::TenantId;
use tenantry_store::tenancy::{TenantRow, lock_tenant, note_change, suspend, tenant, unsuspend};
use tenantry_workflows::tenant_change::{Data, What};
use utoipa::ToSchema;

use super::tenants::Tenant;
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Fields, Id},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

const LONGEST_REASON: usize = 500;

/// Why a tenant is suspended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuspensionReason {
    /// Why, for whoever looks at the tenant later. Its administrators can read it in the audit log once they are let in again.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Nothing needs to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resumption {}

/// Suspend a tenant
///
/// From now on its people and keys are refused everywhere but at `GET /v1/me`, and its mail stops: what was accepted waits, and
/// leaves when the tenant is resumed; a message whose attempt is under way may finish. Its domains and its portal stay as they
/// are, and its runs go on. Suspended again, it keeps the reason that it has.
#[utoipa::path(post, path = "/v1/tenants/{id}/suspend", tag = "Tenants", operation_id = "suspendTenant",
    params(("id" = String, Path, description = "The tenant.")), request_body = SuspensionReason,
    responses(
        (status = 200, description = "It is suspended.", body = Tenant),
        (status = 409, description = "`tenant_status_unfit`: it is being set up, or leaves."),
    ))]
pub(crate) async fn suspend_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<SuspensionReason>,
) -> Result<Answer> {
    caller.require_platform()?;
    let reason = body.value.reason.trim();
    let mut fields = Fields::default();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        fields.wrong("/reason", "the reason must have 1 to 500 characters in one line");
    }
    fields.finish(Some(()))?;
    retrying(|| turn(&state, &caller, id, Some(reason), &body.once)).await
}

/// Resume a tenant
///
/// Its people and keys are let in again, and what waited leaves, unless the guard of its reputation, or an operator, has paused
/// its mail: that is lifted by itself.
#[utoipa::path(post, path = "/v1/tenants/{id}/resume", tag = "Tenants", operation_id = "resumeTenant",
    params(("id" = String, Path, description = "The tenant.")), request_body(content = Option<Resumption>),
    responses(
        (status = 200, description = "It is active.", body = Tenant),
        (status = 409, description = "`tenant_status_unfit`: it is being set up, or leaves."),
    ))]
pub(crate) async fn resume_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<Resumption>,
) -> Result<Answer> {
    caller.require_platform()?;
    let Resumption {} = body.value;
    retrying(|| turn(&state, &caller, id, None, &body.once)).await
}

/// Suspends with a reason, resumes without.
async fn turn(state: &ApiState, caller: &Caller, id: TenantId, reason: Option<&str>, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let before = lock_tenant(&mut tx, id).await?;
    if !may_turn(&before, reason.is_some())? {
        let reply = reply(StatusCode::OK, None, &Tenant::from(before));
        once.keep(&mut tx, scope, &reply, timing.now).await?;
        commit(tx).await?;
        return Ok(Answer::first(reply));
    }
    let (what, mut hints) = match reason {
        Some(reason) => {
            suspend(&mut tx, id, reason, timing.now).await?;
            (What::Suspended, Vec::new())
        }
        None => (What::Resumed, unsuspend(&mut tx, id, timing.now).await?.unwrap_or_default()),
    };
    let action = if reason.is_some() { "tenant.suspend" } else { "tenant.resume" };
    let data = Data { tenant: id, what: vec![what] };
    let (run, told) = note_change(&mut tx, data, &actor, Some(caller.call.trace.to_string()), timing).await?;
    hints.extend(told);
    let after = tenant(&mut tx, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, action, &subject);
    (line.tenant, line.run) = (Some(id), Some(run));
    line.before = Some(json!({ "status": before.status, "reason": before.suspended_reason }));
    line.after = Some(json!({ "status": after.status, "reason": after.suspended_reason }));
    let reply = reply(StatusCode::OK, None, &Tenant::from(after));
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Whether there is anything to do; refused where the tenant's status does not allow it.
fn may_turn(tenant: &TenantRow, off: bool) -> Result<bool, Problem> {
    let words = match (tenant.status.as_str(), off) {
        ("active", off) => return Ok(off),
        ("suspended", off) => return Ok(!off),
        ("provisioning", _) => {
            "The tenant is being set up, so it can be neither suspended nor resumed. Cancel its onboarding, or wait until it is active."
        }
        ("offboarding", true) => "The tenant is leaving: its mail has stopped already, and its people are not let in.",
        ("offboarding", false) => "The tenant is leaving. To bring it back, call its offboarding off.",
        _ => "The tenant has left.",
    };
    Err(Problem::new(Code::TenantStatusUnfit, words))
}
