//! How a sending domain stands, in words for whoever set it up.

use maud::{Markup, html};

use crate::parts::{Tone, badge};

/// A status with its tone, its word, and what it means.
pub(super) fn of(status: &str) -> (Tone, &'static str, &'static str) {
    match status {
        "created" => {
            (Tone::Going, "Being prepared", "The DNS records are being prepared. They appear here in a minute or two.")
        }
        "awaiting_dns" => (
            Tone::Going,
            "Waiting for the records",
            "Publish the records below where the DNS of the domain is managed. We look for them by ourselves, and go on as soon as all are \
             there.",
        ),
        "verifying" => (
            Tone::Going,
            "Being confirmed",
            "The records were found, and are being confirmed. That takes minutes, sometimes hours; nothing is to be done.",
        ),
        "verified" => (
            Tone::Good,
            "Verified",
            "Mail leaves from this domain. Leave the records where they are: we look at them every day, and without them mail stops.",
        ),
        "degraded" => (
            Tone::Warn,
            "Not working at the moment",
            "Mail left from this domain and cannot for the moment; it leaves by the platform's domain meanwhile. Put the records below back: \
             it goes on by itself then.",
        ),
        "failed" => (
            Tone::Bad,
            "Stopped",
            "The domain could not be set up, and we have stopped looking. When the records are in place, start again with the button below.",
        ),
        "deactivated" => {
            (Tone::Calm, "Removed", "The domain is removed, or about to be. Mail leaves by the platform's domain.")
        }
        _ => (Tone::Calm, "In a state that this page does not know", "Load the page again in a moment."),
    }
}

/// The badge of a status.
pub(super) fn mark(status: &str) -> Markup {
    let (tone, word, _) = of(status);
    badge(tone, word)
}

/// Whether something happens by itself, so that a page is worth asking again.
pub(super) fn is_moving(status: &str, gone: bool) -> bool {
    match status {
        "verified" | "failed" => false,
        "deactivated" => !gone,
        _ => true,
    }
}

/// The way from a name to mail that leaves from it.
const STEPS: [&str; 4] =
    ["Add the domain", "Publish the DNS records", "The records are confirmed", "Mail leaves from the domain"];

/// The way, and how far it is gone.
pub(super) fn steps(status: &str) -> Markup {
    let (at, failed) = match status {
        "created" => (0, false),
        "verifying" => (2, false),
        "verified" => (STEPS.len(), false),
        "failed" => (1, true),
        "degraded" | "awaiting_dns" => (1, false),
        _ => return html! {},
    };
    html! {
        ol.steps aria-label="Steps" {
            @for (step, words) in STEPS.iter().enumerate() {
                @let (class, said) = match step.cmp(&at) {
                    std::cmp::Ordering::Less => ("done", "done"),
                    std::cmp::Ordering::Equal if failed => ("failed", "stopped here"),
                    std::cmp::Ordering::Equal => ("now", "now"),
                    std::cmp::Ordering::Greater => ("next", "to come"),
                };
                li.(class) aria-current=[(class == "now").then_some("step")] { (words) span.help { " (" (said) ")" } }
            }
        }
    }
}
