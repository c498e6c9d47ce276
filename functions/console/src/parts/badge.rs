//! How something stands, in a word with a colour.

use maud::{Markup, html};

/// What a colour says. The word says it too: nobody has to see colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is well.
    Good,
    /// It is under way.
    Going,
    /// Somebody should look.
    Warn,
    /// It has failed.
    Bad,
    /// Nothing of these.
    Calm,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Going => "going",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Calm => "calm",
        }
    }
}

/// A word with a colour.
pub(crate) fn badge(tone: Tone, words: &str) -> Markup {
    html! { span.badge.(tone.class()) { (words) } }
}

/// The badge of any status that the API has a word for.
pub(crate) fn status(word: &str) -> Markup {
    let tone = match word {
        "active" | "verified" | "completed" | "delivered" | "sent" | "healthy" | "enabled" | "ok" | "succeeded"
        | "published" | "found" | "resolved" => Tone::Good,
        "running"
        | "pending"
        | "provisioning"
        | "queued"
        | "verifying_dns"
        | "pending_dns"
        | "pending_certificate"
        | "certificate_issuing"
        | "deploying"
        | "creating"
        | "checking"
        | "activating"
        | "dns_published"
        | "accepted"
        | "scheduled"
        | "sending"
        | "new"
        | "draft" => Tone::Going,
        "waiting" | "degraded" | "suspended" | "offboarding" | "paused" | "failing" | "deferred" | "delayed"
        | "unknown" | "warning" | "missing" | "invalid" | "wrong" => Tone::Warn,
        "failed" | "rolled_back" | "dns_failed" | "certificate_failed" | "bounced" | "complained" | "error"
        | "dead" => Tone::Bad,
        _ => Tone::Calm,
    };
    badge(tone, &word.replace('_', " "))
}
