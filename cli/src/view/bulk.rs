//! What was done to many runs, or would be; and what a cancel would do to one.

use serde::Deserialize;

use super::{
    run::{Run, runs},
    table::{Toned, details, status, table},
};
use crate::output::{Paint, printable};

/// What was done to many runs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    /// Nothing was.
    pub dry_run: bool,
    /// How many the filters find; 10,000 means as many or more.
    pub matched: u64,
    /// To how many of them it was done.
    pub done: u64,
    /// Those that did not accept it.
    #[serde(default)]
    pub refused: Vec<Refused>,
    /// Some of them.
    #[serde(default)]
    pub sample: Vec<Run>,
}

/// A run that did not accept it.
#[derive(Debug, Deserialize)]
pub struct Refused {
    /// `run_...`
    pub id: String,
    /// Why.
    pub why: String,
}

impl Refused {
    fn row(&self) -> Vec<Toned> {
        vec![self.id.as_str().into(), self.why.as_str().into()]
    }
}

impl Done {
    /// How many are left for another time.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.matched.saturating_sub(self.done).saturating_sub(self.refused.len() as u64)
    }
}

/// What was done, or would be.
#[must_use]
pub fn done(told: &Done, action: &str, paint: Paint) -> String {
    let many = if told.matched == 1 { "run" } else { "runs" };
    let head = if told.dry_run {
        format!("{action}: {} {many} would be meant.", told.matched)
    } else {
        format!("{action}: done to {} of {} {many}.", told.done, told.matched)
    };
    let mut parts = vec![paint.head(&head)];
    if told.matched > 0 {
        parts.push(runs(&told.sample, paint));
    }
    if !told.refused.is_empty() {
        let words = if told.dry_run { "Would not accept it" } else { "Did not accept it" };
        let rows = told.refused.iter().map(Refused::row).collect();
        parts.push(format!("{}\n{}", paint.head(words), table(&["RUN", "WHY"], rows, "", paint)));
    }
    parts.join("\n\n")
}

/// What a cancel would do.
#[derive(Debug, Deserialize)]
pub struct Preview {
    /// It would be accepted.
    pub accepted: bool,
    /// Why not.
    #[serde(default)]
    pub refusal: Option<String>,
    /// How the run would stand.
    #[serde(default)]
    pub becomes: Option<Becomes>,
    /// What would be taken back.
    #[serde(default)]
    pub undoes: Vec<String>,
}

/// How a run would stand.
#[derive(Debug, Deserialize)]
pub struct Becomes {
    /// The state.
    pub state: String,
    /// The status.
    pub status: String,
    /// The step.
    pub step: String,
}

/// What a cancel would do to one run.
#[must_use]
pub fn preview(told: &Preview, paint: Paint) -> String {
    let Some(becomes) = told.becomes.as_ref().filter(|_| told.accepted) else { return String::new() };
    let mut lines = vec![paint.head("A cancel would be accepted now")];
    lines.push(details(
        vec![
            ("becomes", status(&becomes.status)),
            ("state", becomes.state.as_str().into()),
            ("step", becomes.step.as_str().into()),
        ],
        paint,
    ));
    if told.undoes.is_empty() {
        lines.push("Nothing would be removed.".to_owned());
    } else {
        lines.push(paint.head("Would be removed or taken back, in this order"));
        lines.extend(told.undoes.iter().map(|words| format!("- {}", printable(words))));
    }
    lines.join("\n")
}
