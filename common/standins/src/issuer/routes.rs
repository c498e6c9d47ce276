//! The issuer over HTTP (OpenID Connect Discovery 1.0; RFC 7517 for the keys; RFC 6749 for the shape of the answer).

use super::claims::Claims;
use super::mint::{HOUR, Mint};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The longest a development token is good for: thirty days.
const LONGEST: u64 = 30 * 24 * 3600;

pub(super) fn router(mint: Arc<Mint>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks.json", get(keys))
        .route("/token", post(token))
        .with_state(mint)
}

async fn configuration(State(mint): State<Arc<Mint>>) -> Json<Value> {
    let issuer = &mint.issuer;
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks.json"),
        "token_endpoint": format!("{issuer}/token"),
        "response_types_supported": ["token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["iss", "aud", "sub", "exp", "iat", "tenant", "roles", "email"],
    }))
}

async fn keys(State(mint): State<Arc<Mint>>) -> Json<Value> {
    Json(json!({ "keys": [mint.key.public] }))
}

/// What is asked of `POST /token`. In a form, roles are separated by commas or spaces.
#[derive(Debug, Deserialize)]
struct Asked {
    sub: String,
    tenant: Option<String>,
    roles: Option<Roles>,
    email: Option<String>,
    audience: Option<String>,
    expires_in: Option<Seconds>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Roles {
    List(Vec<String>),
    Words(String),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Words(String),
}

async fn token(State(mint): State<Arc<Mint>>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let asked = if kind.starts_with("application/json") {
        serde_json::from_slice::<Asked>(&body).map_err(|error| error.to_string())
    } else {
        form(&body)
    };
    match asked.and_then(claims) {
        Ok(claims) => {
            let seconds = claims.valid_for.unwrap_or(HOUR).as_secs();
            let answer = json!({ "access_token": mint.token(&claims), "token_type": "Bearer", "expires_in": seconds });
            ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
        }
        Err(why) => {
            let answer = json!({ "error": "invalid_request", "error_description": why });
            (StatusCode::BAD_REQUEST, Json(answer)).into_response()
        }
    }
}

/// A form is written like a query, and is read as one.
fn form(body: &Bytes) -> Result<Asked, String> {
    let unreadable = || "the body is neither a form nor JSON with its content type".to_owned();
    let body = std::str::from_utf8(body).map_err(|_| unreadable())?;
    let query = Uri::try_from(format!("/token?{}", body.trim())).map_err(|_| unreadable())?;
    let Query(asked) = Query::try_from_uri(&query).map_err(|error| error.body_text())?;
    Ok(asked)
}

fn claims(asked: Asked) -> Result<Claims, String> {
    if asked.sub.is_empty() {
        return Err("`sub` is empty: say who the token is for".to_owned());
    }
    let roles = match asked.roles {
        None => Vec::new(),
        Some(Roles::List(roles)) => roles,
        Some(Roles::Words(words)) => {
            words.split([',', ' ']).filter(|role| !role.is_empty()).map(str::to_owned).collect()
        }
    };
    let seconds = match asked.expires_in {
        None => None,
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Words(words)) => Some(words.parse().map_err(|_| "`expires_in` is not a number of seconds")?),
    };
    if seconds.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
        return Err(format!("`expires_in` must be from 1 to {LONGEST} seconds"));
    }
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Claims {
        sub: asked.sub,
        tenant: filled(asked.tenant),
        roles,
        email: filled(asked.email),
        audience: filled(asked.audience),
        valid_for: seconds.map(Duration::from_secs),
    })
}
