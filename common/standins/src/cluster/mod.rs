//! A Kubernetes cluster as far as custom hostnames need one: an API server (of Kubernetes 1.36), cert-manager and an Istio
//! gateway, all played. `kube` and `kubectl --context standin-tls` speak to it; [`Cluster::kubeconfig`] leads them here.
//!
//! # The API server
//!
//! | kinds | what can be done |
//! |---|---|
//! | `Certificate`, `CertificateRequest`, `Order`, `Challenge`, `Gateway`, `VirtualService` | GET one, list (label and field selectors, `limit` and `continue`, only metadata by `Accept`), POST, PUT, PATCH by server-side apply and by merge patch, DELETE with preconditions, `/status` |
//! | `Namespace`, `Secret` | the same, without a status |
//! | `SelfSubjectAccessReview` | POST |
//!
//! Field managers are really kept: conflicts name manager and field, `spec.http` and `spec.servers` are owned as a whole,
//! what is no longer applied goes, and an unchanged apply keeps its version. An apply that does not fit the schema is a
//! **500 with an empty reason**; what fits and is forbidden is 422. There is no watch, no dry run, no table, no JSON patch;
//! a list that is continued goes on behind its last object in what is there then.
//!
//! # What can be told to whom
//!
//! | whom | how |
//! |---|---|
//! | the API server | [`Cluster::misbehave`] with [`Rule`]s, [`Cluster::forbid`], [`Cluster::uninstall`] |
//! | cert-manager | [`Cluster::issue`] with an [`Issuance`], [`Cluster::renew`] |
//! | the gateway | [`Cluster::gateway_mood`], [`Cluster::gateway_lag`], [`Cluster::gateway_holds_certificates`] |
//! | what happened | [`Cluster::requests`], [`Cluster::count`], [`Cluster::journal`] |
//!
//! The gateway's two ports stand for 80 and 443, whatever their numbers.
//!
//! ```rust,no_run
//! # use tenantry_standins::cluster::{Cluster, Issuance, Options, Problem};
//! # async fn example() -> std::io::Result<()> {
//! let cluster = Cluster::start(Options::default()).await?;
//! cluster.issue("portal.acme.test", Issuance::Refused(Problem::caa("portal.acme.test")));
//! // With the client at `cluster.url()`: apply a Certificate, and read of it why there is none.
//! # Ok(()) }
//! ```

mod api;
mod certificates;
mod disk;
mod entry;
mod fields;
mod gateway;
mod kind;
mod kubeconfig;
mod misbehave;
mod options;
mod schema;
mod streams;
mod world;

use crate::background::Background;
use crate::http::Server;
pub use api::Seen;
use api::{Deletion, Door, Manner};
use certificates::{Authority, Certificates};
pub use certificates::{Issuance, Problem, Step};
use disk::Disk;
use entry::Entry;
pub use gateway::Mood;
pub use kind::{Key, Kind};
pub use misbehave::{Fault, Rule, Verb};
pub use options::Options;
use serde_json::{Value, json};
use std::io::{Error, Result};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use world::World;
pub use world::Write;

/// The running cluster; stops when dropped.
#[derive(Debug)]
pub struct Cluster {
    world: Arc<World>,
    door: Arc<Door>,
    certificates: Arc<Certificates>,
    gateway: gateway::Running,
    server: Server,
    url: String,
}

impl Cluster {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// When a port is taken, or the folder cannot be read or written.
    pub async fn start(options: Options) -> Result<Cluster> {
        let disk = options.folder.as_deref().map(Disk::open).transpose()?;
        let token = kubeconfig::token(&options)?;
        let world = Arc::new(World::open(disk)?);
        for namespace in &options.namespaces {
            add_namespace(&world, namespace);
        }
        let listener = Server::bind(options.port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (closing, closed) = watch::channel(false);
        let background = Background::new(closed);
        let authority = Authority::open(options.folder.as_deref())?;
        let gateway = gateway::Running::start(Arc::clone(&world), &authority, &options, background.clone()).await?;
        let entry = Entry::of(listener, &authority, &background)?;
        let certificates =
            Certificates::start(Arc::clone(&world), authority, &options, gateway.http, background.clone())?;
        let door = Arc::new(Door::new(Arc::clone(&world), token, background));
        let router = api::router(Arc::clone(&door)).into_make_service_with_connect_info::<crate::wire::Cut>();
        let server =
            Server::run(closing, |closed| axum::serve(entry, router).with_graceful_shutdown(closed).into_future());
        Ok(Cluster { world, door, certificates, gateway, server, url })
    }

    /// The API server's URL: `http://127.0.0.1:PORT`. The port takes TLS too.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bearer token it demands.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.door.token
    }

    /// A kubeconfig that leads here, as text. It holds the token. Its present context, `standin`, speaks plain HTTP;
    /// `kubectl`, which shows no token there, wants `--context standin-tls`.
    #[must_use]
    pub fn kubeconfig(&self) -> String {
        kubeconfig::text(&self.url, &self.door.token, self.ca_pem())
    }

    /// Writes it to a file that only its owner reads.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_kubeconfig(&self, file: &Path) -> Result<()> {
        disk::keep(file, self.kubeconfig().as_bytes())
    }

    /// An object as it is now.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<Value> {
        self.world.get(key).map(|object| (*object).clone())
    }

    /// All objects of a kind, by namespace and name.
    #[must_use]
    pub fn list(&self, kind: Kind) -> Vec<Value> {
        self.world.list(kind, None).1.iter().map(|object| (**object).clone()).collect()
    }

    /// Makes an object by hand, as a person does with `kubectl create`.
    ///
    /// # Errors
    /// What the API server would say.
    pub fn create(&self, object: Value) -> Result<Value> {
        let key =
            Key::of_object(&object).ok_or_else(|| Error::other("apiVersion, kind or metadata.name is missing"))?;
        let made = api::create(&self.world, &Manner::of(&key, "kubectl-create"), object, true);
        made.map(|(object, _)| (*object).clone()).map_err(|refusal| Error::other(refusal.message))
    }

    /// Changes an object by hand, as a person does with `kubectl edit`: what changes is `manager`'s from then on.
    ///
    /// # Errors
    /// What the API server would say.
    pub fn edit(&self, key: &Key, manager: &str, edit: impl FnOnce(&mut Value)) -> Result<Value> {
        self.change(key, manager, false, edit)
    }

    /// As [`Cluster::edit`], of its status.
    ///
    /// # Errors
    /// What the API server would say.
    pub fn edit_status(&self, key: &Key, manager: &str, edit: impl FnOnce(&mut Value)) -> Result<Value> {
        self.change(key, manager, true, edit)
    }

    fn change(&self, key: &Key, manager: &str, status: bool, edit: impl FnOnce(&mut Value)) -> Result<Value> {
        let manner = Manner { status, ..Manner::of(key, manager) };
        let edited = api::edit(&self.world, &manner, Verb::Update, |live| {
            let mut object = live.clone();
            edit(&mut object);
            Ok(object)
        });
        edited.map(|(object, _)| (*object).clone()).map_err(|refusal| Error::other(refusal.message))
    }

    /// Deletes an object by hand, with what it owns; false where it is not there.
    pub fn delete(&self, key: &Key) -> bool {
        api::delete(&self.world, key, "kubectl", &Deletion::default()).is_ok()
    }

    /// Adds a namespace; one that is there stays.
    pub fn add_namespace(&self, name: &str) {
        add_namespace(&self.world, name);
    }

    /// Waits until an object is there and fits, and returns it; `None` when none did in time.
    pub async fn wait_for(&self, key: &Key, fits: impl Fn(&Value) -> bool, patience: Duration) -> Option<Value> {
        let found = |world: &World| world.get(key).filter(|object| fits(object)).map(|object| (*object).clone());
        self.world.wait(found, patience).await
    }

    /// Waits until an object is not there; false when it still was in time.
    pub async fn wait_for_absence(&self, key: &Key, patience: Duration) -> bool {
        self.world.wait(|world| world.get(key).is_none().then_some(()), patience).await.is_some()
    }

    /// Waits until this is so; false when it was not in time. It is asked after each write.
    pub async fn wait_until(&self, so: impl Fn(&Cluster) -> bool, patience: Duration) -> bool {
        self.world.wait(|_| so(self).then_some(()), patience).await.is_some()
    }

    /// The requests for objects that came with a good token, in their order.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.door.seen()
    }

    /// How many requests with this verb came for this kind.
    #[must_use]
    pub fn count(&self, verb: Verb, kind: Kind) -> usize {
        self.door.seen().iter().filter(|seen| seen.verb == verb && seen.key.kind == kind).count()
    }

    /// Every write that took effect, in its order: those of clients, of people, and of the cluster's own controllers. A
    /// write that changed nothing is none.
    #[must_use]
    pub fn journal(&self) -> Vec<Write> {
        self.world.journal()
    }

    /// Forgets the requests and the journal. What is on its way is not told when it is answered.
    pub fn forget(&self) {
        self.door.forget();
        self.world.forget_journal();
    }

    /// Answers 403 from now on to this verb on this kind, in this namespace or everywhere.
    pub fn forbid(&self, verb: Verb, kind: Kind, namespace: Option<&str>) {
        self.door.forbid(verb, kind, namespace);
    }

    /// Forbids nothing any more.
    pub fn permit_all(&self) {
        self.door.permit_all();
    }

    /// Takes the kind's definition away: its paths are none. Its objects come back with [`Cluster::install`].
    pub fn uninstall(&self, kind: Kind) {
        self.door.uninstall(kind);
    }

    /// Brings it back.
    pub fn install(&self, kind: Kind) {
        self.door.install(kind);
    }

    /// Puts these rules in force instead of all earlier ones; probabilities are drawn from the seed.
    pub fn misbehave(&self, seed: u64, rules: impl IntoIterator<Item = Rule>) {
        self.door.misbehave(seed, rules);
    }

    /// Behaves again. What is held stays held.
    pub fn behave(&self) {
        self.misbehave(0, []);
    }

    /// Lets go of all requests that are held.
    pub fn release(&self) {
        self.door.gate.open();
    }

    /// Waits until so many requests are held; false when they were not in time.
    pub async fn wait_for_held(&self, count: usize, patience: Duration) -> bool {
        self.door.gate.crowded(count, patience).await
    }

    /// Decides what becomes of the certificates of this host. Those that wait go on by it; what has failed stays so until
    /// [`Cluster::renew`].
    pub fn issue(&self, host: &str, issuance: Issuance) {
        self.certificates.decide(Some(host), issuance);
    }

    /// As [`Cluster::issue`], for every host that nothing else was decided for.
    pub fn issue_all(&self, issuance: Issuance) {
        self.certificates.decide(None, issuance);
    }

    /// Has a Certificate issued anew, as `cmctl renew` does; false where it is not there.
    pub fn renew(&self, certificate: &Key) -> bool {
        self.certificates.renew(certificate)
    }

    /// The certificate of the authority that issues everything here, as PEM: what a client has to trust.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.certificates.authority().pem()
    }

    /// Where the gateway listens for plain HTTP.
    #[must_use]
    pub fn gateway_http(&self) -> SocketAddr {
        self.gateway.http
    }

    /// Where the gateway listens for HTTPS.
    #[must_use]
    pub fn gateway_https(&self) -> SocketAddr {
        self.gateway.https
    }

    /// How the gateway treats those who come; in force when this returns.
    pub async fn gateway_mood(&self, mood: Mood) {
        self.gateway.mood(mood).await;
    }

    /// The gateway follows the objects only this much later from now on; zero: at once.
    pub fn gateway_lag(&self, lag: Duration) {
        self.gateway.lag(lag);
    }

    /// Whether the gateway goes on showing the certificates that it has shown last, whatever becomes of their secrets.
    pub fn gateway_holds_certificates(&self, held: bool) {
        self.gateway.hold_certificates(held);
    }

    /// Closes all connections and returns when that is done.
    pub async fn stop(self) {
        self.server.stop().await;
        self.gateway.stop().await;
    }
}

/// Adds a namespace; one that is there stays.
fn add_namespace(world: &World, name: &str) {
    let key = Key::new(Kind::Namespace, "", name);
    let object = json!({
        "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } },
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    });
    // A refusal says that it is there, or that the name is none; the latter shows at the first object in it.
    let _ = api::create(world, &Manner::of(&key, "kube-apiserver"), object, true);
}
