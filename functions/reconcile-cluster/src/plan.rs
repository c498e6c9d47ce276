//! What is wanted, what is there, and so what is to be done. Pure; nothing here asks or changes anything.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use tenantry_cluster::{Found, Key, Kind, Object};
use uuid::Uuid;

use crate::{brake::Released, labels};

/// What the rows say about hostnames that are not, or not only, wanted in the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Rows that say explicitly that their hostname is served no more: only their objects are ever deleted.
    pub retired: BTreeSet<Uuid>,
    /// Rows that are live or on their way: their objects are never deleted, whatever else is said.
    pub serving: BTreeSet<Uuid>,
}

/// What an object was like right after we wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its generation.
    pub generation: i64,
    /// The hash that it was written with.
    pub hash: String,
    /// Its uid.
    pub uid: String,
}

/// Why an object is written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Why {
    /// It is wanted otherwise than it was written.
    Wanted,
    /// Somebody edited it: its generation is not the one that we left it with, or a label or annotation of ours is gone.
    Edited,
    /// It is ours and looks as wanted, but nothing is recorded about it: it may have been edited.
    Unknown,
}

/// An object that is written again.
#[derive(Debug, Clone, PartialEq)]
pub struct Change<'a> {
    /// As it is wanted.
    pub object: &'a Object,
    /// As it is.
    pub found: &'a Found,
    /// Why.
    pub why: Why,
}

/// An object with a key that we want, and which is not ours.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign<'a> {
    /// As we would have it.
    pub object: &'a Object,
    /// As it is.
    pub found: &'a Found,
    /// The row whose hostname cannot be served for it.
    pub row: Option<Uuid>,
}

/// What is to be done, in the order in which it is to be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan<'a> {
    /// Wanted, and not there.
    pub create: Vec<&'a Object>,
    /// There, and not as wanted.
    pub change: Vec<Change<'a>>,
    /// Of rows that are retired, or released by a person: to be deleted, if their uid is still this one.
    pub delete: Vec<&'a Found>,
    /// Ours by their label, of a row that is not known, or under a name that is no row's: left.
    pub orphans: Vec<&'a Found>,
    /// Of a row that serves, and not wanted where they are (a namespace of former settings): left.
    pub kept: Vec<&'a Found>,
    /// In the way of what we want: left.
    pub foreign: Vec<Foreign<'a>>,
    /// On their way out already: left until they are gone.
    pub leaving: Vec<&'a Found>,
    /// As wanted: left.
    pub unchanged: Vec<&'a Object>,
}

impl Plan<'_> {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.create.is_empty() && self.change.is_empty() && self.delete.is_empty()
    }

    /// How many objects that are there are managed by us.
    #[must_use]
    pub fn managed(&self) -> usize {
        self.change.len()
            + self.delete.len()
            + self.orphans.len()
            + self.kept.len()
            + self.leaving.len()
            + self.unchanged.len()
    }

    /// What is applied: what is created and what is changed, hostname by hostname, each hostname's Certificate first.
    #[must_use]
    pub fn apply(&self) -> Vec<&Object> {
        let changed = self.change.iter().map(|change| change.object);
        let mut all: Vec<&Object> = self.create.iter().copied().chain(changed).collect();
        all.sort_by(|a, b| by_name(&a.key, &b.key));
        all
    }
}

/// Makes the plan. Of everything that is wanted (`desired`), everything that is there (`found`: all that carries our
/// label, and whatever else has a key that is wanted), what the rows say (`known`), what was recorded when an object was
/// last written (`recorded`), and the orphans that a person has let go (`released`).
///
/// The order of `desired` and `found` does not matter. Of two wanted objects with one key the later counts.
#[must_use]
pub fn plan<'a>(
    desired: &'a [Object],
    found: &'a [Found],
    known: &Known,
    recorded: &BTreeMap<Key, Recorded>,
    released: &Released,
) -> Plan<'a> {
    // Hashed, for keys are long and alike; everything is put in order at the end.
    let mut wanted: HashMap<&Key, (&Object, bool)> =
        desired.iter().map(|object| (&object.key, (object, false))).collect();
    let mut plan = Plan::default();
    for found in found {
        if let Some((object, there)) = wanted.get_mut(&found.key) {
            *there = true;
            present(&mut plan, object, found, recorded.get(&found.key));
            continue;
        }
        let recorded = recorded.get(&found.key);
        if written(found, recorded) || labels::ours(&found.labels) {
            unwanted(&mut plan, found, known, recorded, released);
        }
    }
    plan.create = wanted.into_values().filter(|(_, there)| !there).map(|(object, _)| object).collect();
    plan.in_order();
    plan
}

fn present<'a>(plan: &mut Plan<'a>, object: &'a Object, found: &'a Found, recorded: Option<&Recorded>) {
    let written = recorded.filter(|recorded| recorded.uid == found.uid);
    // Whose label was taken away is ours still, if it is the very object that we wrote.
    if !labels::ours(&found.labels) && written.is_none() {
        let row = object.labels.get(labels::DOMAIN_ID).and_then(|row| row.parse().ok());
        plan.foreign.push(Foreign { object, found, row });
    } else if found.deleting {
        plan.leaving.push(found);
    } else if let Some(why) = why(object, found, written) {
        plan.change.push(Change { object, found, why });
    } else {
        plan.unchanged.push(object);
    }
}

/// Whether this is the very object that we wrote, whatever has become of its labels.
pub(crate) fn written(found: &Found, recorded: Option<&Recorded>) -> bool {
    recorded.is_some_and(|recorded| recorded.uid == found.uid)
}

fn unwanted<'a>(
    plan: &mut Plan<'a>,
    found: &'a Found,
    known: &Known,
    recorded: Option<&Recorded>,
    released: &Released,
) {
    let row = labels::row(found).or_else(|| labels::row_of_name(&found.key.name).filter(|_| written(found, recorded)));
    if found.deleting {
        plan.leaving.push(found);
    } else if row.is_some_and(|row| known.serving.contains(&row)) {
        plan.kept.push(found);
    } else if row.is_some_and(|row| known.retired.contains(&row)) || released.covers(found) {
        plan.delete.push(found);
    } else {
        plan.orphans.push(found);
    }
}

fn why(object: &Object, found: &Found, written: Option<&Recorded>) -> Option<Why> {
    let wanted = object.annotations.get(labels::HASH);
    if found.annotations.get(labels::HASH).is_some_and(|hash| Some(hash) != wanted) {
        return Some(Why::Wanted);
    }
    let has = |wanted: &BTreeMap<String, String>, there: &BTreeMap<String, String>| {
        wanted.iter().all(|(key, value)| there.get(key) == Some(value))
    };
    if !has(&object.labels, &found.labels) || !has(&object.annotations, &found.annotations) {
        return Some(Why::Edited);
    }
    match written {
        None => Some(Why::Unknown),
        Some(written) if Some(&written.hash) != wanted => Some(Why::Unknown),
        // A server that does not count says 0, each time.
        Some(written) if written.generation != found.generation => Some(Why::Edited),
        Some(_) => None,
    }
}

impl Plan<'_> {
    /// Hostname by hostname; written Certificate first, deleted VirtualService first, so that no route ever leads to a
    /// gateway that is not there, and no gateway names a certificate that nobody keeps.
    fn in_order(&mut self) {
        self.create.sort_by(|a, b| by_name(&a.key, &b.key));
        self.change.sort_by(|a, b| by_name(&a.found.key, &b.found.key));
        self.foreign.sort_by(|a, b| by_name(&a.found.key, &b.found.key));
        self.unchanged.sort_by(|a, b| by_name(&a.key, &b.key));
        for left in [&mut self.orphans, &mut self.kept, &mut self.leaving] {
            left.sort_by(|a, b| by_name(&a.key, &b.key).then_with(|| a.uid.cmp(&b.uid)));
        }
        let late = |kind: Kind| std::cmp::Reverse(kind);
        self.delete.sort_by(|a, b| {
            (&a.key.name, late(a.key.kind), &a.key.namespace, &a.uid).cmp(&(
                &b.key.name,
                late(b.key.kind),
                &b.key.namespace,
                &b.uid,
            ))
        });
    }
}

fn by_name(a: &Key, b: &Key) -> std::cmp::Ordering {
    (&a.name, a.kind, &a.namespace).cmp(&(&b.name, b.kind, &b.namespace))
}
