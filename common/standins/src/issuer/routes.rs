//! The issuer over HTTP (OpenID Connect Discovery 1.0; RFC 7517 for the keys; RFC 6749 for the shape of the answer).

use super::claims::Claims;
use super::desk::Desk;
use super::mint::HOUR;
use super::{authorize, exchange};
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// The longest a development token is good for: thirty days.
const LONGEST: u64 = 30 * 24 * 3600;

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks.json", get(keys))
        .route("/token", post(token))
        .route("/authorize", get(authorize::show).post(authorize::choose))
        .route("/end-session", get(authorize::end_session))
        .with_state(desk)
}

async fn configuration(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let issuer = &desk.mint.issuer;
    let client = if desk.client_secret.is_some() { "client_secret_basic" } else { "none" };
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks.json"),
        "token_endpoint": format!("{issuer}/token"),
        "authorization_endpoint": format!("{issuer}/authorize"),
        "end_session_endpoint": format!("{issuer}/end-session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [client],
        "authorization_response_iss_parameter_supported": true,
        "scopes_supported": ["openid", "profile", "email"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": ["iss", "aud", "sub", "exp", "iat", "tenant", "roles", "name", "email"],
    }))
}

async fn keys(State(desk): State<Arc<Desk>>) -> Json<Value> {
    Json(json!({ "keys": [desk.mint.key.public] }))
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

#[derive(Debug, Deserialize)]
struct Kind {
    grant_type: Option<String>,
}

async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let asked = if kind.starts_with("application/json") {
        serde_json::from_slice::<Asked>(&body).map_err(|error| error.to_string())
    } else if form::<Kind>(&body).is_ok_and(|kind| kind.grant_type.as_deref() == Some("authorization_code")) {
        return exchange::exchange(&desk, &headers, &body);
    } else {
        form(&body)
    };
    match asked.and_then(claims) {
        Ok(claims) => {
            let seconds = claims.valid_for.unwrap_or(HOUR).as_secs();
            let answer =
                json!({ "access_token": desk.mint.token(&claims), "token_type": "Bearer", "expires_in": seconds });
            ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
        }
        Err(why) => {
            let answer = json!({ "error": "invalid_request", "error_description": why });
            (StatusCode::BAD_REQUEST, Json(answer)).into_response()
        }
    }
}

/// A form is written like a query, and is read as one.
pub(super) fn form<T: DeserializeOwned>(body: &Bytes) -> Result<T, String> {
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
        name: None,
        email: filled(asked.email),
        audience: filled(asked.audience),
        valid_for: seconds.map(Duration::from_secs),
    })
}
