//! The reputation guard: when a tenant's mail harms everybody's, it is paused.

use serde::{Deserialize, Serialize};

/// Below this many messages a rate says nothing.
pub const MINIMUM_VOLUME: u32 = 100;
/// Complaints in 100,000 messages from which we warn: 0.1 % (Google's sender guidelines: "aim below 0.1 %"; Amazon SES
/// puts an account under review from here).
pub const WARN_COMPLAINTS: u32 = 100;
/// Complaints in 100,000 messages from which we pause: 0.3 % (Google, Yahoo: mail is no longer delivered from here).
pub const PAUSE_COMPLAINTS: u32 = 300;
/// Fewer complaints than this never pause: one angry reader among a hundred is 1 %, and no pattern.
pub const MINIMUM_COMPLAINTS: u32 = 3;
/// Hard bounces in 100,000 messages from which we warn: 2 % (Amazon SES, Postmark: the usual advice).
pub const WARN_BOUNCES: u32 = 2_000;
/// Hard bounces in 100,000 messages from which we pause: 5 % (Amazon SES puts an account under review from here).
pub const PAUSE_BOUNCES: u32 = 5_000;

/// What became of a tenant's messages in some window of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Handed to a provider.
    pub sent: u32,
    /// Bounced for good (hard). Soft and infrastructure bounces do not count.
    pub bounced: u32,
    /// Reported as spam.
    pub complained: u32,
}

/// What the guard says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Nothing to say.
    Ok,
    /// Somebody should look at it; mail goes on.
    Warn {
        /// In a sentence, for people.
        why: String,
    },
    /// No more mail of this tenant until a person has looked at it.
    Pause {
        /// In a sentence, for people.
        why: String,
    },
}

/// Judges what became of a tenant's messages.
#[must_use]
pub fn standing(counts: Counts) -> Standing {
    let Counts { sent, bounced, complained } = counts;
    if sent < MINIMUM_VOLUME {
        return Standing::Ok;
    }
    let reaches = |count: u32, limit: u32| u64::from(count) * 100_000 >= u64::from(limit) * u64::from(sent);
    let of = |count: u32, what: &str| {
        // Hundredths of a percent, rounded down, so that no rate is shown that was not reached.
        let rate = u64::from(count) * 10_000 / u64::from(sent);
        format!("{count} of {sent} messages {what} ({}.{:02} %)", rate / 100, rate % 100)
    };
    let complaints = || of(complained, "were reported as spam");
    let bounces = || of(bounced, "came back because the mailbox does not exist");
    if complained >= MINIMUM_COMPLAINTS && reaches(complained, PAUSE_COMPLAINTS) {
        let why =
            format!("{}; from 0.3 % on, mailbox providers stop taking mail. Ask who agreed to get it.", complaints());
        return Standing::Pause { why };
    }
    if reaches(bounced, PAUSE_BOUNCES) {
        let why = format!("{}; the limit is 5 %. Ask where the addresses come from.", bounces());
        return Standing::Pause { why };
    }
    if reaches(complained, WARN_COMPLAINTS) {
        return Standing::Warn { why: format!("{}; it should stay below 0.1 %.", complaints()) };
    }
    if reaches(bounced, WARN_BOUNCES) {
        return Standing::Warn { why: format!("{}; it should stay below 2 %.", bounces()) };
    }
    Standing::Ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_standings() {
        for (sent, bounced, complained, expected) in [
            (0, 0, 0, "ok"),
            // Too few to say anything, however bad.
            (99, 99, 99, "ok"),
            (100, 0, 0, "ok"),
            (100, 1, 0, "ok"),
            (100, 2, 0, "warn"),
            (100, 4, 0, "warn"),
            (100, 5, 0, "pause"),
            // One or two complaints warn and never pause.
            (100, 0, 1, "warn"),
            (100, 0, 2, "warn"),
            (100, 0, 3, "pause"),
            (10_000, 0, 9, "ok"),
            (10_000, 0, 10, "warn"),
            (10_000, 0, 29, "warn"),
            (10_000, 0, 30, "pause"),
            (u32::MAX, u32::MAX, u32::MAX, "pause"),
        ] {
            let said = match standing(Counts { sent, bounced, complained }) {
                Standing::Ok => "ok",
                Standing::Warn { .. } => "warn",
                Standing::Pause { .. } => "pause",
            };
            assert_eq!(said, expected, "{sent} sent, {bounced} bounced, {complained} complained");
        }
    }

    #[test]
    fn the_reason_names_the_numbers() {
        let Standing::Pause { why } = standing(Counts { sent: 1999, bounced: 100, complained: 0 }) else {
            panic!("100 of 1999 is 5 %");
        };
        assert!(why.starts_with("100 of 1999 messages came back because the mailbox does not exist (5.00 %)"), "{why}");
    }
}
