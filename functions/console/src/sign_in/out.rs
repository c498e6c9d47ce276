//! Signing out: here, and at the identity provider (OpenID Connect RP-Initiated Logout 1.0).

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::html;
use url::Url;

use crate::{
    cookie::Cookie,
    form::Sent,
    page::{Page, Place, frame, see_other},
    session,
    state::Console,
};

/// The ID token, kept for this moment: providers ask whose session is to be ended. A cookie of its own, sent to one path.
const HINT: Cookie = Cookie { name: "tenantry-id", context: b"console id token", path: "/sign-out", lasts: None };

/// What a browser is told to keep for signing out. A token too large for a cookie is done without.
pub(super) fn hint(console: &Console, id_token: &str) -> HeaderValue {
    HINT.set(&console.sealer, &console.url, &id_token).unwrap_or_else(|| HINT.clear(&console.url))
}

/// Ends the session here, and leads to the provider, which ends its own and leads back.
pub(super) async fn sign_out(State(console): State<Console>, headers: HeaderMap, sent: Sent) -> Response {
    tracing::info!(actor = sent.person.subject, "signed out");
    let id_token: Option<String> = HINT.read(&console.sealer, &console.url, &headers);
    let mut response = match end_of_session(&console, id_token.as_deref()).await {
        // By a page and not by a redirect: a form may lead to our own origin only (`form-action`), also by a redirect.
        Some(there) => {
            let body = html! { p { a href=(there) { "Sign out at your identity provider too" } } };
            let refresh =
                HeaderValue::from_str(&format!("0;url={there}")).unwrap_or(HeaderValue::from_static("0;url=/"));
            let page = frame(None, Place::None, None, "Signing out", &body);
            ([(HeaderName::from_static("refresh"), refresh)], page).into_response()
        }
        None => see_other("/signed-out"),
    };
    for cookie in [session::COOKIE, HINT] {
        response.headers_mut().append(header::SET_COOKIE, cookie.clear(&console.url));
    }
    response
}

/// Where the provider ends its session; none where it cannot, or does not answer: then it ends here at least.
async fn end_of_session(console: &Console, id_token: Option<&str>) -> Option<Url> {
    let endpoints = console.sign_in.verifier.provider().endpoints().await.ok()?;
    let mut there = endpoints.end_session.clone()?;
    let home = console.url.join("/signed-out").ok()?;
    there.query_pairs_mut().extend_pairs([
        ("client_id", console.sign_in.client.as_str()),
        ("post_logout_redirect_uri", home.as_str()),
        // Cognito's own name for it.
        ("logout_uri", home.as_str()),
    ]);
    if let Some(id_token) = id_token {
        there.query_pairs_mut().append_pair("id_token_hint", id_token);
    }
    Some(there)
}

/// The end.
pub(super) async fn signed_out() -> Page {
    let body = html! { p { "You are signed out of the console." } p { a.button href="/sign-in" { "Sign in" } } };
    frame(None, Place::None, None, "Signed out", &body).with(StatusCode::OK)
}
