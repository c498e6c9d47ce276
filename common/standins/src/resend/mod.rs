//! Resend's API over HTTP, with its webhooks, so that the real client is what runs.
//!
//! Routes and shapes are those of its published OpenAPI (1.5.0); errors those of its documentation. One account, one
//! key, one webhook. It accepts mail and tells what became of it; it sends none. The account's domains outlive the process
//! where [`Options::folder`] says so; everything else lives in memory.
//!
//! | route | |
//! |---|---|
//! | `POST /emails`, `POST /emails/batch` | with `Idempotency-Key`, kept for 24 h |
//! | `GET /emails`, `GET`, `PATCH /emails/{id}`, `POST /emails/{id}/cancel` | |
//! | `POST`, `GET /domains`, `GET`, `PATCH`, `DELETE /domains/{id}`, `POST /domains/{id}/verify` | records are looked for in [`Options::dns`] |
//!
//! What the life of a domain can meet, besides [`Rule`]s on the answers:
//!
//! | what | how |
//! |---|---|
//! | created, and no answer ever came | `Rule::on(Route::CreateDomain, Fault::Silence).after()`, or `Reset` |
//! | another account has the name, and gives it up | [`Resend::registered_elsewhere`], [`Resend::given_up_elsewhere`] |
//! | somebody adds or deletes a domain by hand | [`Resend::add_domain`], [`Resend::remove_domain`] |
//! | any status | [`Resend::finish_verification`] |
//! | a verification that takes long | `Rule::on(Route::VerifyDomain, Fault::HoldVerification)`, [`Resend::release`] |
//! | gone, too many requests, broken N times | `Rule::error(Route::GetDomain, 404, "not_found")`, `Fault::RateLimited`, `.times(n)` |
//!
//! It is stricter than the original in two ways that only a client's mistake can notice: a field the API does not have
//! is refused, and under one idempotency key the body has to be the same to the byte.

mod account;
mod address;
mod answer;
mod call;
mod clock;
mod domain;
mod domain_routes;
mod domains;
mod email_routes;
mod error;
mod events;
mod fate;
mod idempotency;
mod mail;
mod misbehave;
mod options;
mod page;
mod rate;
mod request;
mod settings;
mod store;
mod svix;
mod verify;
mod webhooks;

use crate::background::Background;
use crate::http::Server;
use account::Account;
pub use domain::{Domain, Record, Status};
pub use fate::Fate;
pub use mail::AcceptedMail;
pub use misbehave::{Delivery, Fault, Route, Rule};
pub use options::Options;
pub use request::Attachment;
use std::collections::HashMap;
use std::io::{Error, Result};
use std::sync::Arc;
use std::time::Duration;
pub use svix::sign;
use tokio::sync::watch;
use webhooks::Webhooks;

/// Larger than the largest mail, so that too large a mail is refused in Resend's own words.
const MAX_REQUEST: usize = 2 * request::MAX_BYTES;

/// The running server; stops when dropped.
#[derive(Debug)]
pub struct Resend {
    account: Arc<Account>,
    server: Server,
    url: String,
}

impl Resend {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// When the port is taken, the webhook secret is none, a verified domain's name is none, or the folder cannot be read or
    /// written.
    pub async fn start(options: Options) -> Result<Resend> {
        let listener = Server::bind(options.port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (closing, closed) = watch::channel(false);
        let background = Background::new(closed);
        let key = options.key.clone().unwrap_or_else(|| format!("re_{}", uuid::Uuid::new_v4().simple()));
        let secret = options.webhook_secret.clone().map_or_else(svix::fresh_secret, Ok)?;
        if sign(&secret, "", 0, b"").is_none() {
            return Err(Error::other("the webhook secret has to be whsec_ and base64"));
        }
        let (target, retries) = (options.webhook_url.clone(), options.webhook_retries.clone());
        let webhooks = Webhooks::new(target, secret, retries, background.clone())?;
        let resolver = options.dns.map(crate::resolver::resolver).transpose()?;
        let account = Arc::new(Account::new(key, webhooks, background, resolver, &options)?);
        for name in &options.verified_domains {
            account.domains.verified(name).map_err(|refusal| Error::other(refusal.message))?;
        }
        account.resume();
        let router = axum::Router::new()
            .merge(email_routes::router())
            .merge(domain_routes::router())
            .fallback(async || error::Refusal::not_found("The requested endpoint was").answer())
            .layer(axum::extract::DefaultBodyLimit::max(MAX_REQUEST))
            .with_state(Arc::clone(&account))
            .into_make_service_with_connect_info::<crate::wire::Cut>();
        let door = crate::wire::Door(listener);
        let server =
            Server::run(closing, |closed| axum::serve(door, router).with_graceful_shutdown(closed).into_future());
        Ok(Resend { account, server, url })
    }

    /// The API's base URL: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.account.key
    }

    /// The secret webhooks are signed with.
    #[must_use]
    pub fn webhook_secret(&self) -> &str {
        self.account.webhooks.secret()
    }

    /// Sends webhooks there from now on, or none with `None`.
    pub fn send_webhooks_to(&self, url: Option<&str>) {
        self.account.webhooks.send_to(url.map(str::to_owned));
    }

    /// The mails accepted so far, oldest first. A mail is here once its request had its effect, whatever was answered.
    #[must_use]
    pub fn accepted(&self) -> Vec<Arc<AcceptedMail>> {
        self.account.mails.entries().into_iter().map(|entry| entry.mail).collect()
    }

    /// How many mails were accepted so far.
    #[must_use]
    pub fn total(&self) -> usize {
        self.account.mails.total()
    }

    /// How often a request under this key had its effect; more than once is a duplicate.
    #[must_use]
    pub fn accepted_under(&self, idempotency_key: &str) -> u32 {
        self.account.mails.count(idempotency_key)
    }

    /// All such counts.
    #[must_use]
    pub fn counts(&self) -> HashMap<String, u32> {
        self.account.mails.counts()
    }

    /// Forgets the accepted mails and their counts; idempotency keys stay in force.
    pub fn clear(&self) {
        self.account.mails.clear();
    }

    /// Forgets all idempotency keys, as if 24 hours had passed.
    pub fn forget_keys(&self) {
        self.account.keys.forget();
    }

    /// Waits until so many mails were accepted in all; false when they were not in time.
    pub async fn wait_for(&self, count: usize, patience: Duration) -> bool {
        self.account.mails.wait_for(count, patience).await
    }

    /// Waits until a mail fits, and returns it; `None` when none did in time. One that is already there fits too.
    pub async fn find(&self, fits: impl Fn(&AcceptedMail) -> bool, patience: Duration) -> Option<Arc<AcceptedMail>> {
        self.account.mails.find(fits, patience).await
    }

    /// How many requests of this route came so far with a good key and within the rate.
    #[must_use]
    pub fn requests(&self, route: Route) -> u64 {
        self.account.requests(route)
    }

    /// How many webhooks were answered with 2xx so far.
    #[must_use]
    pub fn webhooks_delivered(&self) -> u64 {
        self.account.webhooks.delivered()
    }

    /// Waits until so many webhooks were answered with 2xx in all; false when they were not in time.
    pub async fn wait_for_webhooks(&self, count: u64, patience: Duration) -> bool {
        self.account.webhooks.wait_for(count, patience).await
    }

    /// Tells by webhook what became of an accepted mail later on, for all its recipients; false for an unknown id.
    pub fn emit(&self, email_id: &str, fate: Fate) -> bool {
        self.account.emit(email_id, fate)
    }

    /// Puts these rules in force instead of all earlier ones; probabilities are drawn from the seed.
    pub fn misbehave(&self, seed: u64, rules: impl IntoIterator<Item = Rule>) {
        self.account.misbehave(seed, rules.into_iter().collect());
    }

    /// Behaves again. What is held stays held.
    pub fn behave(&self) {
        self.misbehave(0, []);
    }

    /// Lets go of everything that is held: requests, verifications, webhooks.
    pub fn release(&self) {
        self.account.gate.open();
        self.account.webhooks.release();
    }

    /// Waits until so many requests and verifications are held; false when they were not in time.
    pub async fn wait_for_held(&self, count: usize, patience: Duration) -> bool {
        self.account.gate.crowded(count, patience).await
    }

    /// The account's domains, oldest first.
    #[must_use]
    pub fn domains(&self) -> Vec<Domain> {
        self.account.domains.all()
    }

    /// Another account holds this name from now on: it cannot be created here.
    pub fn registered_elsewhere(&self, name: &str) {
        self.account.domains.registered_elsewhere(name);
    }

    /// The other account has given this name up: it can be created here from now on.
    pub fn given_up_elsewhere(&self, name: &str) {
        self.account.domains.given_up_elsewhere(name);
    }

    /// Adds a domain by hand, as a person does in a browser who tells our programs nothing. Its webhook is sent.
    ///
    /// # Errors
    /// The name is none, or registered already.
    pub fn add_domain(&self, name: &str, status: Status) -> Result<Domain> {
        self.account.add(name, status).map_err(|refusal| Error::other(refusal.message))
    }

    /// Deletes a domain by hand; false for an unknown name. Its webhook is sent.
    pub fn remove_domain(&self, name: &str) -> bool {
        self.account.remove(name)
    }

    /// Takes mail from this domain and those below it, without their being verified. A domain that is registered still
    /// counts by its own status.
    pub fn take_from(&self, name: &str) {
        self.account.domains.take_from(name);
    }

    /// Puts the domain of this name to any status and its records to what goes with it, as a verification would that ends
    /// so; false for an unknown name. [`Status::TemporaryFailure`] is one of records, and leaves the domain pending.
    pub fn finish_verification(&self, name: &str, status: Status) -> bool {
        self.account.stand(name, status)
    }

    /// Waits until the domain of this name has this status; false when it had not in time.
    pub async fn wait_for_domain(&self, name: &str, status: Status, patience: Duration) -> bool {
        self.account.domains.wait_for(name, status, patience).await
    }

    /// Closes all connections and returns when that is done.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
