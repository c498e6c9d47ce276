//! Moments and durations.

use maud::{Markup, html};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A moment (RFC 3339, as the API gives it): date and minute for people, the second in its title. The script shows it in the reader's own zone.
pub(crate) fn when(at: &str) -> Markup {
    let Ok(moment) = OffsetDateTime::parse(at, &Rfc3339) else { return html! { (at) } };
    let words = moment
        .format(format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]"))
        .unwrap_or_default();
    html! { time datetime=(at) title=(at) { (words) " UTC" } }
}

/// A duration in whole seconds, in at most two units.
pub(crate) fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
