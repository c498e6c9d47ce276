//! Moments as people type them.

use std::{str::FromStr, time::Duration};

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A moment, or how long it is until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// `2026-11-21T09:00:00Z` (RFC 3339).
    At(OffsetDateTime),
    /// `+2h`, `+1d 12h`.
    After(Duration),
}

impl When {
    /// The moment in RFC 3339 and UTC, in whole seconds; rounded up, so that it is not before what was asked for.
    #[must_use]
    pub fn rfc3339(self, now: OffsetDateTime) -> String {
        let moment = match self {
            Self::At(moment) => moment,
            Self::After(span) => now + span + Duration::from_nanos(999_999_999),
        };
        let moment = moment.to_offset(UtcOffset::UTC).truncate_to_second();
        // A year that RFC 3339 cannot write was refused when it was read.
        moment.format(&Rfc3339).unwrap_or_default()
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a time such as 2026-11-21T09:00:00Z, or how long until then such as +2h".to_owned();
        match text.strip_prefix('+') {
            Some(span) => {
                let span = humantime::parse_duration(span).map_err(|_| wrong())?;
                let year = Duration::from_hours(24 * 366);
                if span <= year { Ok(Self::After(span)) } else { Err("this is more than a year from now".to_owned()) }
            }
            None => OffsetDateTime::parse(text, &Rfc3339).map(Self::At).map_err(|_| wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_typed_as_it_is_or_from_now() {
        let now = datetime!(2026-11-21 07:30:00.5 UTC);
        let said = |text: &str| text.parse::<When>().map(|when| when.rfc3339(now));
        assert_eq!(said("2026-11-21T09:00:00+01:00").unwrap(), "2026-11-21T08:00:00Z");
        assert_eq!(said("+2h").unwrap(), "2026-11-21T09:30:01Z");
        assert_eq!(said("+1d 30m").unwrap(), "2026-11-22T08:00:01Z");
        for wrong in ["", "+", "tomorrow", "2h", "+2 parsecs", "2026-11-21 09:00", "+1000y"] {
            assert!(said(wrong).is_err(), "{wrong:?}");
        }
    }
}
