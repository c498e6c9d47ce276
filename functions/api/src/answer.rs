//! What a request that changes something answers.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;
use tenantry_store::platform::Reply;

/// An answer, and whether it was given before.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The answer.
    pub(crate) reply: Reply,
    /// The request was done earlier; nothing was done now.
    pub(crate) replayed: bool,
}

impl Answer {
    /// A first answer.
    pub(crate) fn first(reply: Reply) -> Self {
        Self { reply, replayed: false }
    }

    /// An answer that was kept.
    pub(crate) fn again(reply: Reply) -> Self {
        Self { reply, replayed: true }
    }
}

/// A reply with a JSON body.
pub(crate) fn reply(status: StatusCode, location: Option<String>, body: &impl Serialize) -> Reply {
    // Our bodies are structs with text keys, so this cannot fail.
    Reply { status: status.as_u16(), location, body: serde_json::to_value(body).unwrap_or(Value::Null) }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.reply.status).unwrap_or(StatusCode::OK);
        let mut response = if self.reply.body.is_null() {
            status.into_response()
        } else {
            (status, axum::Json(self.reply.body)).into_response()
        };
        let headers = response.headers_mut();
        if let Some(location) = self.reply.location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            headers.insert(header::LOCATION, location);
        }
        if self.replayed {
            headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}
