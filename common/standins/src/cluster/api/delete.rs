//! DELETE: preconditions, finalizers, and what belongs to what is gone.

use super::super::kind::Key;
use super::super::misbehave::Verb;
use super::super::world::{Change, World, now};
use super::Refusal;
use serde_json::{Value, json};
use std::sync::Arc;

/// What `meta/v1.DeleteOptions` may say here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Options {
    pub(in super::super) uid: Option<String>,
    pub(in super::super) version: Option<String>,
    /// What it owns stays, without an owner.
    pub(in super::super) orphan: bool,
}

impl Options {
    /// From a body (or null) and the policy of the query.
    pub(super) fn read(body: &Value, policy: Option<&str>) -> Options {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Options {
            uid: text(&body["preconditions"]["uid"]),
            version: text(&body["preconditions"]["resourceVersion"]),
            orphan: body["propagationPolicy"].as_str().or(policy) == Some("Orphan"),
        }
    }
}

/// What became of it.
#[derive(Debug, Clone)]
pub(in super::super) enum Deleted {
    /// It is gone.
    Gone(Arc<Value>),
    /// It waits for its finalizers.
    Waits(Arc<Value>),
}

/// Deletes an object and, in the same moment, what it owns.
pub(in super::super) fn delete(world: &World, key: &Key, by: &str, options: &Options) -> Result<Deleted, Refusal> {
    let mut change = world.change(Verb::Delete, by);
    let live = change.get(key).ok_or_else(|| Refusal::not_found(key))?;
    let metadata = &live["metadata"];
    for (what, wanted, actual) in
        [("UID", &options.uid, &metadata["uid"]), ("ResourceVersion", &options.version, &metadata["resourceVersion"])]
    {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| actual != *wanted) {
            return Err(Refusal::precondition(key, what, wanted, actual.as_str().unwrap_or("")));
        }
    }
    Ok(take(&mut change, key, &live, options.orphan))
}

fn take(change: &mut Change<'_>, key: &Key, live: &Arc<Value>, orphan: bool) -> Deleted {
    if live["metadata"]["finalizers"].as_array().is_some_and(|finalizers| !finalizers.is_empty()) {
        if !live["metadata"]["deletionTimestamp"].is_null() {
            return Deleted::Waits(Arc::clone(live));
        }
        let mut object = (**live).clone();
        object["metadata"]["deletionTimestamp"] = json!(now());
        return Deleted::Waits(change.put(key, object));
    }
    change.remove(key);
    let uid = live["metadata"]["uid"].as_str().unwrap_or("");
    for owned in change.owned_by(uid) {
        let Some(object) = change.get(&owned) else { continue };
        if orphan {
            let mut object = (*object).clone();
            if let Some(owners) = object["metadata"]["ownerReferences"].as_array_mut() {
                owners.retain(|owner| owner["uid"] != uid);
            }
            change.put(&owned, object);
        } else {
            take(change, &owned, &object, false);
        }
    }
    Deleted::Gone(Arc::clone(live))
}
