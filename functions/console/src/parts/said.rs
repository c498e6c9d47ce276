//! What a page says after a form was sent: the address carries a word, the words are here.

use maud::{Markup, html};

/// The words of what was done; nothing for a word that is none of ours.
pub(crate) fn said(word: Option<&str>) -> Markup {
    let words = match word {
        Some("saved") => "Saved.",
        Some("begun") => "It has begun; this page shows how it goes on.",
        Some("cancelled") => "It is being called off.",
        Some("retried") => "It is tried again now.",
        Some("paused") => "Paused: nothing more is begun until it is resumed.",
        Some("resumed") => "It goes on.",
        Some("answered") => "Thank you: the answer was taken, and the run goes on.",
        Some("claimed") => "It is yours now.",
        Some("released") => "It is anybody's again.",
        Some("removed") => "It is removed, or being removed.",
        Some("checked") => "We are looking now.",
        Some("suspended") => "The tenant is suspended: its mail stops, and its people cannot sign in.",
        Some("unsuspended") => "The tenant is active again.",
        Some("published") => "Published: mail uses it from now on.",
        Some("sent") => "Sent; it takes a moment to arrive.",
        Some("restored") => "Restored.",
        Some("revoked") => "Revoked: it opens nothing any more.",
        Some("taken-off") => "Off the list: it is written to again.",
        Some("drafted") => "The draft is saved. Mail is made of it once it is published.",
        Some("taken-back") => "The tenant's words are taken back.",
        Some("tested") => "A test is on its way; it appears among the deliveries.",
        Some("replayed") => "It is being sent once more.",
        _ => return html! {},
    };
    html! { p.said role="status" { (words) } }
}
