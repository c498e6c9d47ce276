//! Which exports there are, and what is in one.

use axum::{Json, extract::State};
use serde::Deserialize;
use tenantry_model::{RunId, TenantId};
use tenantry_store::{
    export::{self, parts},
    tenancy::tenant,
};
use utoipa::IntoParams;

use super::shape::{Export, ExportManifest};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::{Id, Under},
    list::{ForwardParams, List, Listing},
    state::ApiState,
    write::commit,
};

/// Nothing to choose by.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportsFilter {}

/// List a tenant's exports, newest first
#[utoipa::path(get, path = "/v1/tenants/{id}/exports", tag = "Tenants", operation_id = "listExports",
    params(("id" = String, Path, description = "The tenant."), ForwardParams),
    responses((status = 200, description = "Its exports.", body = List<Export>)))]
pub(crate) async fn list_exports(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    listing: Listing<ExportsFilter>,
) -> Result<Json<List<Export>>> {
    caller.require_platform()?;
    let (ExportsFilter {}, page) = listing.forward::<RunId>()?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    tenant(&mut tx, id).await?;
    let rows = export::exports(&mut tx, id, page.after, page.rows()).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| row.id.into(), |row| Export::of(&row))))
}

/// Show an export, with its parts
#[utoipa::path(get, path = "/v1/tenants/{id}/exports/{export}", tag = "Tenants", operation_id = "getExport",
    params(("id" = String, Path, description = "The tenant."), ("export" = String, Path, description = "The export.")),
    responses((status = 200, description = "The manifest.", body = ExportManifest)))]
pub(crate) async fn get_export(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Under(tenant, id): Under<RunId>,
) -> Result<Json<ExportManifest>> {
    caller.require_platform()?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = export::export(&mut tx, tenant, id).await?;
    let parts = parts(&mut tx, id).await?;
    commit(tx).await?;
    Ok(Json(ExportManifest::of(&row, parts)))
}
