//! An endpoint is changed, switched off and on, deleted.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use tenantry_model::{TenantId, WebhookEndpointId};
use tenantry_store::webhooks::{EndpointChange, EndpointFilter, change_endpoint, endpoint, endpoints, remove_endpoint};
use utoipa::ToSchema;

use super::{
    shape::{EndpointStatus, WebhookEndpoint},
    show::tagged,
    wish::{self, kept},
};
use crate::{
    auth::{Caller, May, needs},
    error::{Result, not_found},
    extract::{Body, Fields, Under},
    state::ApiState,
    version::{differing, expected},
    write::{audit, commit, retrying},
};

/// What is to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EndpointPatch {
    /// Where events are to be sent. What is on its way goes there, too.
    #[schema(max_length = 2048)]
    url: Option<String>,
    /// The types it is told of; `*`: all.
    #[schema(min_items = 1, max_items = 100)]
    events: Option<Vec<String>>,
    /// What it is for.
    #[schema(max_length = 500)]
    description: Option<String>,
    /// Whether it is told of events. Switched on again, it begins as if it had never failed.
    #[schema(inline)]
    status: Option<EndpointStatus>,
}

/// A change without anything wrong with it.
struct Wish {
    url: Option<String>,
    events: Option<Vec<String>>,
    description: Option<String>,
    enabled: Option<bool>,
}

/// Change a webhook endpoint
///
/// What was on its way to an endpoint that is switched off is dropped. What it has missed can be replayed once it is on again.
#[utoipa::path(patch, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}", tag = "Webhooks", operation_id = "changeWebhookEndpoint",
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint."),
        ("If-Match" = String, Header, description = "The ETag of the endpoint that was read.")),
    request_body = EndpointPatch,
    responses(
        (status = 200, description = "The endpoint as it is now.", body = WebhookEndpoint,
            headers(("ETag" = String, description = "Its version."))),
        (status = 412, description = "`precondition_failed`: it has changed since."),
        (status = 428, description = "`precondition_required`: there is no `If-Match`."),
    ))]
pub(crate) async fn change_webhook_endpoint(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
    headers: HeaderMap,
    body: Body<EndpointPatch>,
) -> Result<Response> {
    caller.tenant_or_own(Some(id))?;
    let (mut fields, patch) = (Fields::default(), body.value);
    let wish = Wish {
        url: patch.url.and_then(|text| wish::url(&state, &mut fields, &text)),
        events: patch.events.map(|named| wish::events(&mut fields, &named)),
        description: patch.description.map(|text| wish::description(&mut fields, &text)),
        enabled: patch.status.map(|status| status == EndpointStatus::Enabled),
    };
    let wish = fields.finish(Some(wish))?;
    retrying(|| change(&state, &caller, id, which, headers.get(header::IF_MATCH), &wish)).await
}

async fn change(
    state: &ApiState,
    caller: &Caller,
    tenant: TenantId,
    id: WebhookEndpointId,
    if_match: Option<&HeaderValue>,
    wish: &Wish,
) -> Result<Response> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let before = endpoint(&mut tx, tenant, id).await?;
    expected(if_match, before.version)?;
    let reason = format!("{actor} has switched it off.");
    let change = EndpointChange {
        url: wish.url.as_deref(),
        events: wish.events.as_deref(),
        description: wish.description.as_deref(),
        enabled: wish.enabled,
        reason: Some(&reason),
    };
    change_endpoint(&mut tx, id, before.version, &change, now).await?;
    let after = endpoint(&mut tx, tenant, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "webhook_endpoint.change", &subject);
    line.tenant = Some(tenant);
    (line.before, line.after) = differing(&kept(&before), &kept(&after));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    Ok(tagged(state, after))
}

/// Delete a webhook endpoint
///
/// It is told nothing any more, and its secret is destroyed. Its deliveries can still be read, each by its id.
#[utoipa::path(delete, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}", tag = "Webhooks", operation_id = "removeWebhookEndpoint",
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint.")),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn remove_webhook_endpoint(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
) -> Result<StatusCode> {
    caller.tenant_or_own(Some(id))?;
    retrying(|| remove(&state, &caller, id, which)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(state: &ApiState, caller: &Caller, tenant: TenantId, id: WebhookEndpointId) -> Result<()> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let filter =
        EndpointFilter { id: Some(id), tenant: Some(tenant), deleted: true, limit: 1, ..EndpointFilter::default() };
    let before = endpoints(&mut tx, &filter).await?.pop().ok_or_else(|| not_found("webhook endpoint"))?;
    if !remove_endpoint(&mut tx, id, now).await? {
        return commit(tx).await;
    }
    let subject = id.to_string();
    let mut line = caller.did(&actor, "webhook_endpoint.remove", &subject);
    line.tenant = Some(tenant);
    line.before = Some(kept(&before));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await
}
