//! What happened to a message.

use serde::Deserialize;

use super::super::moment::{Moment, span};
use crate::output::{Paint, printable};

/// What happened to a message, oldest first.
#[derive(Debug, Deserialize)]
pub struct Timeline {
    /// One by one.
    pub data: Vec<Line>,
}

/// One thing that happened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When.
    pub at: Moment,
    /// What, in words.
    #[serde(default, alias = "what", alias = "words")]
    pub text: String,
    /// How the message stood then.
    #[serde(default)]
    pub status: Option<String>,
    /// More.
    #[serde(default)]
    pub detail: Option<String>,
}

/// What happened, with the time since the first.
#[must_use]
pub fn timeline(timeline: &Timeline, now: Moment, paint: Paint) -> String {
    let Some(first) = timeline.data.first() else { return "Nothing has happened yet.".to_owned() };
    let head = format!("Timeline, from {} UTC ({})", first.at.day_and_time(), first.at.seen_from(now));
    let mut lines = vec![paint.head(&head)];
    for line in &timeline.data {
        let since = format!("+{}", span(line.at.since(first.at)));
        let status = line.status.as_deref().map(printable).unwrap_or_default();
        let detail = line.detail.as_deref().map(|detail| format!("; {}", printable(detail))).unwrap_or_default();
        lines.push(format!("  {since:>12}  {status:<10}  {}{detail}", printable(&line.text)).trim_end().to_owned());
    }
    lines.join("\n")
}
