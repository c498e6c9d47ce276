//! A tenant begins to leave, or is only looked at.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{RunId, TenantId};
use tenantry_store::{
    StoreError,
    export::begin_export,
    offboard::{Begun, beforehand, begin as leave},
    runs::{NewRun, Started, run, start},
    tenancy::{TenantRow, lock_tenant, tenant},
};
use tenantry_workflows::tenant_offboarding::{Data, TenantOffboarding};
use utoipa::ToSchema;

use super::preview::OffboardingPreview;
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Fields, Id},
    idempotency::Once,
    problem::{Code, Problem},
    routes::run::{Run, location_of},
    state::ApiState,
    write::{audit, commit, retrying},
};

const LONGEST_REASON: usize = 500;
const LONGEST_GRACE: u32 = 90;

/// How a tenant is to leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedOffboarding {
    /// Only say what would happen. So it is unless this is `false`.
    #[serde(default = "yes")]
    #[schema(default = true)]
    dry_run: bool,
    /// Why, for whoever looks at the run and the audit log later; both outlive the tenant, so no names of people. Needed where this is
    /// no dry run.
    #[schema(min_length = 1, max_length = 500)]
    reason: Option<String>,
    /// Days in which the tenant can be brought back.
    #[serde(default = "a_month")]
    #[schema(default = 30, minimum = 0, maximum = 90)]
    grace_days: u32,
}

fn yes() -> bool {
    true
}

fn a_month() -> u32 {
    30
}

/// Have a tenant leave, or see what that would do
///
/// From the first moment on the tenant sends no mail and its people and keys are not let in. Then a copy of what is its own is
/// written, the grace period passes, its domains and hostnames are taken down, and its rows are removed.
#[utoipa::path(post, path = "/v1/tenants/{id}/offboarding", tag = "Tenants", operation_id = "offboardTenant",
    params(("id" = String, Path, description = "The tenant.")), request_body = WantedOffboarding,
    responses(
        (status = 200, description = "A dry run: what would happen.", body = OffboardingPreview),
        (status = 202, description = "It is leaving.", body = Run, headers(("Location" = String, description = "The run."))),
        (status = 409, description = "`tenant_status_unfit`: it is still being set up, or is leaving already, or has left."),
    ))]
pub(crate) async fn offboard_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WantedOffboarding>,
) -> Result<Answer> {
    caller.require_platform()?;
    let WantedOffboarding { dry_run, reason, grace_days } = &body.value;
    let reason = reason.as_deref().unwrap_or_default().trim();
    let mut fields = Fields::default();
    let said = (!dry_run || !reason.is_empty()).then_some(reason);
    if said.is_some_and(|text| {
        text.is_empty() || text.chars().count() > LONGEST_REASON || text.chars().any(char::is_control)
    }) {
        fields.wrong("/reason", "the reason must have 1 to 500 characters in one line");
    }
    if *grace_days > LONGEST_GRACE {
        fields.wrong("/graceDays", "there may be 0 to 90 days of grace");
    }
    fields.finish(Some(()))?;
    if *dry_run {
        return preview(&state, &caller, id, *grace_days).await;
    }
    retrying(|| begin(&state, &caller, id, (reason, *grace_days), &body.once)).await
}

async fn preview(state: &ApiState, caller: &Caller, id: TenantId, days: u32) -> Result<Answer> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = tenant(&mut tx, id).await?;
    fits(&row)?;
    let has = beforehand(&mut tx, id).await?;
    commit(tx).await?;
    Ok(Answer::first(reply(StatusCode::OK, None, &OffboardingPreview::of(&row, has, days))))
}

async fn begin(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    (reason, days): (&str, u32),
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let before = lock_tenant(&mut tx, id).await?;
    fits(&before)?;
    let run_id = RunId::new();
    let data = Data::new(id, before.name.clone(), reason.to_owned(), days);
    let new = NewRun {
        id: run_id,
        kind: TenantOffboarding::KIND,
        tenant: Some(id),
        external_key: Some(id.to_string()),
        started_by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
        change: advance::start::<TenantOffboarding>(data),
    };
    let Started::New(hints) = start(&mut tx, &new, timing).await? else {
        return Err(StoreError::Changed.into());
    };
    if leave(&mut tx, id, run_id, timing.now).await? != Begun::Leaving {
        return Err(StoreError::Changed.into());
    }
    begin_export(&mut tx, run_id, id, true, &actor, timing.now).await?;
    let reply = reply(StatusCode::ACCEPTED, Some(location_of(run_id)), &Run::from(run(&mut tx, run_id).await?));
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "tenant.offboard", &subject);
    (line.tenant, line.run) = (Some(id), Some(run_id));
    line.before = Some(json!({ "status": before.status }));
    line.after = Some(json!({ "status": "offboarding", "reason": reason, "graceDays": days }));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Only a tenant that is set up can leave, and only once.
fn fits(tenant: &TenantRow) -> Result<(), Problem> {
    let words = match tenant.status.as_str() {
        "active" | "suspended" => return Ok(()),
        "provisioning" => {
            "The tenant is still being set up, and has nothing to take with it. Cancel its onboarding instead."
        }
        "offboarding" => "The tenant is leaving already. Look at its offboarding.",
        _ => "The tenant has left.",
    };
    Err(Problem::new(Code::TenantStatusUnfit, words))
}
