//! A tenant's portal: show.

use axum::{Json, extract::State};
use tenantry_model::TenantId;
use tenantry_store::{Scope, tenancy::tenant};

use super::{place::Hostnames, portal::Portal};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    state::ApiState,
    write::commit,
};

/// Show a tenant's portal
///
/// The host that it always answers at; and the hostname that the tenant has set, how it stands, and what to do next.
#[utoipa::path(get, path = "/v1/tenants/{id}/portal-domain", tag = "Portals", operation_id = "getPortalDomain",
    params(("id" = String, Path, description = "The tenant.")),
    responses((status = 200, description = "The portal.", body = Portal)))]
pub(crate) async fn get_portal_domain(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
) -> Result<Json<Portal>> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let canonical_host = tenant(&mut tx, id).await?.portal_host;
    let rows = Hostnames::of(&mut tx, id).await?;
    commit(tx).await?;
    Ok(Json(Portal::of(&state, canonical_host, &rows, caller.scope() != Scope::Platform)))
}
