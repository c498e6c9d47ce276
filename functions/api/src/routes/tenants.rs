//! Tenants: list and show.

use axum::{Json, extract::State, response::Response};
use serde::{Deserialize, Serialize};
use tenantry_model::{RunId, TenantId};
use tenantry_store::tenancy::{TenantFilter, TenantRow, tenant, tenants};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    list::{ForwardParams, List, Listing},
    state::ApiState,
    version::with_etag,
    write::commit,
};

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tenant {
    /// Its id.
    #[schema(value_type = String, example = "ten_6f1c2d3e4f5a4b6c8d7e9f0a1b2c3d4e")]
    id: TenantId,
    /// Its name.
    name: String,
    /// Its name as a label.
    slug: String,
    /// Its contact address; none once it has left.
    #[schema(format = Email)]
    email: Option<String>,
    /// Its plan.
    contract_line: String,
    /// How it stands.
    #[schema(value_type = TenantStatus)]
    status: String,
    /// The caller's own key.
    external_key: Option<String>,
    /// The host name of its portal.
    portal_host: Option<String>,
    /// The run that made it.
    #[schema(value_type = String)]
    run_id: RunId,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// When it became active.
    #[serde(with = "time::serde::rfc3339::option")]
    activated_at: Option<OffsetDateTime>,
    /// Since when it is suspended; also while it leaves, where it was suspended before.
    #[serde(with = "time::serde::rfc3339::option")]
    suspended_at: Option<OffsetDateTime>,
    /// Why, in the words of whoever suspended it.
    suspended_reason: Option<String>,
    /// The run that takes it down.
    #[schema(value_type = Option<String>)]
    offboarding_run_id: Option<RunId>,
    /// Counts its changes; in the ETag.
    version: i32,
}

/// How a tenant stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TenantStatus {
    /// Being onboarded.
    Provisioning,
    /// At work.
    Active,
    /// Its mail stops, and logins are refused.
    Suspended,
    /// On its way out, or to be brought back: its mail stops, and logins are refused.
    Offboarding,
    /// Gone.
    Offboarded,
}

impl From<TenantRow> for Tenant {
    fn from(row: TenantRow) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            slug: row.slug,
            email: row.email,
            contract_line: row.contract_line,
            status: row.status,
            external_key: row.external_key,
            portal_host: row.portal_host,
            run_id: row.run_id.into(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            activated_at: row.activated_at,
            suspended_at: row.suspended_at,
            suspended_reason: row.suspended_reason,
            offboarding_run_id: row.offboarding_run.map(RunId),
            version: row.version,
        }
    }
}

/// Which tenants to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TenantsFilter {
    /// With this status.
    #[param(inline)]
    status: Option<TenantStatus>,
    /// With this external key.
    external_key: Option<String>,
    /// Whose name or slug contains this, in any case.
    search: Option<String>,
}

/// List tenants, newest first
///
/// Whoever belongs to a tenant sees that one only.
#[utoipa::path(get, path = "/v1/tenants", tag = "Tenants", operation_id = "listTenants",
    params(ForwardParams, TenantsFilter),
    responses((status = 200, description = "Tenants that the caller may see.", body = List<Tenant>)))]
pub(crate) async fn list_tenants(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    listing: Listing<TenantsFilter>,
) -> Result<Json<List<Tenant>>> {
    let (filter, page) = listing.forward::<(OffsetDateTime, TenantId)>()?;
    let filter = TenantFilter {
        status: filter.status.map(|status| status.as_str().to_owned()),
        external_key: filter.external_key,
        search: filter.search,
        after: page.after,
        limit: page.rows(),
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = tenants(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| (row.created_at, row.id.into()), Tenant::from)))
}

impl TenantStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Offboarding => "offboarding",
            Self::Offboarded => "offboarded",
        }
    }
}

/// Show a tenant
#[utoipa::path(get, path = "/v1/tenants/{id}", tag = "Tenants", operation_id = "getTenant",
    params(("id" = String, Path, description = "The tenant.")),
    responses((status = 200, description = "The tenant.", body = Tenant,
        headers(("ETag" = String, description = "Its version, to be sent as `If-Match` with a change.")))))]
pub(crate) async fn get_tenant(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
) -> Result<Response> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = tenant(&mut tx, id).await?;
    commit(tx).await?;
    let version = row.version;
    Ok(with_etag(Tenant::from(row), version))
}
