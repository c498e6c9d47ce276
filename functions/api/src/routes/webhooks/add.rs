//! A tenant adds an endpoint.

use axum::{extract::State, http::StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tenantry_events::signature::new_secret;
use tenantry_model::{TenantId, WebhookEndpointId};
use tenantry_store::webhooks::{EndpointFilter, NewEndpoint, add_endpoint, endpoint, endpoints};
use tenantry_workflows::webhook_events::ALL;
use utoipa::ToSchema;

use super::{
    shape::{WebhookEndpoint, WebhookEndpointWithSecret},
    wish::{self, MOST_ENDPOINTS, kept},
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Fields, Id},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// An endpoint to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedEndpoint {
    /// Where events are to be sent: `https`, to the public Internet.
    #[schema(example = "https://hooks.yourcompany.com/tenantry", max_length = 2048)]
    url: String,
    /// The types it is told of (`GET /v1/webhook-event-types`); without, or with `*`: all.
    #[schema(min_items = 1, max_items = 100, example = json!(["*"]))]
    events: Option<Vec<String>>,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
}

/// A wish without anything wrong with it.
struct Wish {
    url: String,
    events: Vec<String>,
    description: String,
}

/// Add a webhook endpoint
///
/// It is told of what happens from now on, by [Standard Webhooks](https://www.standardwebhooks.com/). The secret that deliveries are
/// signed with is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/tenants/{id}/webhook-endpoints", tag = "Webhooks", operation_id = "addWebhookEndpoint",
    params(("id" = String, Path, description = "The tenant.")), request_body = WantedEndpoint,
    responses(
        (status = 201, description = "The endpoint, with its secret.", body = WebhookEndpointWithSecret,
            headers(("Location" = String, description = "The endpoint."))),
        (status = 409, description = "`webhook_limit_reached`, or `tenant_status_unfit`: the tenant is being set up, or leaves."),
    ))]
pub(crate) async fn add_webhook_endpoint(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WantedEndpoint>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    let mut fields = Fields::default();
    let wanted = body.value;
    let url = wish::url(&state, &mut fields, &wanted.url);
    let events = wish::events(&mut fields, &wanted.events.unwrap_or_else(|| vec![ALL.to_owned()]));
    let description = wish::description(&mut fields, &wanted.description);
    let wish = fields.finish(url.map(|url| Wish { url, events, description }))?;
    retrying(|| add(&state, &caller, id, &wish, &body.once)).await
}

async fn add(state: &ApiState, caller: &Caller, tenant: TenantId, wish: &Wish, once: &Once) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    wish::stays(&mut tx, tenant).await?;
    let id = WebhookEndpointId::new();
    let (secret, sealed) = fresh(state, id)?;
    let new = NewEndpoint {
        id,
        tenant,
        url: &wish.url,
        events: &wish.events,
        description: &wish.description,
        sealed: &sealed,
        by: &actor,
    };
    add_endpoint(&mut tx, &new, now).await?;
    let row = endpoint(&mut tx, tenant, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "webhook_endpoint.add", &subject);
    line.tenant = Some(tenant);
    line.after = Some(kept(&row));
    let mut made = WebhookEndpointWithSecret { endpoint: WebhookEndpoint::of(row, now), secret: None };
    let place = Some(format!("/v1/tenants/{tenant}/webhook-endpoints/{id}"));
    // What is kept for a repeated request is without the secret.
    once.keep(&mut tx, scope, &reply(StatusCode::CREATED, place.clone(), &made), now).await?;
    audit(&mut tx, caller, line, now).await?;
    // Counted last: whoever adds another one for this tenant waits for its audit log, so none is overlooked.
    let filter = EndpointFilter { tenant: Some(tenant), limit: MOST_ENDPOINTS + 1, ..EndpointFilter::default() };
    if endpoints(&mut tx, &filter).await?.len() as i64 > MOST_ENDPOINTS {
        let detail = format!("A tenant may have {MOST_ENDPOINTS} webhook endpoints, and this one has as many.");
        return Err(Problem::new(Code::WebhookLimitReached, detail).into());
    }
    commit(tx).await?;
    made.secret = Some(secret.expose_secret().to_owned());
    Ok(Answer::first(reply(StatusCode::CREATED, place, &made)))
}

/// A new secret, and the same sealed for this endpoint.
pub(super) fn fresh(state: &ApiState, id: WebhookEndpointId) -> Result<(SecretString, Vec<u8>), Problem> {
    let unmade = || Problem::new(Code::InternalError, "The system has no randomness; nothing was made.");
    let secret = new_secret().ok_or_else(unmade)?;
    let sealed = state.sealer.seal(secret.expose_secret().as_bytes(), id.0.as_bytes()).map_err(|_| unmade())?;
    Ok((secret, sealed))
}
