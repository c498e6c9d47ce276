//! Times as Resend writes them.

use time::OffsetDateTime;
use time::macros::format_description;

/// As in answers, which are **not** RFC 3339: `2023-04-03 22:13:42.674981+00`.
pub(super) fn stored(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]+00");
    at.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

/// As in webhooks: `2023-10-06T23:47:56.678Z`.
pub(super) fn event(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    at.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn times_are_written_the_two_ways() {
        let at = datetime!(2023-04-04 00:13:42.674981 +2);
        assert_eq!(stored(at), "2023-04-03 22:13:42.674981+00");
        assert_eq!(event(at), "2023-04-03T22:13:42.674Z");
    }
}
