//! An answer that can be given more than once.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// A status, a JSON body, and headers of its own.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(super) fn json(status: StatusCode, body: &Value) -> Answer {
        Answer { status, body: body.to_string().into(), headers: Vec::new() }
    }

    pub(super) fn ok(body: &Value) -> Answer {
        Answer::json(StatusCode::OK, body)
    }

    /// What a proxy in trouble says: a page instead of JSON.
    pub(super) fn garbage() -> Answer {
        let body = Bytes::from_static(b"<html><body>Something went wrong</body></html>");
        Answer { status: StatusCode::OK, body, headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Answer {
        self.headers.push((name, value.to_string()));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], self.body).into_response();
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
