//! Messages: found, and what became of one.

mod change;
mod content;
mod list;
mod show;

use axum::{
    Router,
    routing::{get, post},
};
use serde::Deserialize;

use crate::state::Console;

/// Their routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/messages", get(list::show))
        .route("/messages/{id}", get(show::show))
        .route("/messages/{id}/live", get(show::live))
        .route("/messages/{id}/words", get(content::words))
        .route("/messages/{id}/cancel", post(change::cancel))
        .route("/messages/{id}/reschedule", post(change::reschedule))
}

/// A message, as far as pages draw it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    pub(crate) caused_by: Option<String>,
    pub(crate) status: String,
    pub(crate) next: Option<Next>,
    #[serde(default)]
    pub(crate) recipients: Vec<String>,
    pub(crate) from: Option<String>,
    pub(crate) subject: String,
    pub(crate) category: String,
    pub(crate) template: Option<String>,
    #[serde(default)]
    pub(crate) tags: serde_json::Value,
    pub(crate) size: u64,
    pub(crate) attachments: u32,
    pub(crate) content_available: bool,
    pub(crate) error: Option<Failure>,
    pub(crate) message_id_header: Option<String>,
    pub(crate) attempts: Option<u32>,
    pub(crate) sent_by: String,
    pub(crate) created_at: String,
    pub(crate) sent_at: Option<String>,
    pub(crate) updated_at: String,
    pub(crate) provider: Option<String>,
    pub(crate) provider_response: Option<String>,
}

/// What happens next to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Next {
    pub(crate) at: Option<String>,
    pub(crate) code: String,
    pub(crate) text: String,
    pub(crate) task_id: Option<String>,
}

/// Why it failed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    #[serde(default)]
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) message: String,
}
