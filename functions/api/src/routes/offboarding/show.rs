//! How far an offboarding is.

use axum::{Json, extract::State};
use tenantry_model::TenantId;

use super::shape::{Offboarding, last};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    state::ApiState,
    write::commit,
};

/// Show how a tenant leaves
///
/// The last time it did: also one that was called off, or is over.
#[utoipa::path(get, path = "/v1/tenants/{id}/offboarding", tag = "Tenants", operation_id = "getOffboarding",
    params(("id" = String, Path, description = "The tenant.")),
    responses((status = 200, description = "The offboarding.", body = Offboarding)))]
pub(crate) async fn get_offboarding(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
) -> Result<Json<Offboarding>> {
    caller.require_platform()?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let run = last(&mut tx, id).await?;
    let shown = Offboarding::of(&mut tx, id, run).await?;
    commit(tx).await?;
    Ok(Json(shown))
}
