//! To the identity provider.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;

use super::{SignIn, back, flow, words};
use crate::{page::see_other, session::Session, state::Console};

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    back: String,
}

/// Leads to the identity provider, and back to a page of ours. Whoever is signed in already is led there at once.
pub(super) async fn begin(State(console): State<Console>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let back = back::local(&asked.back);
    if Session::read(&console, &headers).is_some() {
        return see_other(&back);
    }
    let sign_in = &console.sign_in;
    let endpoints = match sign_in.verifier.provider().endpoints().await {
        Ok(endpoints) => endpoints,
        Err(why) => {
            tracing::warn!(%why, "nobody can sign in: the identity provider does not answer");
            return words::away(&back).into_response();
        }
    };
    let (Some(mut there), Some(redirect)) = (endpoints.authorization.clone(), SignIn::redirect(&console)) else {
        tracing::error!("nobody can sign in: the identity provider names no authorization_endpoint");
        return words::set_up_wrongly(&back).into_response();
    };
    let Some(flow) = flow::Flow::begin(back.clone(), console.clock.now()) else {
        return words::ours(&back).into_response();
    };
    let Some(cookie) = flow::COOKIE.set(&console.sealer, &console.url, &flow) else {
        return words::ours(&back).into_response();
    };
    there.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", sign_in.client.as_str()),
        ("redirect_uri", redirect.as_str()),
        ("scope", sign_in.scopes.as_str()),
        ("state", flow.state.as_str()),
        ("nonce", flow.nonce.as_str()),
        ("code_challenge", flow.challenge().as_str()),
        ("code_challenge_method", "S256"),
    ]);
    let mut response = see_other(there.as_str());
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
