//! A token issuer for development: discovery, keys, and a token for whoever asks. Loopback only, never deployed.
//!
//! | route | answer |
//! |---|---|
//! | `GET /.well-known/openid-configuration` | where everything is |
//! | `GET /jwks.json` | the public key (ES256) |
//! | `POST /token` | a token for `sub`, `tenant`, `roles`, `email`, `audience`, `expires_in` (form or JSON) |

mod claims;
mod key;
mod mint;
mod routes;

use crate::http::Server;
pub use claims::{Claims, Flaw};
use key::Key;
use mint::Mint;
use std::path::PathBuf;
use std::sync::Arc;
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
}

impl Default for Options {
    /// A free port, a key for this run, and the audience `tenantry`.
    fn default() -> Options {
        Options { port: None, folder: None, audience: "tenantry".to_owned() }
    }
}

/// The running issuer; stops when dropped.
#[derive(Debug)]
pub struct Issuer {
    mint: Arc<Mint>,
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
        let mint = Arc::new(Mint { key, issuer, audience: options.audience });
        let server = Server::serve(listener, routes::router(Arc::clone(&mint)), watch::Sender::new(false));
        Ok(Issuer { mint, server })
    }

    /// The issuer's name, which is also its URL: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.mint.issuer
    }

    /// Where the public keys are.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/jwks.json", self.url())
    }

    /// The audience of its tokens.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.mint.audience
    }

    /// A good token.
    #[must_use]
    pub fn mint(&self, claims: &Claims) -> String {
        self.mint.token(claims)
    }

    /// A token that must be refused, for this reason alone.
    #[must_use]
    pub fn mint_flawed(&self, claims: &Claims, flaw: Flaw) -> String {
        self.mint.flawed(claims, flaw)
    }

    /// Closes all connections and returns when that is done.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
