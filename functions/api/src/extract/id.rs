//! Ids in paths.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};

use crate::{
    error::{not_found, sentence},
    problem::{Code, FieldError, Problem},
};

/// The `{id}` of a path. A text that cannot be such an id is a malformed request, not a missing object.
pub(crate) struct Id<T>(pub(crate) T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: FromStr<Err: std::fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else {
            return Err(not_found("object"));
        };
        text.parse().map(Self).map_err(|error: T::Err| {
            let words = sentence(&error.to_string());
            let field = FieldError::parameter("id", "invalid_value", words.clone());
            Problem::new(Code::InvalidParameter, words).with(vec![field])
        })
    }
}
