//! A message, as callers see it.

use serde::Serialize;
use serde_json::Value;
use tenantry_model::{MessageId, RunId, TaskId, TenantId, UserId};
use tenantry_store::mail::MessageRow;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::words::{MessageError, error_of, is_operator, status_of};
use crate::auth::Caller;

/// A message, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    /// Its id.
    #[schema(value_type = String, example = "msg_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    id: MessageId,
    /// On whose behalf.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// The user it is for.
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// The run that sends it, where it is not a caller: an onboarding its welcome.
    #[schema(value_type = Option<String>)]
    caused_by: Option<RunId>,
    /// What became of it.
    #[schema(value_type = super::words::Status)]
    status: String,
    /// Grows with everything that happens to it.
    seq: i32,
    /// What happens next, and when. In lists, and where nothing more happens by itself, none.
    next: Option<Next>,
    /// The addresses of to, cc and bcc.
    recipients: Vec<String>,
    /// The address it comes from, once that is decided.
    from: Option<String>,
    /// The subject.
    subject: String,
    /// What it is about.
    category: String,
    /// What it is about, more finely.
    subtype: Option<String>,
    /// The template its words were made of.
    template: Option<String>,
    /// The language of those words.
    locale: Option<String>,
    /// Names and values to find it by.
    #[schema(value_type = Object)]
    tags: Value,
    /// Bytes of its content.
    size: u64,
    /// How many files it has.
    attachments: u32,
    /// Whether `GET /v1/messages/{id}/content` shows its words.
    content_available: bool,
    /// Why it failed, or what is in the way.
    error: Option<MessageError>,
    /// Its Message-ID header, once it has left.
    message_id_header: Option<String>,
    /// Tries in all, once it has left.
    attempts: Option<u32>,
    /// Who sent it.
    sent_by: String,
    /// When it was accepted by us.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it left.
    #[serde(with = "time::serde::rfc3339::option")]
    sent_at: Option<OffsetDateTime>,
    /// When something last happened to it.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// What carries or carried it; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// The provider's own id; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_message_id: Option<String>,
    /// What the provider answered; operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_response: Option<String>,
}

/// What happens next to a message.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Next {
    /// When, where that is known.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) at: Option<OffsetDateTime>,
    /// What is waited for: `schedule`, `turn`, `limit`, `paused`, `retry`, `answer`, `recipient_server`, `person`.
    pub(super) code: &'static str,
    /// In a sentence.
    pub(super) text: String,
    /// The task by which a person is asked.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_id: Option<TaskId>,
}

impl Message {
    /// The message as this caller may see it.
    pub(super) fn of(caller: &Caller, row: MessageRow, next: Option<Next>) -> Self {
        let operator = is_operator(caller);
        let planned = |field: &str| row.life.data["plan"][field].as_str().map(str::to_owned);
        let (sent, provider) = match row.sent {
            Some(sent) => (Some(sent.clone()), Some(sent.provider)),
            None => (None, planned("provider")),
        };
        let from = sent.as_ref().map(|sent| sent.sender.clone()).or_else(|| planned("from"));
        let of_sent = sent.as_ref();
        Self {
            id: row.id,
            tenant_id: row.tenant,
            user_id: row.user,
            caused_by: row.caused_by,
            status: status_of(&row.state),
            seq: row.seq,
            next,
            recipients: row.recipients,
            from,
            subject: row.subject,
            category: row.category,
            subtype: row.subtype,
            template: row.template,
            locale: row.locale,
            tags: row.tags,
            size: row.size,
            attachments: row.attachments,
            content_available: row.content == Some(false),
            error: error_of(caller, row.error.as_ref()),
            message_id_header: of_sent.map(|sent| sent.message_id_header.clone()),
            attempts: of_sent.map(|sent| sent.attempts),
            sent_by: row.started_by,
            created_at: row.created_at,
            sent_at: of_sent.map(|sent| sent.accepted_at),
            updated_at: row.updated_at,
            provider: provider.filter(|_| operator),
            provider_message_id: of_sent.and_then(|sent| sent.provider_message_id.clone()).filter(|_| operator),
            provider_response: of_sent.and_then(|sent| sent.response.clone()).filter(|_| operator),
        }
    }
}
