//! What happened to a key on the way into the DNS.

use super::{tags::space, words};

/// What happened to it. Counts are in characters of base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Only its beginning is there.
    Truncated { have: usize, all: usize },
    /// Upper and lower case were changed.
    Case,
    /// `+` became a space, or something invisible came in.
    Spaces,
    /// Characters are missing.
    Lost { at: usize, count: usize },
    /// There are characters too many.
    Extra { at: usize, count: usize },
    /// It is another key.
    Other,
}

/// Compares two keys without white space; `raw` is the seen one as it stands in the record. None: they are the same.
pub(crate) fn compare(wanted: &str, seen: &str, raw: Option<&str>) -> Option<Fault> {
    if wanted == seen {
        return None;
    }
    if wanted.eq_ignore_ascii_case(seen) {
        return Some(Fault::Case);
    }
    let cleaned: String = seen.chars().filter(|letter| is_base64(*letter)).collect();
    let invisible = seen.chars().any(|letter| words::hidden(letter) || letter.is_whitespace());
    let spaced = raw.is_some_and(|raw| raw.trim_matches(space).contains(space));
    if (invisible && cleaned == wanted) || (spaced && wanted.replace('+', "") == seen.replace('+', "")) {
        return Some(Fault::Spaces);
    }
    let all = wanted.chars().count();
    let have = seen.chars().count();
    if wanted.starts_with(seen) {
        return Some(Fault::Truncated { have, all });
    }
    let front = wanted.chars().zip(seen.chars()).take_while(|(a, b)| a == b).count();
    let room = all.min(have) - front;
    let back = wanted.chars().rev().zip(seen.chars().rev()).take(room).take_while(|(a, b)| a == b).count();
    // Two keys of one kind share their first bytes, so only a piece that leaves most of the key alone is one.
    if front + back == have && have < all && have * 2 >= all {
        return Some(Fault::Lost { at: front, count: all - have });
    }
    if front + back == all && have > all && all * 2 >= have {
        return Some(Fault::Extra { at: front, count: have - all });
    }
    Some(Fault::Other)
}

/// Whether it is a character of base64.
pub(crate) fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=')
}
