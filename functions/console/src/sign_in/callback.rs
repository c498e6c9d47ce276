//! Back from the identity provider.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::Value;

use super::{SignIn, flow, out, words};
use crate::{
    came::Came,
    page::{Refusal, see_other},
    person::Person,
    session::{self, Session},
    state::Console,
};

/// The longest name that is shown, in characters.
const NAME: usize = 80;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    code: String,
    state: String,
    /// In whose name the answer comes (RFC 9207).
    iss: Option<String>,
    error: Option<String>,
}

/// Takes the provider's answer; whatever comes of it, the sign-in is over.
pub(super) async fn callback(
    State(console): State<Console>,
    Query(answer): Query<Answer>,
    headers: HeaderMap,
) -> Response {
    let begun = flow::COOKIE.read(&console.sealer, &console.url, &headers);
    let mut response = match begun {
        Some(flow) => match finish(&console, &flow, &answer).await {
            Ok((person, id_token)) => welcome(&console, person, &id_token, &flow.back),
            Err(refusal) => refusal.into_response(),
        },
        // Somebody went back in their browser, or loads the address once more.
        None if Session::read(&console, &headers).is_some() => see_other("/"),
        None => words::not_begun("/").into_response(),
    };
    response.headers_mut().append(header::SET_COOKIE, flow::COOKIE.clear(&console.url));
    response
}

/// Who has signed in, and the ID token that says so.
async fn finish(console: &Console, flow: &flow::Flow, answer: &Answer) -> Result<(Person, String), Refusal> {
    let back = flow.back.as_str();
    let sign_in = &console.sign_in;
    let provider = sign_in.verifier.provider();
    if !flow.state_is(&answer.state) || answer.iss.as_deref().is_some_and(|iss| iss != provider.issuer()) {
        return Err(words::not_begun(back));
    }
    if flow.is_over(console.clock.now()) {
        return Err(words::too_late(back));
    }
    if let Some(error) = &answer.error {
        return Err(words::refused(error, back));
    }
    let endpoints = provider.endpoints().await.map_err(|why| {
        tracing::warn!(%why, "a sign-in cannot be finished: the identity provider does not answer");
        words::away(back)
    })?;
    let (Some(token), Some(redirect)) = (&endpoints.token, SignIn::redirect(console)) else {
        tracing::error!("nobody can sign in: the identity provider names no token_endpoint");
        return Err(words::set_up_wrongly(back));
    };
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", answer.code.as_str()),
        ("redirect_uri", redirect.as_str()),
        ("code_verifier", flow.verifier.as_str()),
    ];
    let basic = sign_in.secret.as_ref().map(|secret| (sign_in.client.as_str(), secret));
    if basic.is_none() {
        form.push(("client_id", sign_in.client.as_str()));
    }
    let (status, tokens) = provider.post(token, &form, basic).await.map_err(|why| {
        tracing::warn!(%why, "a sign-in cannot be finished: no tokens for a code");
        words::away(back)
    })?;
    if status != 200 {
        return Err(not_exchanged(status, &tokens, back));
    }
    let Some(id_token) = tokens["id_token"].as_str() else {
        tracing::error!("nobody can sign in: the identity provider gives no ID token");
        return Err(words::set_up_wrongly(back));
    };
    let claims =
        sign_in.verifier.id_token(id_token, &flow.nonce).await.map_err(|problem| not_believed(&problem, back))?;
    let principal = sign_in.verifier.principal(&claims).map_err(|problem| not_believed(&problem, back))?;
    let name = ["name", "preferred_username", "email"].iter().find_map(|claim| claims.text(claim));
    let person = Person {
        subject: principal.actor(),
        name: name.unwrap_or(claims.subject()).chars().take(NAME).collect(),
        tenant: principal.tenant(),
        roles: principal.roles,
        csrf: flow::random().ok_or_else(|| words::ours(back))?,
        came: Came::default(),
    };
    Ok((person, id_token.to_owned()))
}

/// The provider's errors (RFC 6749, section 5.2): a code that is worth nothing is a matter of time, the rest of our set-up.
fn not_exchanged(status: u16, answer: &Value, back: &str) -> Refusal {
    let error = answer["error"].as_str().unwrap_or_default();
    if error == "invalid_grant" {
        tracing::info!("a sign-in's code was worth nothing");
        return words::too_late(back);
    }
    let error = words::plain(error);
    tracing::error!(status, error, "the identity provider gives the console no tokens");
    if status >= 500 { words::away(back) } else { words::set_up_wrongly(back) }
}

fn not_believed(problem: &api::Problem, back: &str) -> Refusal {
    let code = problem.code();
    tracing::warn!(code = code.as_str(), "an ID token was not accepted");
    match code {
        api::Code::TenantClaimMissing => words::nobody_here(back),
        api::Code::IssuerUnavailable => words::away(back),
        _ => words::not_accepted(back),
    }
}

/// To the page, with a session. A new one, whatever the browser had: nobody's session is continued by signing in.
fn welcome(console: &Console, person: Person, id_token: &str, back: &str) -> Response {
    tracing::info!(actor = person.subject, "signed in");
    let session = Session::begin(person, console.clock.now());
    let Some(cookie) = session::COOKIE.set(&console.sealer, &console.url, &session) else {
        return words::ours(back).into_response();
    };
    let mut response = see_other(back);
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, cookie);
    headers.append(header::SET_COOKIE, out::hint(console, id_token));
    response
}
