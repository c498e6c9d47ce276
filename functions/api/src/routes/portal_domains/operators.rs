//! What operators see of all tenants' portals.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tenantry_model::{Domain, TenantId};
use tenantry_store::portal::{PortalFilter, PortalRow, portals_of};
use utoipa::{IntoParams, ToSchema};

use super::shape::{PortalDomainStatus, PortalHostname};
use crate::{
    auth::{May, needs},
    error::Result,
    list::{ForwardParams, List, Listing, PortalPlace},
    state::ApiState,
    write::commit,
};

/// Which hostnames to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PortalsFilter {
    /// With this status.
    #[param(inline)]
    status: Option<PortalDomainStatus>,
    /// Of this name.
    #[param(value_type = Option<String>)]
    domain: Option<Domain>,
    /// Of this tenant.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Those that are over, too.
    gone: Option<bool>,
}

/// A hostname, and whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantsHostname {
    /// Whose.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// The host that the portal always answers at.
    canonical_host: String,
    /// Which, and how it stands.
    #[serde(flatten)]
    hostname: PortalHostname,
}

impl From<PortalRow> for TenantsHostname {
    fn from(row: PortalRow) -> Self {
        Self {
            tenant_id: TenantId(row.tenant_id),
            canonical_host: row.canonical_host.clone(),
            hostname: PortalHostname::of(row, false, true),
        }
    }
}

/// List all tenants' hostnames of portals, newest first
#[utoipa::path(get, path = "/v1/portal-domains", tag = "Portals", operation_id = "listPortalDomains",
    params(ForwardParams, PortalsFilter),
    responses((status = 200, description = "The hostnames.", body = List<TenantsHostname>)))]
pub(crate) async fn list_portal_domains(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    listing: Listing<PortalsFilter>,
) -> Result<Json<List<TenantsHostname>>> {
    caller.require_platform()?;
    let (filter, page) = listing.forward::<PortalPlace>()?;
    let filter = PortalFilter {
        tenant: filter.tenant,
        status: filter.status.map(|status| status.as_str().to_owned()),
        domain: filter.domain.map(|domain| domain.to_string()),
        gone: filter.gone.unwrap_or_default(),
        before: page.after.map(|after| after.0),
        limit: page.rows(),
        ..PortalFilter::default()
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = portals_of(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| PortalPlace(row.id), TenantsHostname::from)))
}
