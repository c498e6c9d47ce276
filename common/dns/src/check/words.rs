//! How things are said: values cut to a decent length, lists, troubles, durations.

use crate::{Trouble, Value, render};

/// The longest value that is shown within a sentence, in characters.
const LONGEST: usize = 120;

/// A value within a sentence: cut, and with nothing that a terminal would obey.
pub(crate) fn code(value: &str) -> String {
    format!("`{}`", cut(value, LONGEST))
}

/// At most `most` characters of it, with a mark for each control and invisible character.
pub(crate) fn cut(value: &str, most: usize) -> String {
    let mut letters = value.chars().map(|letter| if hidden(letter) { '\u{fffd}' } else { letter });
    let mut out: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        out.push('\u{2026}');
    }
    out
}

/// Whether the letter could not be seen, or could do harm on a terminal.
pub(crate) fn hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// What was seen, within a sentence.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Txt(strings) => code(&strings.concat()),
        Value::Mx(preference, host) if host.is_empty() => format!("`{preference} .`"),
        other => code(render::shown(other).trim_end_matches('.')),
    }
}

/// `a`, `a and b`, `a, b and c`; from the seventh on they are counted.
pub(crate) fn list<S: AsRef<str>>(parts: &[S]) -> String {
    const MOST: usize = 6;
    let shown: Vec<&str> = parts.iter().take(MOST).map(AsRef::as_ref).collect();
    match (shown.as_slice(), parts.len()) {
        ([], _) => "none".to_owned(),
        ([only], _) => (*only).to_owned(),
        (_, all) if all > MOST => format!("{} and {} more", shown.join(", "), all - MOST),
        ([front @ .., last], _) => format!("{} and {last}", front.join(", ")),
    }
}

/// Why a server gave no answer: a verb and the rest.
pub(crate) fn trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::ServFail => "says that it failed (SERVFAIL)",
        Trouble::Refused => "refuses to answer (REFUSED)",
        Trouble::TimeOut => "did not answer in time",
        Trouble::Unreachable => "could not be reached",
        Trouble::Malformed => "gave an answer that cannot be read",
    }
}

/// A time given in seconds, in a unit that leaves a small number, rounded up.
pub(crate) fn duration(seconds: u32) -> String {
    let (count, unit) = match seconds {
        0..=119 => (seconds, "second"),
        120..=7199 => (seconds.div_ceil(60), "minute"),
        7200..=172_799 => (seconds.div_ceil(3600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
