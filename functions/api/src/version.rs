//! Things that several people change: which version somebody has read (`ETag`), which one they change (`If-Match`, RFC 9110).

use axum::{
    Json,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// The ETag of a version.
fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// A body with the ETag of its version.
pub(crate) fn with_etag(body: impl Serialize, version: i32) -> Response {
    let mut response = Json(body).into_response();
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Refused unless the caller knows which version it changes.
pub(crate) fn expected(if_match: Option<&HeaderValue>, version: i32) -> Result<(), Problem> {
    let Some(given) = if_match else {
        return Err(Problem::new(Code::PreconditionRequired, "The change does not say which version it changes."));
    };
    // A proxy that compresses makes a tag a weak one.
    let mut tags = given.to_str().unwrap_or_default().split(',').map(|tag| tag.trim().trim_start_matches("W/"));
    if tags.any(|tag| tag == "*" || tag == etag(version)) { Ok(()) } else { Err(overtaken()) }
}

/// Somebody else was faster.
pub(crate) fn overtaken() -> Problem {
    Problem::new(Code::PreconditionFailed, "Somebody has changed it since it was read.")
}

/// Of both only what is not the same.
pub(crate) fn differing(before: &Value, after: &Value) -> (Option<Value>, Option<Value>) {
    let only = |one: &Value, other: &Value| {
        let fields = one.as_object().into_iter().flatten().filter(|(name, value)| other[name.as_str()] != **value);
        Some(Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect()))
    };
    (only(before, after), only(after, before))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_names_the_version_that_it_changes() {
        let asked = |tags: &'static str| expected(Some(&HeaderValue::from_static(tags)), 7);
        for known in ["\"7\"", "W/\"7\"", "\"3\", \"7\"", "*"] {
            assert!(asked(known).is_ok(), "{known}");
        }
        for other in ["\"6\"", "7", ""] {
            assert_eq!(asked(other).unwrap_err().code(), Code::PreconditionFailed, "{other}");
        }
        assert_eq!(expected(None, 7).unwrap_err().code(), Code::PreconditionRequired);
    }

    #[test]
    fn only_what_differs_is_kept() {
        let (before, after) = differing(&json!({"a": 1, "b": 2}), &json!({"a": 1, "b": 3}));
        assert_eq!((before, after), (Some(json!({"b": 2})), Some(json!({"b": 3}))));
    }
}
