//! Tasks: what waits for a person.

mod list;
mod schema;
mod show;

use axum::{
    Router,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::Value;

use crate::state::Console;

/// Their routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/tasks", get(list::show))
        .route("/tasks/{id}", get(show::show).post(show::answer))
        .route("/tasks/{id}/{claim}", post(show::claim))
}

/// A task, as far as pages draw it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) run_id: String,
    pub(crate) tenant_id: Option<String>,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) schema: Value,
    #[serde(default)]
    pub(crate) context: Value,
    pub(crate) status: String,
    pub(crate) due_at: Option<String>,
    pub(crate) answer: Option<Value>,
    pub(crate) answered_by: Option<String>,
    pub(crate) created_at: String,
    pub(crate) ended_at: Option<String>,
    #[serde(default)]
    pub(crate) claimed_by: Option<String>,
    #[serde(default)]
    pub(crate) claimed_at: Option<String>,
}
