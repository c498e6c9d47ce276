//! A plan, carried out in the cluster: what is wanted first, then what is not any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::future::join_all;
use tenantry_cluster::{Cluster, ClusterError, Deleted, Found, Key, Object};
use tenantry_model::{ErrorClass, Fault};
use tenantry_store::{
    Exclusive,
    portal::{Outcome, Recorded},
};
use uuid::Uuid;

use crate::{labels, parts::said, plan::Plan};

/// Hostnames that are worked on at once.
const AT_ONCE: usize = 16;
/// Hostnames that one turn changes; a first turn over ten thousand is several.
const MOST: usize = 1000;
/// The waits before a call is made again that may succeed later.
const WAITS: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(2)];

/// What was done.
#[derive(Debug, Default)]
pub struct Carried {
    /// What became of each object that was written or refused.
    pub outcomes: Vec<Outcome>,
    /// Hostnames that were not come to, or not through.
    pub behind: BTreeSet<Uuid>,
    /// Objects that are gone.
    pub deleted: BTreeSet<Key>,
    /// Why a hostname could not be written, where others could.
    pub troubled: Option<Fault>,
    /// There are more than one turn takes.
    pub more: bool,
    /// Why it was broken off, if it was.
    pub broken_off: Option<Fault>,
}

/// Carries it out as far as it goes. `lock`: asked again and again whether it is ours.
pub async fn carry_out(cluster: &Cluster, plan: &Plan<'_>, delete: bool, force: bool, lock: &mut Exclusive) -> Carried {
    let mut carried = Carried::default();
    for foreign in &plan.foreign {
        let why = "something that is not ours has this name in the cluster".to_owned();
        carried.outcomes.extend(outcome(foreign.object, None, Some(why)));
    }
    let versions: BTreeMap<&Key, &Found> = plan.change.iter().map(|change| (&change.found.key, change.found)).collect();
    let mut hostnames: Vec<Vec<&Object>> = Vec::new();
    for object in plan.apply() {
        match hostnames.last_mut() {
            Some(group) if row_of(group[0]) == row_of(object) => group.push(object),
            _ => hostnames.push(vec![object]),
        }
    }
    let later = hostnames.split_off(hostnames.len().min(MOST));
    carried.more = !later.is_empty();
    carried.behind.extend(later.iter().filter_map(|group| row_of(group[0])));
    for some in hostnames.chunks(AT_ONCE) {
        if carried.broken_off.is_none() && !lock.holds().await {
            carried.broken_off = Some(lost());
        }
        if carried.broken_off.is_some() {
            carried.behind.extend(some.iter().filter_map(|group| row_of(group[0])));
            continue;
        }
        let done = join_all(some.iter().map(|group| hostname(cluster, group, &versions, force))).await;
        // One hostname that cannot be written must not hold up the others; when none of them can, the next ones cannot either.
        let none = done.iter().all(|one| one.broken_off.is_some());
        for one in done {
            carried.outcomes.extend(one.outcomes);
            carried.behind.extend(one.behind);
            match one.broken_off {
                Some(fault) if none => carried.broken_off = Some(fault),
                Some(fault) => carried.troubled = Some(fault),
                None => {}
            }
        }
    }
    if delete && carried.broken_off.is_none() {
        prune(cluster, plan, lock, &mut carried).await;
    }
    carried
}

/// Fault of a reconcile whose lock went with its connection.
#[must_use]
pub fn lost() -> Fault {
    Fault::new(ErrorClass::DatabaseError, "The connection that holds the lock was lost; the reconcile was broken off.")
}

/// One hostname's objects, one after the other: a gateway without its certificate would be of no use.
async fn hostname(cluster: &Cluster, objects: &[&Object], versions: &BTreeMap<&Key, &Found>, force: bool) -> Carried {
    let mut carried = Carried::default();
    for object in objects {
        match apply(cluster, object, versions.get(&object.key).copied(), force).await {
            Ok(found) => carried.outcomes.extend(outcome(object, Some(&found), None)),
            // Somebody writes to it at this very moment; the next turn sees what they have made of it.
            Err(ClusterError::Changed) => {
                carried.behind.extend(row_of(object));
                break;
            }
            Err(error) if error.is_about_the_object() => {
                tracing::warn!(object = %object.key, error = &error as &dyn std::error::Error, "the cluster refuses an object");
                carried.outcomes.extend(outcome(object, None, Some(error.to_string())));
                break;
            }
            Err(error) => {
                tracing::warn!(object = %object.key, error = &error as &dyn std::error::Error, "the cluster cannot be written to");
                carried.behind.extend(row_of(object));
                carried.broken_off = Some(said(error));
                break;
            }
        }
    }
    carried
}

/// Applies an object onto the version that the plan was made from. Whoever only reports on it raises the version as well: then what
/// is there is looked at once more.
async fn apply(cluster: &Cluster, object: &Object, found: Option<&Found>, force: bool) -> Result<Found, ClusterError> {
    let mut expected = found.map(|found| found.resource_version.clone());
    let mut waits = WAITS.iter();
    let mut changes = 0;
    loop {
        match cluster.apply(object, expected.as_deref(), force).await {
            Err(ClusterError::Changed) if changes < 3 => {
                changes += 1;
                let now = cluster.get(&object.key).await?.map(|(now, _)| now);
                match (found, now) {
                    (Some(found), Some(now)) if found.uid == now.uid && found.generation == now.generation => {
                        expected = Some(now.resource_version);
                    }
                    _ => return Err(ClusterError::Changed),
                }
            }
            Err(error) if error.may_pass() => match waits.next() {
                Some(wait) => tokio::time::sleep(error.retry_after().unwrap_or(*wait).min(WAITS[1])).await,
                None => return Err(error),
            },
            done => return done,
        }
    }
}

async fn prune(cluster: &Cluster, plan: &Plan<'_>, lock: &mut Exclusive, carried: &mut Carried) {
    for found in &plan.delete {
        if !lock.holds().await {
            carried.broken_off = Some(lost());
            return;
        }
        match cluster.delete(&found.key, &found.uid).await {
            Ok(Deleted::Deleted | Deleted::NotThere) => {
                carried.deleted.insert(found.key.clone());
            }
            // What has the name now is not what was to go.
            Ok(Deleted::AnotherOne) => {}
            Err(error) => {
                tracing::warn!(object = %found.key, error = &error as &dyn std::error::Error, "an object cannot be deleted");
                if !error.is_about_the_object() {
                    carried.broken_off = Some(said(error));
                    return;
                }
            }
        }
    }
}

fn row_of(object: &Object) -> Option<Uuid> {
    object.labels.get(labels::DOMAIN_ID)?.parse().ok()
}

fn outcome(object: &Object, found: Option<&Found>, refused: Option<String>) -> Option<Outcome> {
    let recorded = Recorded {
        domain_id: row_of(object)?,
        kind: object.key.kind.as_str().to_owned(),
        namespace: object.key.namespace.clone(),
        name: object.key.name.clone(),
        hash: object.annotations.get(labels::HASH).cloned().unwrap_or_default(),
        uid: found.map(|found| found.uid.clone()),
        generation: found.map(|found| found.generation),
        refused,
    };
    Some(Outcome { object: recorded, resource_version: found.map(|found| found.resource_version.clone()) })
}
