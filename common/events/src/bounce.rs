//! Hard, soft, or our own fault: Amazon SES's bounce types (which Resend hands on), corrected by what the recipient's
//! server really said (RFC 3463 enhanced status codes, and the words of block lists).
//!
//! The correction matters because `Permanent` only means that the server answered 5xx. `550 5.7.1 blocked using a block
//! list` is permanent too, and an address must not be suppressed because our IP was listed for an hour.
//!
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html#event-publishing-retrieving-sns-contents-bounce-types>

use crate::event::BounceKind;

/// Words of refusals that are about the sender.
const BLOCK_LIST: [&str; 10] = [
    "spamhaus",
    "spamcop",
    "barracuda",
    "dnsbl",
    "blacklist",
    "blocklist",
    "block list",
    "blocked using",
    "reputation",
    "message identified as spam",
];

/// Words of refusals that are about the mailbox, whatever code they come with.
const NO_MAILBOX: [&str; 5] = ["user unknown", "unknown user", "no such user", "no such recipient", "does not exist"];

/// The kind of a bounce. Of several recipients' diagnostics the mildest decides: an address is better written to once
/// too often than suppressed for another's reason.
pub(crate) fn kind(bounce_type: &str, subtype: &str, diagnostics: &[&str]) -> BounceKind {
    let by_type = by_type(bounce_type, subtype);
    diagnostics.iter().map(|said| corrected(said, by_type)).min().unwrap_or(by_type)
}

/// Whether the provider did not try because of its own suppression list.
pub(crate) fn is_suppressed(subtype: &str) -> bool {
    matches!(subtype, "Suppressed" | "OnAccountSuppressionList" | "OnTenantSuppressionList" | "UnsubscribedRecipient")
}

fn by_type(bounce_type: &str, subtype: &str) -> BounceKind {
    match (bounce_type, subtype) {
        (_, "ContentRejected" | "MessageTooLarge" | "AttachmentRejected") => BounceKind::Infrastructure,
        (_, "MailboxFull") => BounceKind::Soft,
        ("Permanent", _) => BounceKind::Hard,
        _ => BounceKind::Soft,
    }
}

fn corrected(said: &str, by_type: BounceKind) -> BounceKind {
    let words = said.to_lowercase();
    if BLOCK_LIST.iter().any(|word| words.contains(word)) {
        return BounceKind::Infrastructure;
    }
    if NO_MAILBOX.iter().any(|word| words.contains(word)) {
        return by_type;
    }
    match enhanced_code(&words) {
        // RFC 5248 and 7293: the account is disabled, the mailbox has a new owner.
        Some((_, 7, 13 | 17)) => by_type,
        // Policy, authentication, reputation.
        Some((_, 7, _)) => BounceKind::Infrastructure,
        // The sender's address, not the recipient's.
        Some((_, 1, 7 | 8)) => BounceKind::Infrastructure,
        // Too large, or content that cannot be taken.
        Some((_, 2, 3) | (_, 3, 4) | (_, 6, _)) => BounceKind::Infrastructure,
        // A full mailbox, and whatever the server itself calls temporary.
        Some((_, 2, 2) | (4, _, _)) => by_type.min(BounceKind::Soft),
        _ => by_type,
    }
}

/// The first `class.subject.detail` in a text: `5.1.1` of `smtp; 550-5.1.1 no such user`. An IP address has four parts.
fn enhanced_code(said: &str) -> Option<(u16, u16, u16)> {
    said.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut parts = word.trim_matches('.').split('.').map(|part| part.parse().ok());
        let code = (parts.next()??, parts.next()??, parts.next()??);
        (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use BounceKind::{Hard, Infrastructure, Soft};

    #[test]
    fn types_and_subtypes_without_a_diagnostic() {
        for (bounce_type, subtype, expected) in [
            ("Permanent", "General", Hard),
            ("Permanent", "NoEmail", Hard),
            ("Permanent", "", Hard),
            ("Transient", "General", Soft),
            ("Transient", "MailboxFull", Soft),
            ("Transient", "MessageTooLarge", Infrastructure),
            ("Transient", "ContentRejected", Infrastructure),
            ("Transient", "AttachmentRejected", Infrastructure),
            ("Undetermined", "Undetermined", Soft),
            ("", "", Soft),
            ("Something new", "Something new", Soft),
        ] {
            assert_eq!(kind(bounce_type, subtype, &[]), expected, "{bounce_type}/{subtype}");
        }
    }

    #[test]
    fn what_the_server_said_corrects_a_permanent_bounce() {
        for (said, expected) in [
            ("smtp; 550 5.1.1 user unknown", Hard),
            ("smtp; 550-5.1.1 The account you tried to reach is not there", Hard),
            ("smtp; 550 #5.1.1 not here", Hard),
            ("smtp; 550 5.2.1 mailbox disabled", Hard),
            ("smtp; 550 no such thing, [5.7.2.9] said so", Hard),
            ("smtp; 550 5.7.1 user unknown", Hard),
            ("smtp; 525 5.7.13 account disabled", Hard),
            ("smtp; 550 5.7.17 mailbox owner has changed", Hard),
            ("smtp; 550 5.2.4 mailing list expansion problem", Hard),
            ("smtp; 550 5.7.1 [192.0.2.7] not allowed", Infrastructure),
            ("smtp; 550-5.7.26 unauthenticated sender", Infrastructure),
            ("smtp; 554 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org", Infrastructure),
            ("smtp; 550 5.1.8 sender's domain does not resolve", Infrastructure),
            ("smtp; 552 5.3.4 message too big", Infrastructure),
            ("smtp; 552 5.2.3 message longer than allowed", Infrastructure),
            ("smtp; 554 5.6.0 content refused", Infrastructure),
            ("smtp; 552 5.2.2 over quota", Soft),
            ("smtp; 421 4.4.1 connection timed out", Soft),
        ] {
            assert_eq!(kind("Permanent", "General", &[said]), expected, "{said}");
        }
    }

    #[test]
    fn no_diagnostic_makes_a_bounce_harder_than_its_type() {
        assert_eq!(kind("Transient", "General", &["smtp; 550 5.1.1 user unknown"]), Soft);
        assert_eq!(kind("Transient", "ContentRejected", &["smtp; 452 4.2.2 over quota"]), Infrastructure);
    }

    #[test]
    fn the_mildest_of_several_diagnostics_decides() {
        let said = ["smtp; 550 5.1.1 user unknown", "smtp; 550 5.7.1 blocked"];
        assert_eq!(kind("Permanent", "General", &said), Infrastructure);
    }
}
