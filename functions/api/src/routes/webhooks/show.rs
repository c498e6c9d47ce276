//! A tenant's endpoints: list and show.

use axum::{Json, extract::State, response::Response};
use serde::Deserialize;
use tenantry_model::{TenantId, WebhookEndpointId};
use tenantry_store::{
    mail::has_tenant,
    webhooks::{EndpointFilter, EndpointRow, endpoint, endpoints},
};

use super::shape::WebhookEndpoint;
use crate::{
    auth::{May, needs},
    error::Result,
    extract::{Id, Under},
    list::{ForwardParams, List, Listing},
    state::ApiState,
    version::with_etag,
    write::commit,
};

/// No filters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilter {}

/// List a tenant's webhook endpoints, newest first
#[utoipa::path(get, path = "/v1/tenants/{id}/webhook-endpoints", tag = "Webhooks", operation_id = "listWebhookEndpoints",
    params(("id" = String, Path, description = "The tenant."), ForwardParams),
    responses((status = 200, description = "The endpoints, without their secrets.", body = List<WebhookEndpoint>)))]
pub(crate) async fn list_webhook_endpoints(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    listing: Listing<NoFilter>,
) -> Result<Json<List<WebhookEndpoint>>> {
    caller.tenant_or_own(Some(id))?;
    let (NoFilter {}, page) = listing.forward::<WebhookEndpointId>()?;
    let filter =
        EndpointFilter { tenant: Some(id), after: page.after, limit: page.rows(), ..EndpointFilter::default() };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, id).await?;
    let rows = endpoints(&mut tx, &filter).await?;
    commit(tx).await?;
    let now = state.db.clock().now();
    Ok(Json(page.list(rows, |row| WebhookEndpointId(row.id), |row| WebhookEndpoint::of(row, now))))
}

/// Show a webhook endpoint
#[utoipa::path(get, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}", tag = "Webhooks", operation_id = "getWebhookEndpoint",
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint, without its secret.", body = WebhookEndpoint,
        headers(("ETag" = String, description = "Its version, to be sent as `If-Match` with a change.")))))]
pub(crate) async fn get_webhook_endpoint(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
) -> Result<Response> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = endpoint(&mut tx, id, which).await?;
    commit(tx).await?;
    Ok(tagged(&state, row))
}

/// With the ETag of its version.
pub(super) fn tagged(state: &ApiState, row: EndpointRow) -> Response {
    let version = row.version;
    with_etag(WebhookEndpoint::of(row, state.db.clock().now()), version)
}
