//! Deliveries: list and show.

use axum::{Json, extract::State};
use serde::Deserialize;
use tenantry_model::{WebhookDeliveryId, WebhookEndpointId};
use tenantry_store::webhooks::{DeliveryFilter, attempts_of, deliveries, delivery, endpoint};
use utoipa::IntoParams;

use super::shape::{DeliveryStatus, WebhookDelivery, WebhookDeliveryWithLog};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Under,
    list::{ForwardParams, List, Listing},
    state::ApiState,
    write::commit,
};

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesFilter {
    /// With this status.
    #[param(inline)]
    status: Option<DeliveryStatus>,
    /// Of events of this type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    what: Option<String>,
}

/// List what an endpoint was told, newest first
#[utoipa::path(get, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}/deliveries", tag = "Webhooks", operation_id = "listWebhookDeliveries",
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint."),
        ForwardParams, DeliveriesFilter),
    responses((status = 200, description = "The deliveries.", body = List<WebhookDelivery>)))]
pub(crate) async fn list_webhook_deliveries(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
    listing: Listing<DeliveriesFilter>,
) -> Result<Json<List<WebhookDelivery>>> {
    caller.tenant_or_own(Some(id))?;
    let (filter, page) = listing.forward::<WebhookDeliveryId>()?;
    let filter = DeliveryFilter {
        tenant: Some(id),
        endpoint: Some(which),
        states: filter.status.map(DeliveryStatus::states),
        what: filter.what,
        after: page.after,
        limit: page.rows(),
        ..DeliveryFilter::default()
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    endpoint(&mut tx, id, which).await?;
    let rows = deliveries(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| WebhookDeliveryId(row.id), WebhookDelivery::from)))
}

/// Show a delivery
///
/// With what is sent, and every try.
#[utoipa::path(get, path = "/v1/tenants/{id}/webhook-deliveries/{delivery}", tag = "Webhooks", operation_id = "getWebhookDelivery",
    params(("id" = String, Path, description = "The tenant."), ("delivery" = String, Path, description = "The delivery.")),
    responses((status = 200, description = "The delivery.", body = WebhookDeliveryWithLog)))]
pub(crate) async fn get_webhook_delivery(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookDeliveryId>,
) -> Result<Json<WebhookDeliveryWithLog>> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = delivery(&mut tx, id, which).await?;
    let log = attempts_of(&mut tx, which).await?;
    commit(tx).await?;
    Ok(Json(WebhookDeliveryWithLog::of(row, log)))
}
