//! Lists by cursor.

use maud::{Markup, html};
use serde::Deserialize;

/// A page of any list of the API.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct List<T> {
    /// What is on it.
    pub(crate) data: Vec<T>,
    /// Whether there is more.
    pub(crate) has_more: bool,
    /// Where more begins.
    pub(crate) next_cursor: Option<String>,
}

/// The way to what is older, and back to the newest. `path` with `query` (without a cursor) is the list itself.
pub(crate) fn pager<T>(list: &List<T>, path: &str, query: &[(&str, &str)], after: Option<&str>) -> Markup {
    let to = |cursor: Option<&str>| {
        let mut pairs: Vec<(&str, &str)> = query.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
        pairs.extend(cursor.map(|cursor| ("after", cursor)));
        let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    };
    html! {
        @if after.is_some() || list.has_more {
            nav.pager aria-label="Pages of the list" {
                @if after.is_some() { a.button href=(to(None)) { "Newest" } }
                @if let Some(cursor) = list.next_cursor.as_deref().filter(|_| list.has_more) { a.button href=(to(Some(cursor))) rel="next" { "Older" } }
            }
        }
    }
}
