//! The one way a body is read.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{fields::invalid_body, read};
use crate::{
    idempotency::Once,
    problem::{Code, Problem},
    state::ApiState,
};

/// A JSON body, and how to do it once however often it is sent. An empty body is an empty object.
pub(crate) struct Body<T> {
    /// What it says.
    pub(crate) value: T,
    /// Its idempotency key, if it has one.
    pub(crate) once: Once,
}

impl<T: DeserializeOwned> FromRequest<ApiState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let limit = state.limits.body;
        let bytes = match Limited::new(body, limit).collect().await {
            Ok(collected) => collected.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large(limit)),
            Err(_) => return Err(Problem::new(Code::MalformedJson, "The body broke off before its end.")),
        };
        if !bytes.is_empty() && !is_json(&parts.headers) {
            return Err(Problem::new(Code::UnsupportedMediaType, "The body is not labelled application/json."));
        }
        let once = Once::read(&parts, &bytes)?;
        Ok(Self { value: read::json(parse(&bytes)?).map_err(invalid_body)?, once })
    }
}

/// The body is larger than `limit` bytes.
pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("The body may have {limit} bytes at most."))
}

fn parse(bytes: &Bytes) -> Result<Value, Problem> {
    if bytes.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let what = if error.is_eof() { "ends too early" } else { "cannot be read" };
        let (line, column) = (error.line(), error.column());
        Problem::new(Code::MalformedJson, format!("The body {what} at line {line}, column {column}."))
    })
}

/// `application/json`, with or without parameters, or a `+json` of its own.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn malformed_json_is_told_with_its_position() {
        let problem = parse(&Bytes::from_static(b"{\n  \"a\": }")).unwrap_err();
        assert_eq!(problem.code(), Code::MalformedJson);
        assert_eq!(problem.body(None, None)["detail"], "The body cannot be read at line 2, column 8.");
        let problem = parse(&Bytes::from_static(b"{\"a\": ")).unwrap_err();
        assert_eq!(problem.body(None, None)["detail"], "The body ends too early at line 1, column 6.");
    }

    #[test]
    fn only_json_is_json() {
        let labelled = |kind: &str| is_json(&[(header::CONTENT_TYPE, kind.parse().unwrap())].into_iter().collect());
        assert!(labelled("application/json") && labelled("Application/JSON; charset=utf-8"));
        assert!(labelled("application/merge-patch+json"));
        assert!(
            !labelled("text/plain") && !labelled("application/x-www-form-urlencoded") && !is_json(&HeaderMap::new())
        );
    }
}
