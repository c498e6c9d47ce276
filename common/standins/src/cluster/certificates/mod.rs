//! cert-manager: makes of each Certificate a request, an order and a challenge, and of those a secret, or says why not.
//!
//! It renews when it is told to, by [`super::Cluster::renew`] or by a condition `Issuing` that somebody sets, and never by
//! the clock. What has failed is tried again when it is told to, or when the certificate's names change.

mod authority;
mod conditions;
mod issuance;
mod look;
mod make;
mod progress;
mod sync;

use super::Options;
use super::api;
use super::kind::{Key, Kind};
use super::misbehave::Verb;
use super::world::World;
use crate::background::Background;
pub(super) use authority::{Authority, certified};
pub use issuance::{Issuance, Problem, Step};
pub(super) use make::{request_for, unbase64};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// The controller.
pub(super) struct Certificates {
    world: Arc<World>,
    authority: Authority,
    lifetime: Duration,
    background: Background,
    wake: mpsc::UnboundedSender<Key>,
    fates: Mutex<Fates>,
    /// When each challenge began, by its uid.
    began: Mutex<HashMap<String, Instant>>,
    looker: Option<look::Looker>,
    /// What was seen of each challenge last, by its uid: why it cannot be met, or nothing.
    looks: Mutex<HashMap<String, Option<String>>>,
}

struct Fates {
    all: Issuance,
    by_host: BTreeMap<String, Issuance>,
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Certificates")
    }
}

impl Certificates {
    /// Starts it; it goes on with what is there. `gateway` is where the gateway takes plain HTTP.
    pub(super) fn start(
        world: Arc<World>,
        authority: Authority,
        options: &Options,
        gateway: SocketAddr,
        background: Background,
    ) -> std::io::Result<Arc<Certificates>> {
        let looker = options.dns.map(|dns| {
            let resolver = crate::resolver::resolver(dns)?;
            std::io::Result::Ok(look::Looker { resolver, dns, gateway })
        });
        let (wake, woken) = mpsc::unbounded_channel();
        let changed = world.listen();
        let certificates = Arc::new(Certificates {
            world,
            authority,
            lifetime: options.lifetime,
            background: background.clone(),
            wake,
            fates: Mutex::new(Fates { all: Issuance::AtOnce, by_host: BTreeMap::new() }),
            began: Mutex::default(),
            looker: looker.transpose()?,
            looks: Mutex::default(),
        });
        certificates.wake_all();
        background.spawn(Arc::clone(&certificates).run(changed, woken));
        Ok(certificates)
    }

    async fn run(self: Arc<Self>, mut changed: mpsc::UnboundedReceiver<Key>, mut woken: mpsc::UnboundedReceiver<Key>) {
        loop {
            let key = tokio::select! {
                Some(key) = changed.recv() => key,
                Some(key) = woken.recv() => key,
                else => return,
            };
            for certificate in self.concerned(&key) {
                self.sync(&certificate);
            }
        }
    }

    /// The certificates that a change of this object is about.
    fn concerned(&self, key: &Key) -> Vec<Key> {
        let of_name = |name: &str| Key::new(Kind::Certificate, &key.namespace, name);
        let without_ends = |count: usize| {
            let parts: Vec<&str> = key.name.rsplitn(count + 1, '-').collect();
            parts.get(count).map(|name| of_name(name)).into_iter().collect()
        };
        match key.kind {
            Kind::Certificate => vec![key.clone()],
            Kind::CertificateRequest => without_ends(1),
            Kind::Order => without_ends(2),
            Kind::Challenge => without_ends(3),
            // Only one that is gone is missed.
            Kind::Secret if self.world.get(key).is_none() => {
                let (_, all) = self.world.list(Kind::Certificate, Some(&key.namespace));
                let named = |object: &Value| object["spec"]["secretName"] == key.name;
                all.iter().filter(|object| named(object)).filter_map(|object| Key::of_object(object)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What becomes of a certificate with these names.
    fn fate(&self, hosts: &[String]) -> Issuance {
        let fates = lock(&self.fates);
        hosts.iter().find_map(|host| fates.by_host.get(host)).unwrap_or(&fates.all).clone()
    }

    /// Decides for one host, or for all that nothing else was decided for.
    pub(super) fn decide(&self, host: Option<&str>, issuance: Issuance) {
        {
            let mut fates = lock(&self.fates);
            match host {
                Some(host) => drop(fates.by_host.insert(host.to_owned(), issuance)),
                None => fates.all = issuance,
            }
        }
        self.wake_all();
    }

    /// Asks for a new issuance, as `cmctl renew` does; false where there is no such certificate.
    pub(super) fn renew(&self, key: &Key) -> bool {
        let message = "Certificate re-issuance manually triggered";
        self.status(key, |certificate| conditions::set(certificate, "Issuing", true, "ManuallyTriggered", message))
    }

    /// The authority's own certificate.
    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    fn wake_all(&self) {
        for object in self.world.list(Kind::Certificate, None).1 {
            if let Some(key) = Key::of_object(&object) {
                // Fails only when the cluster ends.
                let _ = self.wake.send(key);
            }
        }
    }

    /// Writes a status as the controller; false where the object is not there.
    fn status(&self, key: &Key, edit: impl FnOnce(&mut Value)) -> bool {
        let manner = api::Manner { status: true, ..api::Manner::of(key, "cert-manager-certificates") };
        let written = api::edit(&self.world, &manner, Verb::Update, |live| {
            let mut object = live.clone();
            edit(&mut object);
            Ok(object)
        });
        written.is_ok()
    }

    /// Makes what is not there yet; what is there stays. The object as it is then.
    fn ensure(&self, object: Value) -> Option<Arc<Value>> {
        let key = Key::of_object(&object)?;
        if let Some(there) = self.world.get(&key) {
            return Some(there);
        }
        let made = api::create(&self.world, &api::Manner::of(&key, "cert-manager-certificates"), object, true);
        made.map_err(|refusal| tracing::warn!(message = refusal.message, "the played cert-manager was refused"))
            .ok()
            .map(|made| made.0)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
