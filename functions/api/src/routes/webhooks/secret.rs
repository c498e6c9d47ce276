//! An endpoint gets a new secret.

use axum::{extract::State, http::StatusCode};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tenantry_model::{TenantId, WebhookEndpointId};
use tenantry_store::webhooks::{endpoint, rotate_secret};
use time::Duration;
use utoipa::ToSchema;

use super::{
    add::fresh,
    shape::{WebhookEndpoint, WebhookEndpointWithSecret},
    wish::kept,
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Under},
    idempotency::Once,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// So long deliveries are signed with the secret before, too.
const BOTH: Duration = Duration::hours(24);

/// Nothing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Give a webhook endpoint a new secret
///
/// For 24 hours deliveries are signed with both, so that the receiver can change over. Rotated again within that time, the oldest
/// signs no more. The secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}/rotate-secret", tag = "Webhooks",
    operation_id = "rotateWebhookSecret", request_body(content = Option<Nothing>),
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint, with its new secret.", body = WebhookEndpointWithSecret)))]
pub(crate) async fn rotate_webhook_secret(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
    body: Body<Nothing>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    retrying(|| rotate(&state, &caller, id, which, &body.once)).await
}

async fn rotate(
    state: &ApiState,
    caller: &Caller,
    tenant: TenantId,
    id: WebhookEndpointId,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    endpoint(&mut tx, tenant, id).await?;
    let (secret, sealed) = fresh(state, id)?;
    rotate_secret(&mut tx, id, &sealed, now + BOTH, now).await?;
    let row = endpoint(&mut tx, tenant, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "webhook_endpoint.rotate_secret", &subject);
    line.tenant = Some(tenant);
    line.after = Some(kept(&row));
    let mut made = WebhookEndpointWithSecret { endpoint: WebhookEndpoint::of(row, now), secret: None };
    // What is kept for a repeated request is without the secret.
    once.keep(&mut tx, scope, &reply(StatusCode::OK, None, &made), now).await?;
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    made.secret = Some(secret.expose_secret().to_owned());
    Ok(Answer::first(reply(StatusCode::OK, None, &made)))
}
