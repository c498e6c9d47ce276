//! One message.

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::Value;
use tenantry_model::{MessageId, TenantId};
use tenantry_store::{
    mail::{NewMessage, accept},
    platform::Reply,
};
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;

use super::{
    files::{Budget, any_elsewhere},
    parse::{parse, read},
    prepare::{Facts, Gathered, gather, prepare},
    wanted::WantedMessage,
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, invalid_body},
    idempotency::Once,
    state::ApiState,
    write::{commit, retrying},
};

/// A message that was accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AcceptedMessage {
    /// Its id.
    #[schema(value_type = String, example = "msg_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    id: MessageId,
    /// On whose behalf.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// `queued`, or `scheduled` where it is to leave later.
    status: &'static str,
    /// When it may leave, where that is later.
    #[serde(with = "time::serde::rfc3339::option")]
    send_at: Option<OffsetDateTime>,
    /// When it was accepted.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl AcceptedMessage {
    pub(super) fn of(new: &NewMessage, now: OffsetDateTime) -> Self {
        let later = (new.wait > 0).then(|| now + Duration::seconds(i64::try_from(new.wait).unwrap_or(i64::MAX)));
        let status = if later.is_some() { "scheduled" } else { "queued" };
        Self { id: new.id, tenant_id: new.tenant, status, send_at: later, created_at: now }
    }
}

/// Send a message
///
/// It is stored before this is answered, and then leaves as soon as the tenant's limits allow, or at `sendAt`. What becomes of it
/// is told by `GET /v1/messages/{id}`.
#[utoipa::path(post, path = "/v1/messages", tag = "Messages", operation_id = "sendMessage", request_body = WantedMessage,
    responses(
        (status = 202, description = "The message was accepted.", body = AcceptedMessage,
            headers(("Location" = String, description = "The message."))),
        (status = 404, description = "`not_found`: there is no such tenant, or it is not yours."),
    ))]
pub(crate) async fn send_message(
    May(caller, _): May<needs::MessagesSend>,
    State(state): State<ApiState>,
    body: Body<WantedMessage>,
) -> Result<Answer> {
    let parsed = parse(body.value, state.db.clock().now()).map_err(invalid_body)?;
    if any_elsewhere(&parsed.files)
        && let Some(reply) = answered(&state, &caller, &body.once).await?
    {
        return Ok(Answer::again(reply));
    }
    let gathered = gather(&state, &caller, &mut Budget::default(), parsed).await;
    let gathered = gathered.map_err(|refusal| refusal.into_problem())?;
    retrying(|| take(&state, &caller, &gathered, &body.once)).await
}

/// Accepts a message that another route has made.
pub(in crate::routes) async fn accept_made(
    state: &ApiState,
    caller: &Caller,
    message: Value,
    once: &Once,
) -> Result<Answer> {
    let parsed = read(message, state.db.clock().now()).map_err(invalid_body)?;
    let gathered = gather(state, caller, &mut Budget::default(), parsed).await;
    let gathered = gathered.map_err(|refusal| refusal.into_problem())?;
    retrying(|| take(state, caller, &gathered, once)).await
}

/// The reply to the same request, if it was done before: nothing is fetched for it a second time.
pub(in crate::routes) async fn answered(state: &ApiState, caller: &Caller, once: &Once) -> Result<Option<Reply>> {
    if !once.has_key() {
        return Ok(None);
    }
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let reply = once.begin(&mut tx, caller.scope()).await?;
    commit(tx).await?;
    Ok(reply)
}

async fn take(state: &ApiState, caller: &Caller, gathered: &Gathered, once: &Once) -> Result<Answer> {
    let (scope, timing) = (caller.scope(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let facts = Facts::read(&mut tx, state, std::iter::once(gathered)).await?;
    let ready = prepare(&mut tx, state, &facts, gathered).await?.map_err(|refusal| refusal.into_problem())?;
    let new = ready.pack(state, caller, now)?;
    let hints = accept(&mut tx, std::slice::from_ref(&new), timing).await?;
    let reply = reply(StatusCode::ACCEPTED, Some(location_of(new.id)), &AcceptedMessage::of(&new, now));
    once.keep(&mut tx, scope, &reply, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Where a message is looked at.
pub(super) fn location_of(id: MessageId) -> String {
    format!("/v1/messages/{id}")
}
