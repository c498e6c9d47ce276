//! One message: what became of it, and what it says.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use tenantry_mail::Draft;
use tenantry_model::MessageId;
use tenantry_store::mail::{facts, message};
use utoipa::ToSchema;

use super::{next::next, shown::Message};
use crate::{
    auth::{Caller, May, needs},
    error::{Error, Result, chain},
    extract::Id,
    problem::{Code, Problem},
    state::ApiState,
    write::commit,
};

/// Show a message
#[utoipa::path(get, path = "/v1/messages/{id}", tag = "Messages", operation_id = "getMessage",
    params(("id" = String, Path, description = "The message.")),
    responses((status = 200, description = "The message.", body = Message)))]
pub(crate) async fn get_message(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Id(id): Id<MessageId>,
) -> Result<Json<Message>> {
    Ok(Json(shown(&state, &caller, id).await?))
}

/// The message, with what happens next.
pub(super) async fn shown(state: &ApiState, caller: &Caller, id: MessageId) -> Result<Message> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = message(&mut tx, id).await?;
    let next = next(&mut tx, &row, state.db.clock().now()).await?;
    commit(tx).await?;
    Ok(Message::of(caller, row, next))
}

/// What a message says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MessageContent {
    /// The subject.
    subject: String,
    /// The HTML part.
    html: Option<String>,
    /// The text part.
    text: Option<String>,
    /// Headers of its own.
    headers: BTreeMap<String, String>,
    /// Its files, without their bytes.
    attachments: Vec<MessageFile>,
}

/// A file of a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MessageFile {
    /// Its name.
    filename: String,
    /// Its media type.
    content_type: String,
    /// Bytes.
    size: usize,
    /// The name by which the HTML part shows it.
    cid: Option<String>,
}

/// Show what a message says
///
/// Kept for a set number of days, and then erased.
#[utoipa::path(get, path = "/v1/messages/{id}/content", tag = "Messages", operation_id = "getMessageContent",
    params(("id" = String, Path, description = "The message.")),
    responses(
        (status = 200, description = "Its words.", body = MessageContent),
        (status = 403, description = "`content_sensitive`: it holds a credential."),
        (status = 410, description = "`content_erased`: its time is over."),
    ))]
pub(crate) async fn get_content(
    May(caller, _): May<needs::MessagesRead>,
    State(state): State<ApiState>,
    Id(id): Id<MessageId>,
) -> Result<Json<MessageContent>> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    message(&mut tx, id).await?;
    let found = facts(&mut tx, &[id]).await?.into_iter().next();
    commit(tx).await?;
    let Some((sealed, sensitive)) = found.and_then(|facts| Some((facts.sealed?, facts.sensitive))) else {
        let detail = "The words of this message were erased: their time was over, or they were not to be kept.";
        return Err(Problem::new(Code::ContentErased, detail).into());
    };
    if sensitive {
        return Err(Problem::new(Code::ContentSensitive, "This message holds a credential for its recipient.").into());
    }
    let Draft { subject, html, text, headers, attachments, .. } = open(&state, id, &sealed)?;
    let attachments = attachments.into_iter().map(|file| MessageFile {
        filename: file.filename,
        content_type: file.content_type,
        size: file.content.len(),
        cid: file.cid,
    });
    // A link by which one unsubscribes is its recipient's own.
    let headers = headers.into_iter().filter(|(name, _)| !name.to_ascii_lowercase().starts_with("list-unsubscribe"));
    let (headers, attachments) = (headers.collect(), attachments.collect());
    Ok(Json(MessageContent { subject, html, text, headers, attachments }))
}

/// What was sealed.
pub(super) fn open(state: &ApiState, id: MessageId, sealed: &[u8]) -> Result<Draft> {
    state.mail.outbox.open(id, sealed).map_err(|fault| {
        tracing::error!(message = %id, error = chain(&fault), "a message's content cannot be opened");
        Error::from(Problem::new(Code::InternalError, "The content cannot be opened here; the message is not lost."))
    })
}
