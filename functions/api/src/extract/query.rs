//! Queries.

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::de::DeserializeOwned;

use super::read;
use crate::problem::{Code, FieldError, Problem};

/// The parameters of a query. Unknown ones are refused: a misspelt filter must not look like an empty answer.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        read::pairs(&pairs_of(parts)).map(Self).map_err(invalid_parameters)
    }
}

/// The pairs of a query, decoded.
pub(crate) fn pairs_of(parts: &Parts) -> Vec<(String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// 400, with what is wrong with which parameter.
pub(crate) fn invalid_parameters(errors: Vec<FieldError>) -> Problem {
    let detail = errors
        .first()
        .map_or_else(String::new, |one| format!("{}: {}", one.parameter.as_deref().unwrap_or_default(), one.detail));
    Problem::new(Code::InvalidParameter, detail).with(errors)
}
