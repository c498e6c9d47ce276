//! Words in pictures: how wide they are, how they are cut, and how numbers and times are said.

use time::{OffsetDateTime, macros::format_description};

use crate::parts::duration;

/// About how wide a character of the 12 px face is.
const CHARACTER: f64 = 6.6;

/// About how wide a text is, in pixels.
pub(super) fn width(text: &str) -> f64 {
    super::svg::f(text.chars().count()) * CHARACTER
}

/// The beginning of a text that has at most `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A text in lines of about `wide` characters, broken between words; at most `lines` of them.
pub(super) fn wrap(text: &str, wide: usize, lines: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match all.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= wide => {
                line.push(' ');
                line.push_str(word);
            }
            _ => all.push(cut(word, wide)),
        }
    }
    if all.len() > lines {
        let rest = all.split_off(lines.saturating_sub(1)).join(" ");
        all.push(cut(&rest, wide));
    }
    all
}

/// A name of the workflow in words: `awaiting_dns` is "awaiting dns", `CheckDns` is "check dns".
pub(super) fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before_small = false;
    for letter in name.chars() {
        if letter == '_' {
            out.push(' ');
        } else if letter.is_ascii_uppercase() {
            if before_small {
                out.push(' ');
            }
            out.push(letter.to_ascii_lowercase());
        } else {
            out.push(letter);
        }
        before_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    out
}

/// A number that people can read at a glance: 1,204 or 12.4k.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "none".to_owned()
    } else if size >= 1e6 {
        format!("{}M", super::svg::n(value / 1e6))
    } else if size >= 1e4 {
        format!("{}k", super::svg::n(value / 1e3))
    } else {
        super::svg::n(value)
    }
}

/// How long, in at most two units; below ten seconds to the tenth.
pub(super) fn long(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "0 s".to_owned();
    }
    if seconds < 1.0 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if seconds < 10.0 {
        return format!("{} s", super::svg::n(seconds));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above; saturates")]
    duration(seconds.round() as u64)
}

/// The same in one unit, for where there is little room.
pub(super) fn short(seconds: f64) -> String {
    let (size, unit) = match seconds {
        s if s < 1.0 => (s * 1000.0, "ms"),
        s if s < 60.0 => (s, "s"),
        s if s < 3600.0 => (s / 60.0, "min"),
        s if s < 86_400.0 => (s / 3600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    format!("{size:.0} {unit}")
}

/// A moment: the day, and the second.
pub(super) fn moment(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:short] [year] [hour]:[minute]:[second] UTC"))
        .unwrap_or_default()
}

/// A day as `2026-03-01` in short: "1 Mar".
pub(super) fn day(day: &str) -> String {
    time::Date::parse(day, format_description!("[year]-[month]-[day]"))
        .ok()
        .and_then(|day| day.format(format_description!("[day padding:none] [month repr:short]")).ok())
        .unwrap_or_else(|| day.to_owned())
}
