//! A tenant that leaves.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    moment::Moment,
    run::Run,
    table::{Toned, details, status, table, time_or_dash},
};
use crate::{archive::Manifest, output::Paint};

/// What would happen to it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// How many there are of what.
    pub counts: BTreeMap<String, i64>,
    /// What will happen, each thing in a sentence.
    pub what: Vec<String>,
    /// Runs under way.
    #[serde(default)]
    pub open_runs: Vec<OpenRun>,
}

/// A run under way.
#[derive(Debug, Deserialize)]
pub struct OpenRun {
    /// `run_...`
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// How it stands.
    pub status: String,
}

/// What would happen.
#[must_use]
pub fn preview(preview: &Preview, paint: Paint) -> String {
    let counts: Vec<Vec<Toned>> = counted(preview.counts.iter().map(|(what, count)| (what, count.to_string())));
    let mut text = table(&["WHAT", "COUNT"], counts, "Nothing.", paint);
    if !preview.open_runs.is_empty() {
        let row = |run: &OpenRun| {
            vec![run.id.as_str().into(), run.kind.as_str().into(), run.state.as_str().into(), status(&run.status)]
        };
        text.push_str("\n\n");
        text.push_str(&table(
            &["RUN", "KIND", "STATE", "STATUS"],
            preview.open_runs.iter().map(row).collect(),
            "",
            paint,
        ));
    }
    for (number, what) in (1..).zip(&preview.what) {
        text.push_str(&format!("\n\n{number}. {}", crate::output::printable(what)));
    }
    text + "\n\nNothing was changed."
}

/// How far it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Offboarding {
    /// Its run.
    pub run: Run,
    /// Where it is.
    pub state: String,
    /// When the grace period is over.
    #[serde(default)]
    pub ends_at: Option<Moment>,
    /// What is still being taken down.
    #[serde(default)]
    pub left: Vec<String>,
    /// What it takes with it.
    #[serde(default)]
    pub export: Option<Export>,
}

/// An export, in a line.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Export {
    /// `run_...`
    pub id: String,
    /// It is whole.
    pub complete: bool,
    /// Rows in all.
    pub rows: u64,
}

/// How far it is.
#[must_use]
pub fn offboarding(offboarding: &Offboarding, paint: Paint) -> String {
    let mut pairs: Vec<(&str, Toned)> =
        vec![("run", offboarding.run.id.as_str().into()), ("state", offboarding.state.as_str().into())];
    if offboarding.ends_at.is_some() {
        pairs.push(("removed from (UTC)", time_or_dash(offboarding.ends_at)));
    }
    let left = offboarding.left.join(", ");
    if !left.is_empty() {
        pairs.push(("still there", left.as_str().into()));
    }
    let export = offboarding
        .export
        .as_ref()
        .map(|export| format!("{}, {} rows{}", export.id, export.rows, if export.complete { "" } else { " so far" }));
    pairs.extend(export.as_deref().map(|export| ("export", export.into())));
    details(pairs, paint)
}

/// What is in an export.
#[must_use]
pub fn export(manifest: &Manifest, paint: Paint) -> String {
    let counts = counted(manifest.counts.iter().map(|(what, count)| (what, count.to_string())));
    let rows = table(&["TABLE", "ROWS"], counts, "No rows.", paint);
    format!("export {} of {}, {} parts\n\n{rows}", manifest.id, manifest.tenant_id, manifest.parts.len())
}

fn counted<'a>(counts: impl Iterator<Item = (&'a String, String)>) -> Vec<Vec<Toned>> {
    counts.map(|(what, count)| vec![what.as_str().into(), count.as_str().into()]).collect()
}
