//! Why an address is on the list, in words.

use maud::Markup;

use crate::parts::{Tone, badge};

/// The reasons, as the filter offers them.
pub(super) const REASONS: [(&str, &str); 6] = [
    ("", "any reason"),
    ("hard_bounce", "the mailbox does not exist"),
    ("soft_bounces", "mail came back again and again"),
    ("complaint", "called spam by the recipient"),
    ("unsubscribe", "unsubscribed"),
    ("manual", "put here by somebody"),
];

/// A reason.
pub(super) fn of(reason: &str) -> Markup {
    let (tone, words) = match reason {
        "hard_bounce" => (Tone::Bad, "Mailbox does not exist"),
        "soft_bounces" => (Tone::Warn, "Came back again and again"),
        "complaint" => (Tone::Bad, "Called spam"),
        "unsubscribe" => (Tone::Calm, "Unsubscribed"),
        "manual" => (Tone::Calm, "Put here by hand"),
        other => (Tone::Calm, other),
    };
    badge(tone, words)
}

/// What taking an address off the list means, for the reason that it is on it.
pub(super) fn consequence(reason: &str) -> &'static str {
    match reason {
        "hard_bounce" => {
            "The mailbox did not exist. If it still does not, the next mail comes back, and that harms the sender's reputation."
        }
        "complaint" => {
            "The recipient has called mail of yours spam. Write to them again only if they have asked for it."
        }
        "unsubscribe" => "The recipient does not want this mail. Write to them again only if they have asked for it.",
        "soft_bounces" => {
            "Mail came back again and again, for instance from a full mailbox. It is tried again from now on."
        }
        _ => "Mail is sent to it again.",
    }
}
