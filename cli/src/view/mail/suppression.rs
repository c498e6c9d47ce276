//! Addresses that are not written to.

use serde::Deserialize;

use super::super::{
    moment::Moment,
    table::{or_dash, table, time_or_dash},
};
use crate::output::Paint;

/// An entry of a tenant's list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suppression {
    /// The address.
    pub address: String,
    /// `hard_bounce`, `soft_bounces`, `complaint`, `unsubscribe`, `manual`
    pub reason: String,
    /// The category that was unsubscribed; none: all that can be.
    #[serde(default)]
    pub category: Option<String>,
    /// Words of whoever made it.
    #[serde(default)]
    pub note: Option<String>,
    /// Who.
    #[serde(default)]
    pub created_by: Option<String>,
    /// When.
    #[serde(default)]
    pub created_at: Option<Moment>,
    /// Until when; none: until it is removed.
    #[serde(default)]
    pub expires_at: Option<Moment>,
}

/// Entries, one per line.
#[must_use]
pub fn suppressions(entries: &[Suppression], paint: Paint) -> String {
    let row = |entry: &Suppression| {
        vec![
            entry.address.as_str().into(),
            entry.reason.as_str().into(),
            or_dash(entry.category.as_deref()),
            time_or_dash(entry.created_at),
            time_or_dash(entry.expires_at),
            or_dash(entry.created_by.as_deref()),
            or_dash(entry.note.as_deref()),
        ]
    };
    let head = ["ADDRESS", "REASON", "CATEGORY", "SINCE (UTC)", "UNTIL (UTC)", "BY", "NOTE"];
    table(&head, entries.iter().map(row).collect(), "Nobody is on the list.", paint)
}
