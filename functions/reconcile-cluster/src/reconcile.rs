//! One reconcile: read, plan, brake, commit, apply, prune. Nothing is written to the database here; what was done is brought back.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_lc_rs::digest;
use serde_json::Value;
use tenantry_cluster::{Cluster, Found, Key};
use tenantry_model::{ErrorClass, Fault};
use tenantry_store::{Db, Exclusive, portal::Outcome};
use tenantry_workflows::portal_sync::{Carry, Held, Summary};
use time::OffsetDateTime;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    apply::{Carried, carry_out, lost},
    brake::{Brake, Released, brake},
    files::{FileChanges, file_changes, rows},
    labels,
    parts::{FIELD_MANAGER, Parts, said},
    plan::{Known, Plan, plan, written},
    show,
    world::World,
};

/// What only one reconcile at a time may hold.
pub const LOCK: &str = "portal_sync";
/// Changed objects that are fetched to show what is changed in them.
const SHOWN: usize = 50;
/// Bytes of a plan's text that are kept.
const TEXT: usize = 200_000;

/// Why nothing can be reconciled.
const NOWHERE: &str = "Neither a cluster nor a repository is configured, so hostnames cannot be served. Set PORTAL_DOMAIN_CLUSTER, \
                       PORTAL_DOMAIN_GIT_REPO or PORTAL_DOMAIN_MANIFEST_DIR.";

/// What a reconcile has done.
#[derive(Debug, Default)]
pub struct Done {
    /// What became of each object that was written or refused.
    pub outcomes: Vec<Outcome>,
    /// The wishes that were fulfilled.
    pub wishes: Vec<(Uuid, i32)>,
    /// ... of which nothing is left.
    pub gone: Vec<(Uuid, i32)>,
    /// In numbers.
    pub summary: Summary,
    /// What would go.
    pub held: Option<Held>,
    /// There is more to do than one turn takes.
    pub more: bool,
    /// Why it was not brought to its end.
    pub broken_off: Option<Fault>,
    /// The plan, for people.
    pub diff: String,
    /// ... and as commands.
    pub commands: String,
}

/// Reconciles, while the lock is held.
///
/// # Errors
/// Nothing was brought to an end that could be told apart: the same again is right.
pub async fn reconcile(
    db: &Db,
    parts: &Parts,
    carry: Carry,
    released: Option<&str>,
    lock: Arc<Mutex<Exclusive>>,
    now: OffsetDateTime,
) -> Result<Done, Fault> {
    let cluster = parts.cluster().await.map_err(said)?;
    if cluster.is_none() && parts.manifests.is_none() && parts.folder.is_none() {
        return Err(Fault::new(ErrorClass::ValidationError, NOWHERE));
    }
    let world = World::read(db, parts, cluster).await?;
    let mut let_go = Released::default();
    let mut decided = Decided::new(&world, parts, &let_go);
    if released.is_some() && released == decided.held.as_ref().map(|held| held.digest.as_str()) {
        let_go = Released(decided.list.clone());
        decided = Decided::new(&world, parts, &let_go);
    }
    let mut done = Done { held: decided.held.clone(), ..Done::default() };
    done.summary = decided.summary(parts);
    (done.diff, done.commands) = shown(&decided, cluster).await?;
    if carry.commit {
        commit(parts, &decided.files, &world, carry.pull_request, &lock, now, &mut done.summary).await?;
    }
    match cluster {
        Some(cluster) if carry.apply => {
            let mut lock = lock.lock().await;
            let carried = carry_out(cluster, &decided.plan, !decided.holds, parts.force, &mut lock).await;
            finish(&world, &decided, carried, &mut done);
        }
        None if carry.commit => {
            let merged = parts.manifests.as_ref().is_none_or(|manifests| !manifests.review && !carry.pull_request);
            in_files(&world, &decided.files, merged, &mut done);
        }
        _ => {}
    }
    Ok(done)
}

/// What is to be done, and what of it waits for a person.
struct Decided<'a> {
    plan: Plan<'a>,
    files: FileChanges,
    /// Deletions wait.
    holds: bool,
    /// What a release would let go.
    list: BTreeSet<String>,
    held: Option<Held>,
}

impl<'a> Decided<'a> {
    fn new(world: &'a World, parts: &Parts, released: &Released) -> Self {
        let plan = plan(&world.desired, &world.found, &world.known, &world.recorded, released);
        let brake = brake(&plan, parts.limits, released);
        let without_tombstones = Known { retired: BTreeSet::new(), serving: world.known.serving.clone() };
        let files = |known| file_changes(&world.wanted_files, &world.present_files, known, released);
        let mut changes = files(&world.known);
        let too_many = released.0.is_empty() && parts.too_many_files(changes.remove.len(), world.present_files.len());
        let holds = too_many || brake.as_ref().is_some_and(|brake| brake.holds);
        if holds {
            // What goes from the repository goes from the cluster, by whoever applies it.
            changes = files(&without_tombstones);
        }
        let mut list = changes.releasable();
        list.extend(brake.as_ref().map(Brake::release).unwrap_or_default().0);
        let held = (!list.is_empty()).then(|| held(&list, brake.as_ref()));
        Self { plan, files: changes, holds, list, held }
    }

    fn summary(&self, parts: &Parts) -> Summary {
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        Summary {
            created: count(self.plan.create.len()),
            changed: count(self.plan.change.len()),
            deleted: if self.holds { 0 } else { count(self.plan.delete.len()) },
            unchanged: count(self.plan.unchanged.len()),
            refused: count(self.plan.foreign.len()),
            orphans: count(self.plan.orphans.len()),
            files: if parts.manifests.is_some() || parts.folder.is_some() {
                count(self.files.write.len() + self.files.remove.len())
            } else {
                0
            },
            commit: None,
            branch: None,
        }
    }
}

impl Parts {
    /// The brake where nobody but the repository knows what is there: a file is a hostname's three objects.
    fn too_many_files(&self, removed: usize, of: usize) -> bool {
        let objects = removed * 3;
        objects > self.limits.objects
            || (objects > self.limits.small && removed * 100 > of * usize::from(self.limits.share_percent))
    }
}

fn held(list: &BTreeSet<String>, brake: Option<&Brake>) -> Held {
    let lines: Vec<&str> = list.iter().map(String::as_str).collect();
    let digest = hex::encode(digest::digest(&digest::SHA256, lines.join("\n").as_bytes()));
    let why = brake.map_or("Files of the repository would be removed.", |brake| brake.words.as_str());
    let some = lines.iter().take(20).copied().collect::<Vec<_>>().join("; ");
    let rest = lines.len().saturating_sub(20);
    let rest = if rest > 0 { format!("; and {rest} more") } else { String::new() };
    Held {
        objects: u32::try_from(list.len()).unwrap_or(u32::MAX),
        digest,
        words: format!("{why} These: {some}{rest}."),
    }
}

async fn shown(decided: &Decided<'_>, cluster: Option<&Cluster>) -> Result<(String, String), Fault> {
    let unwritable = |_| Fault::new(ErrorClass::InternalError, "the plan cannot be written as text");
    let mut present: BTreeMap<Key, Value> = BTreeMap::new();
    if let Some(cluster) = cluster {
        for change in decided.plan.change.iter().take(SHOWN) {
            if let Ok(Some((_, body))) = cluster.get(&change.object.key).await {
                present.insert(change.object.key.clone(), body);
            }
        }
    }
    let diff = show::text(&decided.plan, &present).map_err(unwritable)?;
    let commands = show::commands(&decided.plan, FIELD_MANAGER).map_err(unwritable)?;
    Ok((cut(diff), cut(commands)))
}

fn cut(mut text: String) -> String {
    if text.len() > TEXT {
        text.truncate(text.floor_char_boundary(TEXT));
        text.push_str("\n(the rest is left out)\n");
    }
    text
}

/// The repository first: what is in the cluster is always in it, too.
async fn commit(
    parts: &Parts,
    files: &FileChanges,
    world: &World,
    review: bool,
    lock: &Arc<Mutex<Exclusive>>,
    now: OffsetDateTime,
    summary: &mut Summary,
) -> Result<(), Fault> {
    if files.is_empty() {
        return Ok(());
    }
    let written = files.write.iter().map(|(name, text)| (name.clone(), Some(text.clone().into_bytes())));
    let removed = files.remove.iter().map(|name| (name.clone(), None));
    let changes: BTreeMap<String, Option<Vec<u8>>> = written.chain(removed).collect();
    if let Some(manifests) = &parts.manifests {
        let message = message(&changes);
        let guard = || {
            let lock = Arc::clone(lock);
            async move { if lock.lock().await.holds().await { Ok(()) } else { Err(lost()) } }
        };
        let target = manifests.target(review);
        let pushed = manifests.repository.commit(&manifests.root, &changes, &message, &target, now, guard).await?;
        if let tenantry_git::Target::PullRequest(branch) = target {
            summary.branch = pushed.commit.is_some().then_some(branch);
        }
        summary.commit = pushed.commit;
    }
    if let Some(folder) = &parts.folder {
        // The folder is a copy of what is wanted; what the brake holds stays in it.
        let wanted = world.wanted_files.iter().filter(|(name, _)| !files.orphans.contains_key(*name));
        let whole = wanted.map(|(name, text)| (name.clone(), Some(text.clone().into_bytes())));
        crate::folder::write(folder, &whole.chain(changes.into_iter().filter(|(_, text)| text.is_none())).collect())
            .await?;
    }
    Ok(())
}

/// `chore(portal-domains): sync acme`, with every tenant's name where there are few.
fn message(changes: &BTreeMap<String, Option<Vec<u8>>>) -> String {
    let slugs: Vec<&str> = changes.keys().map(|name| name.trim_end_matches(".yaml")).collect();
    let subject = match slugs.as_slice() {
        [first, rest @ ..] if rest.len() > 2 => format!("{first} and {} more", rest.len()),
        few => few.join(", "),
    };
    let body = if slugs.len() > 3 { format!("\n\n{}\n", slugs.join("\n")) } else { "\n".to_owned() };
    format!("chore(portal-domains): sync {subject}{body}")
}

/// What the rows are told where somebody else applies the files: what stands in them now is on its way. What was pushed for a pull
/// request is in none of them yet.
fn in_files(world: &World, files: &FileChanges, merged: bool, done: &mut Done) {
    let now = |name: &String| match files.write.get(name) {
        Some(written) if merged => Some(written),
        None if merged && files.remove.contains(name) => None,
        _ => world.present_files.get(name),
    };
    let names: BTreeSet<&String> = world.present_files.keys().chain(files.write.keys()).collect();
    let mut there: BTreeSet<Uuid> = BTreeSet::new();
    let mut as_wanted: BTreeSet<Uuid> = BTreeSet::new();
    for name in names {
        let Some(text) = now(name) else { continue };
        there.extend(rows(text));
        if world.wanted_files.get(name) == Some(text) {
            as_wanted.extend(rows(text));
        }
    }
    done.wishes = world.wishes.iter().filter(|(id, _)| as_wanted.contains(id)).copied().collect();
    done.gone = world.down.iter().filter(|(id, _)| !there.contains(id)).copied().collect();
}

/// What the rows are told.
fn finish(world: &World, decided: &Decided<'_>, carried: Carried, done: &mut Done) {
    done.more = carried.more;
    done.broken_off = carried.broken_off.or(carried.troubled);
    let refused = carried.outcomes.iter().filter(|outcome| outcome.object.refused.is_some()).count();
    done.summary.refused = u32::try_from(refused).unwrap_or(u32::MAX);
    done.wishes = world.wishes.iter().filter(|(id, _)| !carried.behind.contains(id)).copied().collect();
    let ours = |found: &&Found| labels::ours(&found.labels) || written(found, world.recorded.get(&found.key));
    let left: BTreeSet<Uuid> = world
        .found
        .iter()
        .filter(|found| !carried.deleted.contains(&found.key))
        .filter(ours)
        .filter_map(|found| labels::row_of_name(&found.key.name))
        .chain(decided.files.orphans.values().flatten().copied())
        .collect();
    done.gone = world.down.iter().filter(|(id, _)| !left.contains(id)).copied().collect();
    done.outcomes = carried.outcomes;
}
