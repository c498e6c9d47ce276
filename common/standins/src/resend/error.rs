//! Refusals in Resend's shape: `{statusCode, name, message}`.

use super::answer::Answer;
use axum::http::StatusCode;
use serde_json::json;

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) name: String,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, name: &str, message: impl Into<String>) -> Refusal {
        Refusal { status, name: name.to_owned(), message: message.into() }
    }

    pub(super) fn missing(field: &str) -> Refusal {
        Refusal::new(422, "missing_required_field", format!("Missing `{field}` field."))
    }

    pub(super) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(422, "invalid_parameter", message)
    }

    pub(super) fn not_found(what: &str) -> Refusal {
        Refusal::new(404, "not_found", format!("{what} not found"))
    }

    /// Its answer.
    pub(super) fn answer(&self) -> Answer {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Answer::json(status, &json!({ "statusCode": self.status, "name": self.name, "message": self.message }))
    }
}
