//! What a person has sent: a test, an event once more, all that was missed. For the endpoint's health only
//! its success counts.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_model::{TenantId, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};
use tenantry_store::{
    Tx,
    webhooks::{EndpointRow, NewEvent, deliver_by_hand, delivery, endpoint, missed, put_event},
};
use tenantry_workflows::webhook_events::TEST;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{secret::Nothing, shape::WebhookDelivery};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::{Result, not_found},
    extract::{Body, Fields, Under},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// So many are replayed by one request.
const MOST_REPLAYED: i64 = 500;
/// So long events are kept.
const KEPT: Duration = Duration::days(30);

/// Which events are to be replayed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedReplay {
    /// Those that have happened since; at most 30 days ago.
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
}

/// What is replayed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// So many deliveries have begun.
    deliveries: usize,
    /// Whether there are more: once these are delivered, ask again.
    more: bool,
}

/// What is to be sent once more.
enum Wish {
    /// A test, to this endpoint.
    Test(WebhookEndpointId),
    /// The event of a delivery.
    Again(WebhookDeliveryId),
}

/// Send a test event to a webhook endpoint
///
/// It goes to the endpoint whatever types that asks for. The delivery says how it went.
#[utoipa::path(post, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}/test", tag = "Webhooks", operation_id = "testWebhookEndpoint",
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint.")),
    request_body(content = Option<Nothing>),
    responses(
        (status = 202, description = "The delivery.", body = WebhookDelivery,
            headers(("Location" = String, description = "The delivery."))),
        (status = 409, description = "`webhook_disabled`."),
    ))]
pub(crate) async fn test_webhook_endpoint(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
    body: Body<Nothing>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    let wish = Wish::Test(which);
    retrying(|| one(&state, &caller, id, &wish, &body.once)).await
}

/// Send an event once more
///
/// To the same endpoint, with the same `webhook-id`.
#[utoipa::path(post, path = "/v1/tenants/{id}/webhook-deliveries/{delivery}/replay", tag = "Webhooks", operation_id = "replayWebhookDelivery",
    params(("id" = String, Path, description = "The tenant."), ("delivery" = String, Path, description = "A delivery of the event.")),
    request_body(content = Option<Nothing>),
    responses(
        (status = 202, description = "The new delivery.", body = WebhookDelivery,
            headers(("Location" = String, description = "The new delivery."))),
        (status = 409, description = "`webhook_disabled`."),
        (status = 410, description = "`webhook_event_erased`: it is older than 30 days."),
    ))]
pub(crate) async fn replay_delivery(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookDeliveryId>,
    body: Body<Nothing>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    let wish = Wish::Again(which);
    retrying(|| one(&state, &caller, id, &wish, &body.once)).await
}

async fn one(state: &ApiState, caller: &Caller, tenant: TenantId, wish: &Wish, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let (to, event, action) = match wish {
        Wish::Test(to) => {
            let to = *to;
            may_be_told(&endpoint(&mut tx, tenant, to).await?)?;
            (to, test(&mut tx, tenant, to, timing.now).await?, "webhook_endpoint.test")
        }
        Wish::Again(which) => {
            let row = delivery(&mut tx, tenant, *which).await?;
            let to = WebhookEndpointId(row.endpoint_id);
            may_be_told(&endpoint(&mut tx, tenant, to).await?)?;
            if row.body.is_none() {
                let detail = "The event is older than 30 days, and what was said then is not kept any more.";
                return Err(Problem::new(Code::WebhookEventErased, detail).into());
            }
            (to, (WebhookEventId(row.event_id), row.what), "webhook_delivery.replay")
        }
    };
    let (ids, hints) = deliver_by_hand(&mut tx, tenant, to, std::slice::from_ref(&event), &actor, timing).await?;
    let id = ids.first().copied().ok_or_else(|| not_found("webhook delivery"))?;
    let shown = WebhookDelivery::from(delivery(&mut tx, tenant, id).await?);
    let reply = reply(StatusCode::ACCEPTED, Some(format!("/v1/tenants/{tenant}/webhook-deliveries/{id}")), &shown);
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = to.to_string();
    let mut line = caller.did(&actor, action, &subject);
    line.tenant = Some(tenant);
    line.after = Some(json!({ "delivery": id, "event": event.0, "type": event.1 }));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Writes a test event.
async fn test(
    tx: &mut Tx,
    tenant: TenantId,
    to: WebhookEndpointId,
    now: OffsetDateTime,
) -> Result<(WebhookEventId, String)> {
    let unwritable =
        || Problem::new(Code::InternalError, "The time of the test could not be written; nothing was sent.");
    let data = json!({ "tenantId": tenant, "endpointId": to, "message": "This is a test, sent by hand. Nothing has happened." });
    let at = now.replace_millisecond(now.millisecond()).unwrap_or(now).format(&Rfc3339).map_err(|_| unwritable())?;
    let body = json!({ "type": TEST, "timestamp": at, "data": data }).to_string();
    let id = WebhookEventId::new();
    put_event(tx, &NewEvent { id, tenant, what: TEST, body: &body }, now).await?;
    Ok((id, TEST.to_owned()))
}

/// Send a webhook endpoint what it has missed
///
/// Every event since then that it asks for, has not taken, and is not being told of; oldest first, up to 500.
#[utoipa::path(post, path = "/v1/tenants/{id}/webhook-endpoints/{endpoint}/replay", tag = "Webhooks", operation_id = "replayMissedWebhooks",
    params(("id" = String, Path, description = "The tenant."), ("endpoint" = String, Path, description = "The endpoint.")),
    request_body = WantedReplay,
    responses(
        (status = 202, description = "How much is replayed.", body = Replayed),
        (status = 409, description = "`webhook_disabled`."),
    ))]
pub(crate) async fn replay_missed(
    May(caller, _): May<needs::SettingsManageWebhooks>,
    State(state): State<ApiState>,
    Under(id, which): Under<WebhookEndpointId>,
    body: Body<WantedReplay>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    let (mut fields, now) = (Fields::default(), state.db.clock().now());
    if body.value.since < now - KEPT || body.value.since > now {
        fields.wrong("/since", "this must lie in the last 30 days: events are kept for so long");
    }
    let since = fields.finish(Some(body.value.since))?;
    retrying(|| replay(&state, &caller, id, which, since, &body.once)).await
}

async fn replay(
    state: &ApiState,
    caller: &Caller,
    tenant: TenantId,
    to: WebhookEndpointId,
    since: OffsetDateTime,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    may_be_told(&endpoint(&mut tx, tenant, to).await?)?;
    let mut events = missed(&mut tx, tenant, to, since, MOST_REPLAYED + 1).await?;
    let more = events.len() as i64 > MOST_REPLAYED;
    events.truncate(MOST_REPLAYED as usize);
    let (ids, hints) = deliver_by_hand(&mut tx, tenant, to, &events, &actor, timing).await?;
    let replayed = Replayed { deliveries: ids.len(), more };
    let reply = reply(StatusCode::ACCEPTED, None, &replayed);
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = to.to_string();
    let mut line = caller.did(&actor, "webhook_endpoint.replay", &subject);
    line.tenant = Some(tenant);
    line.after = Some(json!({ "since": since.format(&Rfc3339).unwrap_or_default(), "deliveries": ids.len() }));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Refused while nothing is sent to it.
fn may_be_told(row: &EndpointRow) -> Result<(), Problem> {
    if row.status == "enabled" {
        return Ok(());
    }
    let why = row.disabled_reason.as_deref().unwrap_or("Nothing is sent to it.");
    Err(Problem::new(Code::WebhookDisabled, format!("The endpoint is switched off. {why}")))
}
