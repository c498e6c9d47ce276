//! What becomes of an accepted mail, and the events that tell of it.

use serde_json::{Value, json};

/// What becomes of a mail at its recipients' side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// `email.sent`, and nothing more is heard.
    Sent,
    /// `email.sent`, `email.delivered`.
    Delivered,
    /// `email.sent`, `email.delivery_delayed`; the rest is said by [`super::Resend::emit`].
    Delayed,
    /// `email.sent`, `email.bounced` of type `Transient`: a full mailbox.
    BouncedSoft,
    /// `email.sent`, `email.bounced` of type `Permanent`: no such mailbox.
    Bounced,
    /// `email.sent`, `email.delivered`, `email.complained`.
    Complained,
    /// `email.suppressed` alone: the address is on the account's own list.
    Suppressed,
    /// `email.failed` alone: the daily quota was reached.
    Failed,
}

impl Fate {
    /// By the test addresses, `bounced+label@resend.dev` and the like; any other recipient gets its mail.
    pub(super) fn of(address: &str) -> Fate {
        let bare = super::address::bare(address).to_ascii_lowercase();
        let Some((local, "resend.dev")) = bare.rsplit_once('@') else { return Fate::Delivered };
        match local.split('+').next().unwrap_or_default() {
            "bounced" => Fate::Bounced,
            "complained" => Fate::Complained,
            "suppressed" => Fate::Suppressed,
            _ => Fate::Delivered,
        }
    }

    /// Whether the mail left at all.
    pub(super) fn leaves(self) -> bool {
        !matches!(self, Fate::Suppressed | Fate::Failed)
    }

    /// The events after `email.sent`, in order.
    pub(super) fn events(self) -> &'static [&'static str] {
        match self {
            Fate::Sent => &[],
            Fate::Delivered => &["email.delivered"],
            Fate::Delayed => &["email.delivery_delayed"],
            Fate::BouncedSoft | Fate::Bounced => &["email.bounced"],
            Fate::Complained => &["email.delivered", "email.complained"],
            Fate::Suppressed => &["email.suppressed"],
            Fate::Failed => &["email.failed"],
        }
    }

    /// The word in `last_event`.
    pub(super) fn last_event(self) -> &'static str {
        match self {
            Fate::Sent => "sent",
            Fate::Delivered => "delivered",
            Fate::Delayed => "delivery_delayed",
            Fate::BouncedSoft | Fate::Bounced => "bounced",
            Fate::Complained => "complained",
            Fate::Suppressed => "suppressed",
            Fate::Failed => "failed",
        }
    }

    /// What an event of this fate says besides what all events say: the name and the object.
    pub(super) fn detail(self) -> Option<(&'static str, Value)> {
        match self {
            Fate::Bounced => Some((
                "bounce",
                json!({
                    "type": "Permanent",
                    "subType": "General",
                    "message": "The recipient's email provider sent a hard bounce message.",
                    "diagnosticCode": ["smtp; 550 5.1.1 user unknown"],
                }),
            )),
            Fate::BouncedSoft => Some((
                "bounce",
                json!({
                    "type": "Transient",
                    "subType": "MailboxFull",
                    "message": "The recipient's mailbox was full.",
                    "diagnosticCode": ["smtp; 452 4.2.2 mailbox full"],
                }),
            )),
            Fate::Suppressed => Some((
                "suppressed",
                json!({
                    "type": "OnAccountSuppressionList",
                    "reason": "previous_bounce",
                    "message": "The recipient is on the suppression list because of an earlier bounce.",
                    "diagnosticCode": ["smtp; 550 5.1.1 user unknown"],
                }),
            )),
            Fate::Failed => Some(("failed", json!({ "reason": "reached_daily_quota" }))),
            Fate::Sent | Fate::Delivered | Fate::Delayed | Fate::Complained => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_addresses_decide_with_or_without_a_label_or_a_name() {
        for (address, fate) in [
            ("bounced@resend.dev", Fate::Bounced),
            ("Someone <Bounced+one@Resend.dev>", Fate::Bounced),
            ("complained+x@resend.dev", Fate::Complained),
            ("suppressed@resend.dev", Fate::Suppressed),
            ("delivered+y@resend.dev", Fate::Delivered),
            ("bounced@a.example", Fate::Delivered),
        ] {
            assert_eq!(Fate::of(address), fate, "{address}");
        }
    }
}
