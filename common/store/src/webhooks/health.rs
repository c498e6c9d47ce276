//! Whether an endpoint is well. Pure.

use time::{Duration, OffsetDateTime};

/// Its tenant is warned when it has taken nothing for so long.
pub const WARNED_AFTER: Duration = Duration::days(3);
/// It is switched off when it has taken nothing for so long.
pub const DISABLED_AFTER: Duration = Duration::days(5);

/// A try that is not taken and took so long has kept others waiting.
const SLOW: Duration = Duration::seconds(5);
/// For so long an endpoint is left alone that has kept others waiting, but for one try at its end.
pub(super) const REST: Duration = Duration::seconds(60);

/// Until when an endpoint is left alone after a failure that took so many milliseconds and was over at `now`.
pub(super) fn rest(took_ms: i32, now: OffsetDateTime) -> Option<OffsetDateTime> {
    (Duration::milliseconds(i64::from(took_ms)) >= SLOW).then(|| now + REST)
}

/// What a failure has come to mean for an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nothing yet.
    Bears,
    /// Its tenant is to be warned, once.
    Warn,
    /// It is to be switched off.
    Disable,
}

/// What it means that an endpoint has failed now, which has taken nothing since `failing_since`.
pub(super) fn judge(failing_since: OffsetDateTime, warned: bool, now: OffsetDateTime) -> Health {
    match now - failing_since {
        long if long >= DISABLED_AFTER => Health::Disable,
        long if long >= WARNED_AFTER && !warned => Health::Warn,
        _ => Health::Bears,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_keeps_others_waiting_is_left_alone() {
        let now = OffsetDateTime::UNIX_EPOCH;
        assert_eq!((rest(0, now), rest(4_999, now)), (None, None));
        assert_eq!((rest(5_000, now), rest(15_000, now)), (Some(now + REST), Some(now + REST)));
    }

    #[test]
    fn an_endpoint_is_warned_of_once_after_three_days_and_switched_off_after_five() {
        let since = OffsetDateTime::UNIX_EPOCH;
        let second = Duration::SECOND;
        for (after, warned, health) in [
            (Duration::ZERO, false, Health::Bears),
            (WARNED_AFTER - second, false, Health::Bears),
            (WARNED_AFTER, false, Health::Warn),
            (WARNED_AFTER, true, Health::Bears),
            (DISABLED_AFTER - second, true, Health::Bears),
            (DISABLED_AFTER, true, Health::Disable),
            // Nothing was sent on the third and fourth day.
            (DISABLED_AFTER, false, Health::Disable),
        ] {
            assert_eq!(judge(since, warned, since + after), health, "{after} {warned}");
        }
    }
}
