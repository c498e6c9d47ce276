//! A message is called off, or leaves at another time.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tenantry_kernel::Kind as _;
use tenantry_kernel::Of as Face;
use tenantry_model::{MessageId, RunId};
use tenantry_store::{
    mail::message,
    runs::{run, signal},
};
use tenantry_workflows::email_delivery::EmailDelivery;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{next::next, parse::wait, shown::Message};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::{Result, sentence},
    extract::{Body, Id, invalid_body},
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Calling a message off takes nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelMessage {}

/// When a message is to leave instead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RescheduleMessage {
    /// Up to 30 days ahead; at once where it is past.
    #[serde(with = "time::serde::rfc3339")]
    send_at: OffsetDateTime,
}

/// Call a message off
///
/// Accepted until it is handed over.
#[utoipa::path(post, path = "/v1/messages/{id}/cancel", tag = "Messages", operation_id = "cancelMessage",
    params(("id" = String, Path, description = "The message.")), request_body(content = Option<CancelMessage>),
    responses(
        (status = 200, description = "The message, called off.", body = Message),
        (status = 409, description = "`signal_refused`: it has left, or is about to."),
    ))]
pub(crate) async fn cancel_message(
    May(caller, _): May<needs::MessagesSend>,
    State(state): State<ApiState>,
    Id(id): Id<MessageId>,
    body: Body<CancelMessage>,
) -> Result<Answer> {
    let wish = Wish { name: "cancel", body: json!({ "by": caller.actor() }), action: "message.cancel" };
    retrying(|| tell(&state, &caller, id, &wish, &body.once)).await
}

/// Send a message at another time
///
/// Accepted until it is handed over.
#[utoipa::path(post, path = "/v1/messages/{id}/reschedule", tag = "Messages", operation_id = "rescheduleMessage",
    params(("id" = String, Path, description = "The message.")), request_body = RescheduleMessage,
    responses(
        (status = 200, description = "The message, scheduled anew.", body = Message),
        (status = 409, description = "`signal_refused`: it has left, or is about to."),
    ))]
pub(crate) async fn reschedule_message(
    May(caller, _): May<needs::MessagesSend>,
    State(state): State<ApiState>,
    Id(id): Id<MessageId>,
    body: Body<RescheduleMessage>,
) -> Result<Answer> {
    let wait =
        wait("/sendAt", body.value.send_at, state.db.clock().now()).map_err(|error| invalid_body(vec![error]))?;
    let told = json!({ "wait": wait, "by": caller.actor() });
    let wish = Wish { name: "reschedule", body: told, action: "message.reschedule" };
    retrying(|| tell(&state, &caller, id, &wish, &body.once)).await
}

struct Wish<'a> {
    name: &'a str,
    body: Value,
    action: &'a str,
}

async fn tell(state: &ApiState, caller: &Caller, id: MessageId, wish: &Wish<'_>, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let before = message(&mut tx, id).await?;
    let life = run(&mut tx, RunId(id.0)).await?;
    let event = Face::<EmailDelivery>::new()
        .signal(wish.name, wish.body.clone())
        .map_err(|words| Problem::new(Code::InvalidSignal, sentence(&words)))?;
    let hints = signal(&mut tx, &life, event, Uuid::now_v7().to_string(), timing).await?;
    let after = message(&mut tx, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, wish.action, &subject);
    (line.tenant, line.run) = (Some(before.tenant), Some(RunId(id.0)));
    line.before = Some(json!({ "state": before.state }));
    line.after = Some(json!({ "state": after.state, "wait": wish.body["wait"] }));
    let next = next(&mut tx, &after, now).await?;
    let reply = reply(StatusCode::OK, None, &Message::of(caller, after, next));
    once.keep(&mut tx, scope, &reply, now).await?;
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}
