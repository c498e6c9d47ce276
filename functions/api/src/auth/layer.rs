//! Credentials in, a [`Principal`] beside the request out.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};

use super::{
    caller::{Principal, Trusted},
    key,
};
use crate::{
    error::Result,
    problem::{Code, Problem},
    state::ApiState,
};

/// Lets a request pass whose credentials are good, or that a part of this process vouches for ([`Trusted`]).
pub(crate) async fn authenticate(State(state): State<ApiState>, mut request: Request, next: Next) -> Result<Response> {
    let principal = match request.extensions_mut().remove::<Trusted>() {
        Some(Trusted(principal)) => principal,
        None => principal(&state, request.headers()).await?,
    };
    tracing::Span::current().record("actor", principal.actor());
    request.extensions_mut().insert(principal);
    Ok(next.run(request).await)
}

async fn principal(state: &ApiState, headers: &HeaderMap) -> Result<Principal> {
    let credential = credential(headers)?;
    if credential.starts_with(key::PREFIX) {
        return key::principal(state, credential).await;
    }
    Ok(state.verifier.verify(credential).await?)
}

/// The one credential of a request: `Authorization: Bearer`, or `x-api-key`.
fn credential(headers: &HeaderMap) -> Result<&str, Problem> {
    let none = |detail: &str| Problem::new(Code::Unauthenticated, detail).challenge(r#"Bearer realm="tenantry""#);
    let mut given = headers.get_all(header::AUTHORIZATION).iter().chain(headers.get_all("x-api-key"));
    let Some(first) = given.next() else {
        return Err(none("The request carries neither Authorization nor x-api-key."));
    };
    if given.next().is_some() {
        return Err(none("The request carries more than one credential; send one."));
    }
    let text = first.to_str().map_err(|_| none("The credential is not plain text."))?.trim();
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(text);
    }
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => Ok(token.trim()),
        _ => Err(none("Authorization must be Bearer and one token.")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(given: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in given {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_credential_is_read_from_either_header() {
        assert_eq!(credential(&headers(&[("authorization", "Bearer abc")])).unwrap(), "abc");
        assert_eq!(credential(&headers(&[("authorization", "bearer  abc ")])).unwrap(), "abc");
        assert_eq!(credential(&headers(&[("x-api-key", "tk_1")])).unwrap(), "tk_1");
    }

    #[test]
    fn none_two_or_an_unknown_scheme_are_refused_with_a_challenge() {
        for given in [
            &[][..],
            &[("authorization", "Basic abc")],
            &[("authorization", "Bearer ")],
            &[("authorization", "abc")],
            &[("authorization", "Bearer a"), ("x-api-key", "tk_1")],
            &[("authorization", "Bearer a"), ("authorization", "Bearer b")],
        ] {
            let problem = credential(&headers(given)).unwrap_err();
            assert_eq!(problem.code(), Code::Unauthenticated, "{given:?}");
            assert!(problem.answer(None, None).headers().contains_key("www-authenticate"));
        }
    }
}
