//! An identity provider for development: discovery, keys, a token for whoever asks, and signing in by choosing who to be
//! (OpenID Connect Core 1.0, authorization code with PKCE). Loopback only, never deployed.
//!
//! | route | answer |
//! |---|---|
//! | `GET /.well-known/openid-configuration` | where everything is |
//! | `GET /jwks.json` | the public key (ES256) |
//! | `POST /token` | a token for `sub`, `tenant`, `roles`, `email`, `audience`, `expires_in` (form or JSON) |
//! | `POST /token` with `grant_type=authorization_code` | an ID token and an access token for a code |
//! | `GET /authorize` | a page, "Choose who to be" |
//! | `GET /end-session` | back to `post_logout_redirect_uri` |

mod authorize;
mod claims;
mod codes;
mod desk;
mod exchange;
mod key;
mod mint;
mod page;
mod people;
mod routes;

use crate::http::Server;
pub use claims::{Claims, Flaw, SignInFlaw};
use desk::Desk;
use key::Key;
use mint::Mint;
pub use people::{People, Person};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::watch;

/// How the issuer is to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; `None` takes a free one. A kept port keeps the issuer's name, and with it old tokens good.
    pub port: Option<u16>,
    /// The folder the signing key is kept in (mode 600); `None` makes a new key at every start.
    pub folder: Option<PathBuf>,
    /// The audience of its tokens.
    pub audience: String,
    /// What clients must show when they exchange a code (`client_secret_basic`); `None` has public clients.
    pub client_secret: Option<String>,
}

impl Default for Options {
    /// A free port, a key for this run, and the audience `tenantry`.
    fn default() -> Options {
        Options { port: None, folder: None, audience: "tenantry".to_owned(), client_secret: None }
    }
}

/// The running issuer; stops when dropped.
#[derive(Debug)]
pub struct Issuer {
    desk: Arc<Desk>,
    server: Server,
}

impl Issuer {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// When the port is taken, or the key cannot be read or made.
    pub async fn start(options: Options) -> std::io::Result<Issuer> {
        let key = options.folder.as_deref().map_or_else(Key::fresh, Key::kept)?;
        let listener = Server::bind(options.port).await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            mint: Mint { key, issuer, audience: options.audience },
            client_secret: options.client_secret,
            codes: codes::Codes::default(),
            people: RwLock::new(Arc::new(Vec::<Person>::new())),
            flaws: Mutex::default(),
        });
        let server = Server::serve(listener, routes::router(Arc::clone(&desk)), watch::Sender::new(false));
        Ok(Issuer { desk, server })
    }

    /// From now on these people of tenants can be chosen, beside the platform's operator.
    pub fn offer(&self, people: Arc<dyn People>) {
        *self.desk.people.write().unwrap_or_else(PoisonError::into_inner) = people;
    }

    /// The next person who is chosen finds this going wrong; several are taken in turn.
    pub fn misbehave(&self, flaw: SignInFlaw) {
        self.desk.flaws.lock().unwrap_or_else(PoisonError::into_inner).push_back(flaw);
    }

    /// The issuer's name, which is also its URL: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.desk.mint.issuer
    }

    /// Where the public keys are.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks.json", self.url())
    }

    /// The audience of its tokens.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.desk.mint.audience
    }

    /// A good token.
    #[must_use]
    pub fn mint(&self, claims: &Claims) -> String {
        self.desk.mint.token(claims)
    }

    /// A token that must be refused, for this reason alone.
    #[must_use]
    pub fn mint_flawed(&self, claims: &Claims, flaw: Flaw) -> String {
        self.desk.mint.flawed(claims, flaw)
    }

    /// Closes all connections and returns when that is done.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
