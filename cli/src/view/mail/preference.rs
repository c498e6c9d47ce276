//! What people want to get.

use serde::{Deserialize, Serialize};

use super::super::table::{Tone, Toned, or_dash, table};
use crate::output::Paint;

/// What holds for each category.
#[derive(Debug, Deserialize)]
pub struct Preferences {
    /// One by one.
    pub data: Vec<Preference>,
}

/// What holds for a category, or a subtype of it.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Preference {
    /// The category.
    pub category: String,
    /// The subtype; none: the whole category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// Wanted.
    pub enabled: bool,
    /// `default`, or the user's `own`.
    #[serde(default, skip_serializing)]
    pub source: Option<String>,
    /// It cannot be switched off.
    #[serde(default, skip_serializing)]
    pub locked: bool,
}

/// What holds for each category, one per line.
#[must_use]
pub fn preferences(preferences: &Preferences, paint: Paint) -> String {
    let row = |one: &Preference| {
        let wanted = if one.enabled { Toned::from("on") } else { Toned("off".to_owned(), Tone::Warn) };
        let note = if one.locked { Some("cannot be switched off") } else { None };
        vec![
            one.category.as_str().into(),
            or_dash(one.subtype.as_deref()),
            wanted,
            or_dash(one.source.as_deref()),
            or_dash(note),
        ]
    };
    let head = ["CATEGORY", "SUBTYPE", "WANTED", "SOURCE", "NOTE"];
    table(&head, preferences.data.iter().map(row).collect(), "Everything is wanted.", paint)
}
