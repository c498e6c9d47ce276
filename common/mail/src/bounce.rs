//! What a bounce means for the suppression list.

use serde::{Deserialize, Serialize};

use crate::SuppressionReason;

/// Whose fault a bounce is, in words that every provider's words are translated to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BounceKind {
    /// The mailbox does not exist and will not: nothing may be sent there again.
    Hard,
    /// The mailbox cannot take it now: full, on holiday, too large a message.
    Soft,
    /// Our side or the way is at fault: a block list, a policy, a failed signature. It says nothing about the mailbox.
    Infrastructure,
}

/// A message that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    /// Whose fault it is.
    pub kind: BounceKind,
    /// What the other side said, shortened.
    pub reason: String,
}

/// What is to be done with a tenant's suppression list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ListChange {
    /// Put the recipient on the list.
    Suppress {
        /// Under this reason.
        reason: SuppressionReason,
        /// For this many days; none: until somebody takes it off.
        days: Option<u32>,
    },
    /// Remember one more soft bounce of this recipient.
    Count,
    /// Leave the list alone.
    Nothing,
}

/// Soft bounces within [`BOUNCE_WINDOW_DAYS`] that put a recipient on the list.
pub const SOFT_BOUNCES: u32 = 5;
/// The days within which soft bounces add up.
pub const BOUNCE_WINDOW_DAYS: u32 = 7;
/// How many days a recipient stays on the list for soft bounces: a full mailbox is emptied some day.
pub const SOFT_BOUNCE_DAYS: u32 = 30;

/// What a bounce does to the suppression list. `soft_before` counts the recipient's soft bounces within
/// [`BOUNCE_WINDOW_DAYS`], this one not included.
#[must_use]
pub fn on_bounce(kind: BounceKind, soft_before: u32) -> ListChange {
    match kind {
        BounceKind::Hard => ListChange::Suppress { reason: SuppressionReason::HardBounce, days: None },
        BounceKind::Soft if soft_before.saturating_add(1) >= SOFT_BOUNCES => {
            ListChange::Suppress { reason: SuppressionReason::SoftBounces, days: Some(SOFT_BOUNCE_DAYS) }
        }
        BounceKind::Soft => ListChange::Count,
        // Our address on a block list says nothing about whoever we wrote to; suppressing them would empty the
        // lists of every tenant in one bad night.
        BounceKind::Infrastructure => ListChange::Nothing,
    }
}

/// What a complaint does to the suppression list: at once and for good.
#[must_use]
pub fn on_complaint() -> ListChange {
    ListChange::Suppress { reason: SuppressionReason::Complaint, days: None }
}

impl BounceKind {
    /// The kind of an enhanced status code such as `5.1.1` (RFC 3463 and its registry), as SMTP servers and delivery
    /// reports say it. A code that says nothing clear is soft: too lenient costs a bounce, too strict a recipient.
    #[must_use]
    pub fn of_status(status: &str) -> Self {
        let mut parts = status.trim().splitn(3, '.').map(|part| part.parse::<u16>().ok());
        let (class, subject, detail) = (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
        match (class, subject, detail) {
            // Bad, moved or disabled mailbox; bad or dead domain; a null MX (RFC 7505).
            (Some(5), Some(1), Some(0..=3 | 6 | 10)) | (Some(5), Some(2), Some(1)) => Self::Hard,
            // A bad sender address is ours (x.1.7, x.1.8); what has not been agreed upon is policy (x.7).
            (Some(4 | 5), Some(1), Some(7 | 8)) | (Some(4 | 5), Some(7), _) => Self::Infrastructure,
            // Network and routing: nobody answered, a loop.
            (Some(4 | 5), Some(4), _) => Self::Infrastructure,
            _ => Self::Soft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_bounces() {
        let suppress = |reason, days| ListChange::Suppress { reason, days };
        for (kind, soft_before, change) in [
            (BounceKind::Hard, 0, suppress(SuppressionReason::HardBounce, None)),
            (BounceKind::Hard, 9, suppress(SuppressionReason::HardBounce, None)),
            (BounceKind::Soft, 0, ListChange::Count),
            (BounceKind::Soft, 3, ListChange::Count),
            (BounceKind::Soft, 4, suppress(SuppressionReason::SoftBounces, Some(30))),
            (BounceKind::Soft, u32::MAX, suppress(SuppressionReason::SoftBounces, Some(30))),
            (BounceKind::Infrastructure, 0, ListChange::Nothing),
            (BounceKind::Infrastructure, 99, ListChange::Nothing),
        ] {
            assert_eq!(on_bounce(kind, soft_before), change, "{kind:?} after {soft_before}");
        }
        assert_eq!(on_complaint(), suppress(SuppressionReason::Complaint, None));
    }

    #[test]
    fn the_table_of_status_codes() {
        use BounceKind::{Hard, Infrastructure, Soft};
        for (status, kind) in [
            ("5.1.1", Hard),
            (" 5.1.1 ", Hard),
            ("5.1.2", Hard),
            ("5.1.3", Hard),
            ("5.1.6", Hard),
            ("5.1.10", Hard),
            ("5.2.1", Hard),
            ("5.2.2", Soft),
            ("5.2.3", Soft),
            ("5.3.4", Soft),
            ("4.2.2", Soft),
            // A mailbox that is unknown for now is not unknown for good.
            ("4.1.1", Soft),
            ("5.1.8", Infrastructure),
            ("5.7.1", Infrastructure),
            ("5.7.26", Infrastructure),
            ("4.7.0", Infrastructure),
            ("4.4.7", Infrastructure),
            ("5.4.1", Infrastructure),
            ("5.0.0", Soft),
            ("", Soft),
            ("550", Soft),
            ("5.1.1.1", Soft),
            ("nonsense", Soft),
        ] {
            assert_eq!(BounceKind::of_status(status), kind, "{status:?}");
        }
    }
}
