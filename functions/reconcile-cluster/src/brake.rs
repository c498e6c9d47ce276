//! When a plan would take away more than anybody expects, it is a person who says so.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use tenantry_cluster::Found;

use crate::plan::Plan;

/// How much a plan may delete without being asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// So many objects.
    pub objects: usize,
    /// So much of what is managed there, in percent.
    pub share_percent: u8,
    /// Up to so many objects whatever share they are: a small installation may remove its only hostname.
    pub small: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { objects: 30, share_percent: 20, small: 9 }
    }
}

/// What a person has let go: each object by key and uid, or each row in a file by path and id. Nothing besides these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Released(pub BTreeSet<String>);

impl Released {
    /// Whether this very object was let go.
    #[must_use]
    pub fn covers(&self, found: &Found) -> bool {
        !self.0.is_empty() && self.0.contains(&entry(found))
    }
}

/// An object as it stands in [`Released`] and [`Brake`]: `Gateway istio-system/portal-... 5a0c...`.
#[must_use]
pub fn entry(found: &Found) -> String {
    format!("{} {}", found.key, found.uid)
}

/// Why a plan is stopped, and what a person is to decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// Whether the deletions wait as well; otherwise they are few, and only the orphans are asked about.
    pub holds: bool,
    /// What would be deleted and is not released yet, each as [`entry`].
    pub deletes: BTreeSet<String>,
    /// What nobody knows, each as [`entry`]; it stays, and goes when released.
    pub orphans: BTreeSet<String>,
    /// How many objects are managed there in all.
    pub of: usize,
    /// SHA-256, in hexadecimal, over what a release would let go, a line each, sorted.
    pub digest: String,
    /// What happened and what to do, for an operator.
    pub words: String,
}

impl Brake {
    /// What a release of this lets go.
    #[must_use]
    pub fn release(&self) -> Released {
        let held = self.holds.then_some(&self.deletes);
        Released(self.orphans.iter().chain(held.into_iter().flatten()).cloned().collect())
    }
}

/// Whether this plan is to wait for a person; none: it may be carried out as it is.
#[must_use]
pub fn brake(plan: &Plan<'_>, limits: Limits, released: &Released) -> Option<Brake> {
    let deletes: BTreeSet<String> =
        plan.delete.iter().filter(|found| !released.covers(found)).map(|found| entry(found)).collect();
    let orphans: BTreeSet<String> = plan.orphans.iter().map(|found| entry(found)).collect();
    let of = plan.managed();
    let share = deletes.len() > limits.small && deletes.len() * 100 > of * usize::from(limits.share_percent);
    let holds = deletes.len() > limits.objects || share;
    if !holds && orphans.is_empty() {
        return None;
    }
    let words = words(holds, deletes.len(), orphans.len(), of);
    let mut brake = Brake { holds, deletes, orphans, of, digest: String::new(), words };
    let lines: Vec<String> = brake.release().0.into_iter().collect();
    brake.digest = hex::encode(digest::digest(&digest::SHA256, lines.join("\n").as_bytes()));
    Some(brake)
}

fn words(holds: bool, deletes: usize, orphans: usize, of: usize) -> String {
    let mut words = String::new();
    if holds {
        words += &format!(
            "{deletes} of {of} objects in the cluster would be deleted, which is more than this installation allows \
             at once; nothing is deleted. If these hostnames were retired on purpose, release exactly these objects."
        );
    }
    if orphans > 0 {
        if holds {
            words.push(' ');
        }
        words += &format!(
            "{orphans} of {of} objects in the cluster carry our label and belong to no hostname we know; they stay as \
             they are. Was the database restored, or does another installation write to this cluster? Release them \
             only if nobody needs them."
        );
    }
    words
}
