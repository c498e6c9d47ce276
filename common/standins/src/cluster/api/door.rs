//! Who is let in, what they may, what goes wrong with them, and what they have asked for.

use super::super::kind::{Key, Kind};
use super::super::misbehave::{Rule, Rules, Strikes, Verb};
use super::super::world::World;
use super::Refusal;
use crate::background::Background;
use crate::gate::Gate;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whom the token stands for.
const USER: &str = "system:serviceaccount:tenantry:portal-domains";

/// A request that came with a good token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What was asked.
    pub verb: Verb,
    /// Of which object; without a name for all of a kind, without a namespace for those of all namespaces.
    pub key: Key,
    /// The status that was answered; 0 where nothing was (yet).
    pub status: u16,
}

/// Everything that handlers share.
pub(in super::super) struct Door {
    pub(in super::super) world: Arc<World>,
    pub(in super::super) token: String,
    pub(in super::super) gate: Gate,
    pub(in super::super) background: Background,
    rules: Mutex<Rules>,
    seen: Mutex<Vec<Seen>>,
    /// Verb of a role, kind, and namespace (empty for all).
    forbidden: Mutex<BTreeSet<(&'static str, Kind, String)>>,
    missing: Mutex<BTreeSet<Kind>>,
}

impl std::fmt::Debug for Door {
    /// Without the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Door").field("world", &self.world).finish_non_exhaustive()
    }
}

impl Door {
    pub(in super::super) fn new(world: Arc<World>, token: String, background: Background) -> Door {
        Door {
            world,
            token,
            gate: Gate::default(),
            background,
            rules: Mutex::default(),
            seen: Mutex::default(),
            forbidden: Mutex::default(),
            missing: Mutex::default(),
        }
    }

    pub(super) fn authorize(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer "));
        if given == Some(self.token.as_str()) { Ok(()) } else { Err(Refusal::unauthorized()) }
    }

    /// Notes a request and says what strikes it; the number is that of its note.
    pub(super) fn note(&self, verb: Verb, key: &Key, continued: bool) -> (usize, Strikes) {
        let mut seen = lock(&self.seen);
        seen.push(Seen { verb, key: key.clone(), status: 0 });
        (seen.len() - 1, lock(&self.rules).strike(verb, key, continued))
    }

    pub(super) fn answered(&self, note: usize, status: u16) {
        if let Some(seen) = lock(&self.seen).get_mut(note) {
            seen.status = status;
        }
    }

    /// Whether the token may do this.
    pub(super) fn may(&self, verb: &str, kind: Kind, namespace: &str) -> bool {
        let forbidden = lock(&self.forbidden);
        !forbidden.iter().any(|(no, of, place)| {
            *no == verb && *of == kind && (place.is_empty() || place == namespace || namespace.is_empty())
        })
    }

    pub(super) fn allow(&self, verb: &str, key: &Key) -> Result<(), Refusal> {
        if self.may(verb, key.kind, &key.namespace) {
            return Ok(());
        }
        Err(Refusal::forbidden(USER, verb, key.kind, &key.namespace, &key.name))
    }

    /// Whether the kind's definition is installed.
    pub(super) fn knows(&self, kind: Kind) -> bool {
        !lock(&self.missing).contains(&kind)
    }

    pub(in super::super) fn misbehave(&self, seed: u64, rules: impl IntoIterator<Item = Rule>) {
        *lock(&self.rules) = Rules::new(seed, rules);
    }

    pub(in super::super) fn seen(&self) -> Vec<Seen> {
        lock(&self.seen).clone()
    }

    pub(in super::super) fn forget(&self) {
        lock(&self.seen).clear();
    }

    pub(in super::super) fn forbid(&self, verb: Verb, kind: Kind, namespace: Option<&str>) {
        lock(&self.forbidden).insert((verb.as_str(), kind, namespace.unwrap_or("").to_owned()));
    }

    pub(in super::super) fn permit_all(&self) {
        lock(&self.forbidden).clear();
    }

    pub(in super::super) fn uninstall(&self, kind: Kind) {
        lock(&self.missing).insert(kind);
    }

    pub(in super::super) fn install(&self, kind: Kind) {
        lock(&self.missing).remove(&kind);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
