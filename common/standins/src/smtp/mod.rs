//! A mail server that takes every mail, sends none, and shows what it took (RFC 5321).
//!
//! It speaks EHLO, STARTTLS or TLS from the start, AUTH PLAIN and LOGIN, SIZE, 8BITMIME, SMTPUTF8 and PIPELINING, and can
//! be told to misbehave at every stage of a session ([`Rule`]), before and after a message was accepted.

mod command;
mod connection;
mod listener;
mod mailbox;
mod message;
mod misbehave;
mod options;
mod routes;
mod session;
mod store;
mod tls;

use connection::Shared;
use listener::Listening;
pub use mailbox::Mailbox;
pub use message::Message;
pub use misbehave::{Fault, Rule, Stage};
pub use options::{Auth, Login, Options, Tls};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The running mail server; stops when dropped.
#[derive(Debug)]
pub struct Smtp {
    shared: Arc<Shared>,
    listening: Listening,
    ca_pem: String,
}

impl Smtp {
    /// Starts it; it takes connections when this returns.
    ///
    /// # Errors
    /// When the port is taken or the mailbox's folder cannot be read or made.
    pub async fn start(options: Options) -> std::io::Result<Smtp> {
        let mailbox = Mailbox::open(options.folder.as_deref(), options.keep)?;
        let rules = Mutex::default();
        let shared = Arc::new(Shared { mailbox, rules, max_size: options.max_size });
        let identity = tls::make().map_err(std::io::Error::other)?;
        let ca_pem = identity.ca_pem.clone();
        let listening = Listening::start(options, identity, Arc::clone(&shared)).await?;
        Ok(Smtp { shared, listening, ca_pem })
    }

    /// Where it listens: 127.0.0.1 and its port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The certificate authority a client has to trust, in PEM. The certificate is for `localhost` and 127.0.0.1.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// What was accepted.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.shared.mailbox
    }

    /// The mailbox over HTTP: `GET /mail` (newest first; `?to=` part of a recipient, `?limit=` 1 to 100),
    /// `DELETE /mail`, `GET /mail/{id}`, `GET /mail/{id}/raw`, `GET /mail/{id}/html`.
    pub fn mailbox_routes(&self) -> axum::Router {
        routes::router(self.mailbox().clone())
    }

    /// Puts these rules in force instead of all earlier ones. The first that strikes at a stage decides; probabilities
    /// are drawn from the seed. Without rules it behaves.
    pub fn misbehave(&self, seed: u64, rules: impl IntoIterator<Item = Rule>) {
        let rules = misbehave::Rules::new(seed, rules.into_iter().collect());
        *self.shared.rules.lock().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    /// Behaves again.
    pub fn behave(&self) {
        self.misbehave(0, []);
    }

    /// Refuses connections as if no server ran (`true`), or takes them again on the same port (`false`). Returns when
    /// that is in force; connections that are open stay open.
    ///
    /// # Errors
    /// When the port was taken by somebody else meanwhile.
    pub async fn refuse_connections(&self, refuse: bool) -> std::io::Result<()> {
        self.listening.refuse(refuse).await
    }

    /// Closes all connections and returns when that is done.
    pub async fn stop(self) {
        self.listening.stop().await;
    }
}
