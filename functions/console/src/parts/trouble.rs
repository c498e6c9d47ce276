//! What stands in the way, as people read it.

use maud::{Markup, html};

use crate::trouble::Trouble;

/// What happened, what we saw, what to do next.
pub(crate) fn trouble_card(trouble: &Trouble) -> Markup {
    html! {
        div.card.trouble role="alert" {
            @if trouble.fields.is_empty() {
                p { strong { (trouble.title) } @if !trouble.detail.is_empty() { ": " (trouble.detail) } }
            } @else {
                // The title and the detail are for programs: they name places of the body, of which a person has seen none.
                p { strong { "This cannot be used as it is. Nothing was changed." } }
                ul { @for (place, words) in &trouble.fields { li { @if let Some(name) = name(place) { (name) ": " } (words) } } }
            }
            @if trouble.fields.is_empty() && !trouble.next_action.is_empty() { p { (trouble.next_action) } }
            @if !trouble.request_id.is_empty() { p.fine { "Request " code { (trouble.request_id) } } }
        }
    }
}

/// What a place of the body is called, near enough to the label beside which the words stand, too: `adminUser/email` is "email".
fn name(place: &str) -> Option<String> {
    let last = place.rsplit('/').find(|part| part.parse::<usize>().is_err())?;
    let mut name = String::new();
    for letter in last.chars().filter(|letter| !letter.is_control()) {
        if letter.is_uppercase() {
            name.push(' ');
        }
        name.extend(if letter == '_' { ' ' } else { letter }.to_lowercase());
    }
    Some(name).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_called_as_people_would() {
        let called = |place| name(place).unwrap_or_default();
        assert_eq!(called("/adminUser/firstName"), "first name");
        assert_eq!(called("/events/0"), "events");
        assert_eq!(called("limit"), "limit");
        assert_eq!(name(""), None);
    }
}
