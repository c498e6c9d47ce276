//! What is to be done in the repository: as with the plan of the cluster, for whoever applies the repository deletes
//! what is no longer in it.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::{brake::Released, labels, plan::Known, yaml};

/// Files to write and to remove, by their name within the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// New, or otherwise than they should be.
    pub write: BTreeMap<String, String>,
    /// Of rows that are retired, or that are in another file now.
    pub remove: BTreeSet<String>,
    /// Ours, with rows that nobody knows; neither written nor removed, for both would take these rows away.
    pub orphans: BTreeMap<String, BTreeSet<Uuid>>,
    /// Not ours, where one of ours should be: left.
    pub foreign: BTreeSet<String>,
    /// Not ours: left.
    pub untouched: BTreeSet<String>,
}

impl FileChanges {
    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.write.is_empty() && self.remove.is_empty()
    }

    /// What a release would let go, each as [`entry`].
    #[must_use]
    pub fn releasable(&self) -> BTreeSet<String> {
        let rows = |(file, rows): (&String, &BTreeSet<Uuid>)| -> Vec<String> {
            rows.iter().map(|row| entry(file, *row)).collect()
        };
        self.orphans.iter().flat_map(rows).collect()
    }
}

/// A row in a file as it stands in [`Released`]: `file acme.yaml 018f...`.
#[must_use]
pub fn entry(file: &str, row: Uuid) -> String {
    format!("file {file} {row}")
}

/// Compares the files that are wanted with those of the folder (`present`: every file of it that ends in `.yaml`).
///
/// A row's documents leave the folder when the row says that it is retired, when a person released them, or when they
/// stand in another file (its tenant was renamed). A file that holds any other row is left as it is.
#[must_use]
pub fn file_changes(
    desired: &BTreeMap<String, String>,
    present: &BTreeMap<String, String>,
    known: &Known,
    released: &Released,
) -> FileChanges {
    let mut changes = FileChanges::default();
    let mut ours = Vec::new();
    for (name, text) in present {
        let wanted = desired.get(name);
        if wanted == Some(text) {
            continue;
        }
        if text.starts_with(yaml::FIRST_LINE) {
            ours.push(Ours::new(name, text, wanted, known, released));
        } else {
            let left = if wanted.is_some() { &mut changes.foreign } else { &mut changes.untouched };
            left.insert(name.clone());
        }
    }
    changes.orphans = held(&ours, desired, &changes.foreign);
    for file in ours {
        if changes.orphans.contains_key(file.name) {
            continue;
        }
        match file.wanted {
            Some(wanted) => {
                changes.write.insert(file.name.to_owned(), wanted.to_owned());
            }
            // Ours by its first line, and no row to be read in it: somebody has been at it, and may mean it.
            None if file.empty => {
                changes.untouched.insert(file.name.to_owned());
            }
            None => {
                changes.remove.insert(file.name.to_owned());
            }
        }
    }
    for (name, text) in desired {
        if !present.contains_key(name) {
            changes.write.insert(name.clone(), text.clone());
        }
    }
    changes
}

/// A file of ours that is not as it should be.
struct Ours<'a> {
    name: &'a str,
    wanted: Option<&'a str>,
    empty: bool,
    /// Its rows that nothing says may go; they may only move.
    unknown: BTreeSet<Uuid>,
}

impl<'a> Ours<'a> {
    fn new(name: &'a str, text: &str, wanted: Option<&'a String>, known: &Known, released: &Released) -> Self {
        let there = rows(text);
        let stay = wanted.map(|text| rows(text)).unwrap_or_default();
        let may_go = |row: &Uuid| {
            stay.contains(row)
                || (known.retired.contains(row) && !known.serving.contains(row))
                || released.0.contains(&entry(name, *row))
        };
        let empty = there.is_empty();
        let unknown = there.into_iter().filter(|row| !may_go(row)).collect();
        Self { name, wanted: wanted.map(String::as_str), empty, unknown }
    }
}

/// The files that must be left, with the rows that hold them. A row may leave its file for another one that is written;
/// a file that is left is not written, so that the rows which were to move there hold their files in turn.
fn held(
    ours: &[Ours<'_>],
    desired: &BTreeMap<String, String>,
    foreign: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<Uuid>> {
    let mut held = BTreeMap::new();
    if ours.iter().all(|file| file.unknown.is_empty()) {
        return held;
    }
    loop {
        let written = desired.iter().filter(|(name, _)| !foreign.contains(*name) && !held.contains_key(*name));
        let moved: BTreeSet<Uuid> = written.flat_map(|(_, text)| rows(text)).collect();
        let now: BTreeMap<String, BTreeSet<Uuid>> = ours
            .iter()
            .map(|file| (file.name.to_owned(), file.unknown.difference(&moved).copied().collect::<BTreeSet<_>>()))
            .filter(|(_, rows)| !rows.is_empty())
            .collect();
        if now.len() == held.len() {
            return now;
        }
        held = now;
    }
}

/// The rows whose documents a file holds. Read line by line, so that a file with the marks of a merge in it, which no
/// YAML reader takes, still says what is in it.
pub(crate) fn rows(text: &str) -> BTreeSet<Uuid> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(labels::DOMAIN_ID)?.strip_prefix(':'))
        .filter_map(|value| value.trim().trim_matches(['"', '\'']).parse().ok())
        .collect()
}
