//! A code for tokens (RFC 6749, section 4.1.3).

use super::claims::SignInFlaw;
use super::codes::Shown;
use super::desk::Desk;
use super::mint::HOUR;
use super::routes::form;
use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    code: String,
    redirect_uri: String,
    client_id: Option<String>,
    code_verifier: String,
}

/// The tokens, or an error as section 5.2 has it.
pub(super) fn exchange(desk: &Desk, headers: &HeaderMap, body: &Bytes) -> Response {
    let asked: Asked = match form(body) {
        Ok(asked) => asked,
        Err(why) => return error(StatusCode::BAD_REQUEST, "invalid_request", &why),
    };
    let Some(client) = client(desk, headers, &asked) else {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", "the client did not show who it is");
    };
    let shown = Shown { client: &client, redirect: &asked.redirect_uri, verifier: &asked.code_verifier };
    let grant = match desk.codes.redeem(&asked.code, &shown) {
        Ok(grant) => grant,
        Err(why) => return error(StatusCode::BAD_REQUEST, "invalid_grant", why),
    };
    if grant.flaw == Some(SignInFlaw::Down) {
        return (StatusCode::SERVICE_UNAVAILABLE, "busy").into_response();
    }
    let claims = grant.person.claims();
    let mut answer = json!({
        "access_token": desk.mint.token(&claims),
        "token_type": "Bearer",
        "expires_in": HOUR.as_secs(),
    });
    if grant.flaw != Some(SignInFlaw::NoIdToken) {
        answer["id_token"] = json!(desk.mint.id_token(&claims, &client, grant.nonce.as_deref(), grant.flaw));
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// Which client asks: by HTTP Basic where clients have a secret, by its word where they have none.
fn client(desk: &Desk, headers: &HeaderMap, asked: &Asked) -> Option<String> {
    let Some(secret) = &desk.client_secret else {
        return asked.client_id.clone().filter(|client| !client.is_empty());
    };
    let basic = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
    let (client, shown) = pair.split_once(':')?;
    // Section 2.3.1: both halves are form-encoded.
    let decoded = |text: &str| {
        let pairs = reqwest::Url::parse(&format!("http://127.0.0.1/?x={text}")).ok()?;
        pairs.query_pairs().next().map(|(_, value)| value.into_owned())
    };
    (decoded(shown)? == *secret).then_some(decoded(client)?)
}

fn error(status: StatusCode, code: &str, why: &str) -> Response {
    (status, Json(json!({ "error": code, "error_description": why }))).into_response()
}
