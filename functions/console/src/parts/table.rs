//! Tables and lists of facts.

use maud::{Markup, html};

/// What is known of something: names and values.
pub(crate) fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! { dl.facts { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } } }
}

/// What stands where there is nothing yet, and what to do about it.
pub(crate) fn empty(words: &str, then: &Markup) -> Markup {
    html! { div.empty { p { (words) } (then) } }
}
