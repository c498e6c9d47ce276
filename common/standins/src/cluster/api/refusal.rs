//! Refusals in the shape of `meta/v1.Status`, in the API server's words.

use super::super::kind::{Key, Kind};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Refusal {
    pub(in super::super) code: u16,
    /// Empty where the server gives none.
    pub(in super::super) reason: String,
    pub(in super::super) message: String,
    pub(in super::super) details: Value,
    /// Seconds, for the header `Retry-After`.
    pub(in super::super) retry_after: Option<u32>,
}

/// One thing that is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Cause {
    pub(in super::super) reason: &'static str,
    pub(in super::super) message: String,
    pub(in super::super) field: String,
}

impl Refusal {
    pub(in super::super) fn new(code: u16, reason: &str, message: impl Into<String>) -> Refusal {
        Refusal { code, reason: reason.to_owned(), message: message.into(), details: Value::Null, retry_after: None }
    }

    fn about(mut self, key: &Key) -> Refusal {
        self.details = json!({ "name": key.name, "kind": key.kind.plural() });
        if key.kind.custom() {
            self.details["group"] = json!(key.kind.group());
        }
        self
    }

    pub(in super::super) fn unauthorized() -> Refusal {
        Refusal::new(401, "Unauthorized", "Unauthorized")
    }

    pub(in super::super) fn bad_request(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "BadRequest", message)
    }

    pub(in super::super) fn not_found(key: &Key) -> Refusal {
        let message = format!("{} \"{}\" not found", key.kind.qualified(), key.name);
        Refusal::new(404, "NotFound", message).about(key)
    }

    pub(in super::super) fn method_not_allowed() -> Refusal {
        Refusal::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    }

    pub(in super::super) fn exists(key: &Key) -> Refusal {
        let message = format!("{} \"{}\" already exists", key.kind.qualified(), key.name);
        Refusal::new(409, "AlreadyExists", message).about(key)
    }

    fn unfulfilled(key: &Key, why: &str) -> Refusal {
        let message = format!("Operation cannot be fulfilled on {} \"{}\": {why}", key.kind.qualified(), key.name);
        Refusal::new(409, "Conflict", message).about(key)
    }

    pub(in super::super) fn modified(key: &Key) -> Refusal {
        Refusal::unfulfilled(
            key,
            "the object has been modified; please apply your changes to the latest version and try again",
        )
    }

    /// `what` is `UID` or `ResourceVersion`.
    pub(in super::super) fn precondition(key: &Key, what: &str, wanted: &str, actual: &str) -> Refusal {
        let why = format!("Precondition failed: {what} in precondition: {wanted}, {what} in object meta: {actual}");
        Refusal::unfulfilled(key, &why)
    }

    pub(in super::super) fn version_on_create(key: &Key) -> Refusal {
        Refusal::unfulfilled(key, "resourceVersion should not be set on objects to be created")
    }

    pub(in super::super) fn forbidden(user: &str, verb: &str, kind: Kind, namespace: &str, name: &str) -> Refusal {
        let place = if namespace.is_empty() {
            "at the cluster scope".to_owned()
        } else {
            format!("in the namespace \"{namespace}\"")
        };
        let quoted = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
        let message = format!(
            "{}{quoted} is forbidden: User \"{user}\" cannot {verb} resource \"{}\" in API group \"{}\" {place}",
            kind.qualified(),
            kind.plural(),
            kind.group()
        );
        Refusal::new(403, "Forbidden", message).about(&Key::new(kind, namespace, name))
    }

    /// 422 with its causes.
    pub(in super::super) fn invalid(key: &Key, causes: &[Cause]) -> Refusal {
        let words: Vec<String> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let words = if words.len() == 1 { words.concat() } else { format!("[{}]", words.join(", ")) };
        let message = format!("{} \"{}\" is invalid: {words}", key.kind.qualified_kind(), key.name);
        let mut refusal = Refusal::new(422, "Invalid", message).about(key);
        refusal.details["kind"] = json!(key.kind.as_str());
        refusal.details["causes"] = causes
            .iter()
            .map(|cause| json!({ "reason": cause.reason, "message": cause.message, "field": cause.field }))
            .collect();
        refusal
    }

    /// What an apply is told whose body does not fit the schema: **500 with an empty reason**, as the original does.
    pub(in super::super) fn untyped(key: &Key, problem: &str) -> Refusal {
        let message = format!(
            "failed to create typed patch object ({}/{}; {}, Kind={}): {problem}",
            key.namespace,
            key.name,
            key.kind.api_version(),
            key.kind
        );
        Refusal::new(500, "", message)
    }

    /// The continue token's list is gone.
    pub(in super::super) fn expired() -> Refusal {
        Refusal::new(
            410,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result. You can start a new list \
             without the continue parameter.",
        )
    }

    pub(in super::super) fn too_many(seconds: u32) -> Refusal {
        let message = "too many requests, please try again later";
        let mut refusal = Refusal::new(429, "TooManyRequests", message);
        refusal.details = json!({ "retryAfterSeconds": seconds });
        refusal.retry_after = Some(seconds);
        refusal
    }

    /// The body.
    pub(in super::super) fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        if !self.details.is_null() {
            status["details"] = self.details.clone();
        }
        status
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.status())).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == 401 {
            let realm = HeaderValue::from_static("Bearer realm=\"kubernetes\"");
            response.headers_mut().insert(HeaderName::from_static("www-authenticate"), realm);
        }
        response
    }
}
