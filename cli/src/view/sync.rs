//! Reconciles of the cluster.

use serde::Deserialize;

use super::{
    run::Fault,
    table::{Tone, Toned, details, status},
};
use crate::output::{Paint, printable};

/// A reconcile.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    /// `run_...`
    pub run_id: String,
    /// `running`, `waiting`, `completed`, `failed`, `cancelled`
    pub status: String,
    /// `reconciling`, `resting`, `held`, `done`, `failed`, `stopped`
    pub step: String,
    /// Grows with every change.
    pub seq: u64,
    /// What is done with the plan.
    #[serde(default)]
    pub carry: Carry,
    /// What was found and done.
    #[serde(default)]
    pub summary: Option<Summary>,
    /// What waits for a person's word.
    #[serde(default)]
    pub held: Option<Held>,
    /// Whether something is left to do.
    #[serde(default)]
    pub outstanding: bool,
    /// What stands in the way.
    #[serde(default)]
    pub error: Option<Fault>,
    /// The plan.
    #[serde(default)]
    pub diff: Option<String>,
    /// The commands that do the same.
    #[serde(default)]
    pub commands: Option<String>,
}

/// What is done with a plan.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Carry {
    /// It is applied.
    pub apply: bool,
}

/// What was found and done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Objects that were, or would be, created.
    pub created: u32,
    /// ... changed.
    pub changed: u32,
    /// ... deleted.
    pub deleted: u32,
    /// Objects that are as they should be.
    pub unchanged: u32,
    /// Objects that were refused.
    pub refused: u32,
    /// Objects that no hostname knows.
    pub orphans: u32,
    /// Files.
    pub files: u32,
    /// The commit that was pushed.
    pub commit: Option<String>,
    /// The branch it was pushed to.
    pub branch: Option<String>,
}

/// What is held.
#[derive(Debug, Deserialize)]
pub struct Held {
    /// How many objects.
    pub objects: u64,
    /// Which, and why.
    #[serde(default)]
    pub words: String,
}

impl Sync {
    /// Whether it is at work.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        self.step == "reconciling"
    }
}

/// A reconcile: the plan as a diff, what was done, the commands where nothing was applied.
#[must_use]
pub fn sync(sync: &Sync, paint: Paint) -> String {
    let mut parts = Vec::new();
    parts.extend(sync.diff.as_deref().filter(|diff| !diff.trim().is_empty()).map(|diff| coloured(diff, paint)));
    let mut pairs = vec![("reconcile", Toned::from(sync.run_id.as_str())), ("status", status(&sync.status))];
    if let Some(summary) = &sync.summary {
        let Summary { created, changed, deleted, unchanged, .. } = summary;
        let words = if sync.carry.apply {
            format!("{created} created, {changed} changed, {deleted} deleted, {unchanged} as they should be")
        } else {
            format!("{created} to create, {changed} to change, {deleted} to delete, {unchanged} as they should be")
        };
        pairs.push(("objects", words.into()));
        for (name, number, tone) in [("refused", summary.refused, Tone::Bad), ("orphans", summary.orphans, Tone::Warn)]
        {
            pairs.extend((number > 0).then(|| (name, Toned(number.to_string(), tone))));
        }
        pairs.push(("files", summary.files.to_string().into()));
        pairs.extend(summary.commit.as_deref().map(|commit| ("commit", commit.into())));
        pairs.extend(summary.branch.as_deref().map(|branch| ("branch", branch.into())));
    }
    if let Some(held) = &sync.held {
        pairs.push(("held", Toned(format!("{} objects. {}", held.objects, held.words), Tone::Warn)));
    }
    pairs.extend(sync.error.as_ref().map(|fault| ("error", Toned(fault.message.clone(), Tone::Bad))));
    parts.push(details(pairs, paint));
    let commands = sync.commands.as_deref().filter(|commands| !sync.carry.apply && !commands.trim().is_empty());
    parts.extend(commands.map(|commands| {
        let lines: Vec<_> = commands.trim_end().lines().map(printable).collect();
        format!("{}\n{}", paint.head("The same by hand:"), lines.join("\n"))
    }));
    parts.join("\n\n")
}

/// A diff, line by line.
fn coloured(diff: &str, paint: Paint) -> String {
    let line = |line: &str| {
        let text = printable(line);
        match line.trim_start().chars().next() {
            Some('+') => paint.good(&text),
            Some('-') => paint.bad(&text),
            Some('~' | '!' | '?') => paint.warn(&text),
            _ => text,
        }
    };
    diff.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}
