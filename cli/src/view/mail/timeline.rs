//! What happened to a message.

use serde::Deserialize;

use serde_json::Value;

use super::super::{
    moment::{Moment, span},
    plain::members,
    table::Toned,
};
use crate::output::{Paint, printable};

/// What happened to a message, oldest first.
#[derive(Debug, Deserialize)]
pub struct Timeline {
    /// One by one.
    pub data: Vec<Line>,
}

/// One thing that happened.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// When.
    pub at: Moment,
    /// What, in words.
    #[serde(default)]
    pub text: String,
    /// How the message stood then.
    #[serde(default)]
    pub status: String,
    /// Who did it.
    #[serde(default)]
    pub by: Option<String>,
    /// More: a provider and what it said, a fault.
    #[serde(default)]
    pub detail: Value,
}

/// What happened, with the time since the first.
#[must_use]
pub fn timeline(timeline: &Timeline, now: Moment, paint: Paint) -> String {
    let Some(first) = timeline.data.first() else { return "Nothing has happened yet.".to_owned() };
    let head = format!("Timeline, from {} UTC ({})", first.at.day_and_time(), first.at.seen_from(now));
    let mut lines = vec![paint.head(&head)];
    for line in &timeline.data {
        let since = format!("+{}", span(line.at.since(first.at)));
        let by = line.by.as_deref().map(|by| format!(" ({})", printable(by))).unwrap_or_default();
        let text = format!("{}{by}", printable(&line.text));
        lines.push(format!("  {since:>12}  {:<10}  {text}", printable(&line.status)).trim_end().to_owned());
        // What the sentence has said already is not said again.
        let more = line.detail.as_object().map(|detail| members(detail, &["by"])).unwrap_or_default();
        let more = more.iter().filter(|(_, Toned(value, _))| !line.text.contains(value.as_str()));
        lines.extend(more.map(|(name, Toned(value, _))| {
            let words = printable(&format!("{name}: {value}"));
            format!("  {:12}  {:10}  {}", "", "", paint.faint(&words))
        }));
    }
    lines.join("\n")
}
