//! Signing in: OpenID Connect Core 1.0 with the authorization code (RFC 6749), PKCE (RFC 7636) and a nonce, and as RFC 9700 has it.
//!
//! Written here, on top of the API's own check of tokens: the crates for it bring a second check of tokens and a second
//! set of cryptography, which would be most of what they weigh.

mod back;
mod begin;
mod callback;
mod flow;
mod out;
mod words;

use api::auth::Verifier;
use axum::{
    Router,
    routing::{get, post},
};
use secrecy::SecretString;
use tenantry_runtime::config::Reader;
use url::Url;

use crate::state::Console;

/// The identity provider, and who we are to it.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// Checks ID tokens: those whose audience is the console.
    verifier: Verifier,
    client: String,
    secret: Option<SecretString>,
    scopes: String,
}

/// The settings, before it is known whose tokens are accepted.
#[derive(Debug)]
pub(crate) struct Settings {
    client: String,
    secret: Option<SecretString>,
    scopes: String,
}

impl Settings {
    /// Reads `OIDC_CLIENT_ID`, the console's name at the identity provider; `OIDC_CLIENT_SECRET` (secret), for a provider that
    /// gave it one (`client_secret_basic`; otherwise the console is a public client); and `OIDC_SCOPES` (`openid profile email`).
    pub(crate) async fn read(read: &mut Reader) -> Self {
        let client = read.required("OIDC_CLIENT_ID");
        let secret = read.find_secret("OIDC_CLIENT_SECRET").await;
        let scopes = read.text("OIDC_SCOPES").unwrap_or_else(|| "openid profile email".to_owned());
        if !scopes.split(' ').any(|scope| scope == "openid") {
            read.problem("OIDC_SCOPES", "must hold openid: without it there is no ID token");
        }
        Self { client, secret, scopes }
    }

    /// Signing in at the provider whose tokens the API accepts; none without a client id.
    pub(crate) fn at(self, api: &Verifier) -> Option<SignIn> {
        let verifier = api.for_audience(&self.client).ok()?;
        Some(SignIn { verifier, client: self.client, secret: self.secret, scopes: self.scopes })
    }
}

impl SignIn {
    /// Where the provider sends people back to.
    fn redirect(console: &Console) -> Option<String> {
        console.url.join("/sign-in/callback").ok().map(Url::into)
    }
}

/// The routes. Nobody need be signed in for them, except to sign out.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/sign-in", get(begin::begin))
        .route("/sign-in/callback", get(callback::callback))
        .route("/sign-out", post(out::sign_out))
        .route("/signed-out", get(out::signed_out))
}

#[cfg(test)]
mod tests;
