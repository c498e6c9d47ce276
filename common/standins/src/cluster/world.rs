//! Everything that is in the cluster: one growing version, objects by key, and a journal of what changed them.

use super::disk::Disk;
use super::kind::{Key, Kind};
use super::misbehave::Verb;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::sync::{mpsc, watch};

/// A write that took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The resource version it made.
    pub version: u64,
    /// What was asked for.
    pub verb: Verb,
    /// Of what.
    pub key: Key,
    /// By which field manager.
    pub manager: String,
}

/// The objects, behind one lock.
pub(super) struct World {
    inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
    disk: Option<Disk>,
}

#[derive(Default)]
struct Inner {
    version: u64,
    objects: BTreeMap<Key, Arc<Value>>,
    journal: Vec<Write>,
    listeners: Vec<mpsc::UnboundedSender<Key>>,
}

impl std::fmt::Debug for World {
    /// Without the objects: there are secrets among them.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("World").field("version", &*self.changed.borrow()).finish_non_exhaustive()
    }
}

/// The world while one request changes it.
pub(super) struct Change<'a> {
    inner: MutexGuard<'a, Inner>,
    world: &'a World,
    manager: &'a str,
    verb: Verb,
}

impl World {
    /// What was kept, or an empty one.
    pub(super) fn open(disk: Option<Disk>) -> std::io::Result<World> {
        let (version, objects) = disk.as_ref().map(Disk::load).transpose()?.unwrap_or_default();
        let objects =
            objects.into_iter().filter_map(|object| Some((Key::of_object(&object)?, Arc::new(object)))).collect();
        let inner = Inner { version: version.max(1), objects, ..Inner::default() };
        Ok(World { inner: Mutex::new(inner), changed: watch::Sender::new(version), disk })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a change; nobody else reads or writes until it is dropped.
    pub(super) fn change<'a>(&'a self, verb: Verb, manager: &'a str) -> Change<'a> {
        Change { inner: self.lock(), world: self, manager, verb }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.lock().objects.get(key).cloned()
    }

    /// All of a kind, of one namespace where it is given, by namespace and name; and the version they were seen at.
    pub(super) fn list(&self, kind: Kind, namespace: Option<&str>) -> (u64, Vec<Arc<Value>>) {
        let inner = self.lock();
        let from = Key::new(kind, namespace.unwrap_or(""), "");
        let objects = inner
            .objects
            .range(from..)
            .take_while(|(key, _)| key.kind == kind && namespace.is_none_or(|namespace| key.namespace == namespace))
            .map(|(_, object)| Arc::clone(object));
        (inner.version, objects.collect())
    }

    pub(super) fn journal(&self) -> Vec<Write> {
        self.lock().journal.clone()
    }

    pub(super) fn forget_journal(&self) {
        self.lock().journal.clear();
    }

    /// The keys of what changes from now on.
    pub(super) fn listen(&self) -> mpsc::UnboundedReceiver<Key> {
        let (tell, hear) = mpsc::unbounded_channel();
        self.lock().listeners.push(tell);
        hear
    }

    /// Waits until this finds something; `None` when it did not in time.
    pub(super) async fn wait<T>(&self, find: impl Fn(&World) -> Option<T>, patience: Duration) -> Option<T> {
        let mut changed = self.changed.subscribe();
        let waiting = async {
            loop {
                changed.borrow_and_update();
                if let Some(found) = find(self) {
                    return Some(found);
                }
                if changed.changed().await.is_err() {
                    return None;
                }
            }
        };
        tokio::time::timeout(patience, waiting).await.ok().flatten()
    }
}

impl Change<'_> {
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.inner.objects.get(key).cloned()
    }

    /// Those that name this uid as their owner.
    pub(super) fn owned_by(&self, uid: &str) -> Vec<Key> {
        let owned = |object: &Value| {
            let owners = object["metadata"]["ownerReferences"].as_array();
            owners.into_iter().flatten().any(|owner| owner["uid"] == uid)
        };
        self.inner.objects.iter().filter(|(_, object)| owned(object)).map(|(key, _)| key.clone()).collect()
    }

    /// Stores an object as it is, with the next version.
    pub(super) fn put(&mut self, key: &Key, mut object: Value) -> Arc<Value> {
        let version = self.next(key);
        object["metadata"]["resourceVersion"] = json!(version.to_string());
        let object = Arc::new(object);
        self.inner.objects.insert(key.clone(), Arc::clone(&object));
        if let Some(disk) = &self.world.disk {
            disk.write(key, &object, version);
        }
        self.tell(key);
        object
    }

    /// Takes an object out.
    pub(super) fn remove(&mut self, key: &Key) -> Option<Arc<Value>> {
        let object = self.inner.objects.remove(key)?;
        let version = self.next(key);
        if let Some(disk) = &self.world.disk {
            disk.remove(key, version);
        }
        self.tell(key);
        Some(object)
    }

    fn next(&mut self, key: &Key) -> u64 {
        self.inner.version += 1;
        let write =
            Write { version: self.inner.version, verb: self.verb, key: key.clone(), manager: self.manager.to_owned() };
        self.inner.journal.push(write);
        self.inner.version
    }

    fn tell(&mut self, key: &Key) {
        self.inner.listeners.retain(|listener| listener.send(key.clone()).is_ok());
        self.world.changed.send_replace(self.inner.version);
    }
}

/// A time as Kubernetes writes it: whole seconds of UTC.
pub(super) fn stamp(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

/// Now, so.
pub(super) fn now() -> String {
    stamp(OffsetDateTime::now_utc())
}
