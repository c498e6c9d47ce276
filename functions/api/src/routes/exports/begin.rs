//! An export is begun.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{RunId, TenantId};
use tenantry_store::{
    StoreError,
    export::begin_export,
    runs::{NewRun, Started, run, start},
    tenancy::tenant,
};
use tenantry_workflows::tenant_export::{Data, TenantExport};
use utoipa::ToSchema;

use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id, Query},
    idempotency::Once,
    problem::{Code, Problem},
    routes::{
        onboard::waited,
        run::{Run, location_of},
    },
    state::ApiState,
    wait::Wait,
    write::{audit, commit, retrying},
};

/// An export takes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExport {}

/// Export what is a tenant's own
///
/// People, settings, templates, lists, domains, messages with their words while they are kept, what became of them, and the audit log.
/// No password, key or secret. The export has the id of the run, and is kept for 30 days.
#[utoipa::path(post, path = "/v1/tenants/{id}/exports", tag = "Tenants", operation_id = "exportTenant",
    params(("id" = String, Path, description = "The tenant."), Wait), request_body(content = Option<NewExport>),
    responses(
        (status = 202, description = "It has begun.", body = Run, headers(("Location" = String, description = "The run."))),
        (status = 409, description = "`tenant_status_unfit`: the tenant is being set up, is being removed, or is gone."),
    ))]
pub(crate) async fn export_tenant(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    Query(wait): Query<Wait>,
    body: Body<NewExport>,
) -> Result<Answer> {
    caller.require_platform()?;
    let NewExport {} = body.value;
    let answer = retrying(|| begin(&state, &caller, id, &body.once)).await?;
    waited(&state, &caller, answer, &wait).await
}

async fn begin(state: &ApiState, caller: &Caller, id: TenantId, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let tenant = tenant(&mut tx, id).await?;
    match tenant.status.as_str() {
        "provisioning" => {
            let words = "The tenant is still being set up, and has nothing to export yet.";
            return Err(Problem::new(Code::TenantStatusUnfit, words).into());
        }
        "offboarded" => {
            let words = "The tenant has left. What it took with it is among its exports for 30 days.";
            return Err(Problem::new(Code::TenantStatusUnfit, words).into());
        }
        "offboarding" if tenant.removing => {
            let words = "The tenant's rows are being removed, and an export would lack some. The one that was made before is among its exports.";
            return Err(Problem::new(Code::TenantStatusUnfit, words).into());
        }
        _ => {}
    }
    let run_id = RunId::new();
    let new = NewRun {
        id: run_id,
        kind: TenantExport::KIND,
        tenant: Some(id),
        external_key: None,
        started_by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
        change: advance::start::<TenantExport>(Data::new(id)),
    };
    let Started::New(hints) = start(&mut tx, &new, timing).await? else {
        return Err(StoreError::Changed.into());
    };
    begin_export(&mut tx, run_id, id, false, &actor, timing.now).await?;
    let reply = reply(StatusCode::ACCEPTED, Some(location_of(run_id)), &Run::from(run(&mut tx, run_id).await?));
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "tenant.export", &subject);
    (line.tenant, line.run) = (Some(id), Some(run_id));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}
