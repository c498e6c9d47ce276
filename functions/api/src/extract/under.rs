//! Something below a tenant in a path.

use std::{fmt, str::FromStr};

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use tenantry_model::TenantId;

use crate::{
    error::{not_found, sentence},
    problem::{Code, FieldError, Problem},
};

/// The tenant of a path `/v1/tenants/{id}/...` and the one other part of it.
pub(crate) struct Under<T>(pub(crate) TenantId, pub(crate) T);

impl<T, S> FromRequestParts<S> for Under<T>
where
    T: FromStr<Err: fmt::Display>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Ok(Path((tenant, other))) = Path::<(String, String)>::from_request_parts(parts, state).await else {
            return Err(not_found("object"));
        };
        Ok(Self(read(&tenant)?, read(&other)?))
    }
}

fn read<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: T::Err| {
        let words = sentence(&error.to_string());
        let field = FieldError::parameter("id", "invalid_value", words.clone());
        Problem::new(Code::InvalidParameter, words).with(vec![field])
    })
}
