//! What stands in the way, as people read it.

use maud::{Markup, html};

use crate::trouble::Trouble;

/// What happened, what we saw, what to do next.
pub(crate) fn trouble_card(trouble: &Trouble) -> Markup {
    html! {
        div.card.trouble role="alert" {
            p { strong { (trouble.title) } @if !trouble.detail.is_empty() { ": " (trouble.detail) } }
            @if trouble.fields.len() > 1 || (trouble.fields.len() == 1 && trouble.fields[0].1 != trouble.detail) {
                ul { @for (place, words) in &trouble.fields { li { @if !place.is_empty() { code { (place.trim_start_matches('/')) } " " } (words) } } }
            }
            @if !trouble.next_action.is_empty() { p { (trouble.next_action) } }
            @if !trouble.request_id.is_empty() { p.fine { "Request " code { (trouble.request_id) } } }
        }
    }
}
