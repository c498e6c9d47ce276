//! Times and spans as people read them.

use serde::Deserialize;
use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// A moment, read from RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Moment(#[serde(with = "time::serde::rfc3339")] pub OffsetDateTime);

impl Moment {
    /// This very moment.
    #[must_use]
    pub fn now() -> Self {
        Self(OffsetDateTime::now_utc())
    }

    /// `2026-11-21 03:25:36`, in UTC as everything the platform writes.
    #[must_use]
    pub fn day_and_time(self) -> String {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        self.0.to_offset(UtcOffset::UTC).format(&format).unwrap_or_default()
    }

    /// Seconds from another moment to this one; negative when this one was before.
    #[must_use]
    pub fn since(self, other: Self) -> f64 {
        (self.0 - other.0).as_seconds_f64()
    }

    /// `in 28 s`, `3 min ago`, `now`.
    #[must_use]
    pub fn seen_from(self, now: Self) -> String {
        let seconds = self.since(now);
        if seconds.abs() < 1.0 {
            "now".to_owned()
        } else if seconds > 0.0 {
            format!("in {}", span(seconds))
        } else {
            format!("{} ago", span(-seconds))
        }
    }
}

/// A length of time as people say it: `15 ms`, `2.5 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`.
#[must_use]
pub fn span(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    let pair = |big: u64, unit: &str, small: u64, sub: &str| {
        if small == 0 { format!("{big} {unit}") } else { format!("{big} {unit} {small} {sub}") }
    };
    // Times of the API are far below what a float holds exactly.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and small")]
    let (whole, milliseconds) = (seconds.round() as u64, (seconds * 1000.0).round() as u64);
    match whole {
        _ if milliseconds < 1000 => format!("{milliseconds} ms"),
        _ if seconds < 9.95 => {
            let text = format!("{seconds:.1}");
            format!("{} s", text.strip_suffix(".0").unwrap_or(&text))
        }
        0..60 => format!("{whole} s"),
        60..3600 => pair(whole / 60, "min", whole % 60, "s"),
        3600..86400 => pair(whole / 3600, "h", whole % 3600 / 60, "min"),
        _ => pair(whole / 86400, "d", whole % 86400 / 3600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_say_them() {
        let spans = [0.0, 0.0154, 0.9996, 2.0, 2.46, 28.3, 59.7, 200.0, 7500.0, 86400.0, 356_400.0].map(span);
        let said =
            ["0 ms", "15 ms", "1 s", "2 s", "2.5 s", "28 s", "1 min", "3 min 20 s", "2 h 5 min", "1 d", "4 d 3 h"];
        assert_eq!(spans, said);
    }
}
