//! Texts that are compared letter by letter, and what panels do to a text.

use super::{
    codes::Code,
    judge::Judged,
    look::{Look, texts},
    nature::{self, Nature},
    other, words,
};
use crate::{Finding, Severity, Value, Wanted, render::plain};

/// How many letters of somebody's token are shown: enough to tell two apart, too few to use.
const SHOWN: usize = 6;

/// The shortest piece of a text that is taken for the text cut off, in bytes.
const PIECE: usize = 8;

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> Judged {
    let texts = texts(values);
    if texts.iter().any(|text| text.trim() == wanted.value) {
        return Judged::right(Vec::new());
    }
    if let Some(finding) = texts.iter().find_map(|text| altered(look, wanted, text)) {
        return Judged::mismatch(finding);
    }
    let ownership = nature::of(wanted) == Nature::Ownership;
    if ownership && let Some(other) = texts.iter().find(|text| has_prefix(wanted, text)) {
        return Judged::mismatch(Look::about(
            wanted,
            Code::OwnershipOtherToken,
            Severity::Error,
            format!("`{}` has `{}`, which is another token.", plain(&wanted.name), masked(other)),
            format!("Add a text of your own beside it; the other one may stay. {}", look.publish(wanted)),
        ));
    }
    // A name that everybody puts texts at says nothing about ours.
    let shared = plain(&wanted.name) == look.domain || Some(plain(&wanted.name)) == look.zone;
    if texts.is_empty() || shared { Judged::missing() } else { Judged::mismatch(other::differs(look, wanted, values)) }
}

/// Whether the text is the wanted one, and something was done to it on the way.
fn altered(look: &Look<'_>, wanted: &Wanted, text: &str) -> Option<Finding> {
    if let Some(finding) = wrapped(look, wanted, text, |bare| bare.trim() == wanted.value) {
        return Some(finding);
    }
    let text = text.trim();
    let name = plain(&wanted.name);
    let about = |code, saw| {
        let advice = format!("Copy the whole value again. {}", look.publish(wanted));
        Some(Look::about(wanted, code, Severity::Error, saw, advice))
    };
    if text.eq_ignore_ascii_case(&wanted.value) {
        return about(
            Code::TextCase,
            format!("`{name}` has the text with upper and lower case changed: {}.", words::code(text)),
        );
    }
    let piece = text.len() >= PIECE && (wanted.value.starts_with(text) || wanted.value.ends_with(text));
    // The part in front of the token is no piece of it.
    if piece && !wanted.value.starts_with(&format!("{text}=")) {
        let (have, all) = (text.chars().count(), wanted.value.chars().count());
        return about(
            Code::TextCut,
            format!("`{name}` has only {have} of the {all} characters: {}.", words::code(text)),
        );
    }
    None
}

/// Quotes or backslashes that a panel made a part of the text; `right` says whether the text is right without them.
pub(crate) fn wrapped(look: &Look<'_>, wanted: &Wanted, text: &str, right: impl Fn(&str) -> bool) -> Option<Finding> {
    let (code, what) =
        if text.contains(['"', '\u{201c}', '\u{201d}']) && right(&text.replace(['"', '\u{201c}', '\u{201d}'], "")) {
            (Code::TextQuoted, "quotes")
        } else if text.contains('\\') && right(&text.replace('\\', "")) {
            (Code::TextEscaped, "backslashes")
        } else {
            return None;
        };
    Some(Look::about(
        wanted,
        code,
        Severity::Error,
        format!("The text at `{}` has {what} in it: {}.", plain(&wanted.name), words::code(text)),
        match look.host.is_some_and(|host| host.quotes) && code == Code::TextQuoted {
            true => format!("Enter the value again in one pair of quotes. {}", look.publish(wanted)),
            false => format!(
                "Enter the value again without {what}; the panel adds by itself what the DNS needs. {}",
                look.publish(wanted)
            ),
        },
    ))
}

/// A token as it may be shown to somebody who may not be its owner.
pub(crate) fn masked(text: &str) -> String {
    match text.split_once('=') {
        Some((front, token)) => format!("{}={}", words::cut(front, 40), words::cut(token, SHOWN)),
        None => words::cut(text, SHOWN),
    }
}

fn has_prefix(wanted: &Wanted, text: &str) -> bool {
    let prefix = wanted.value.split_once('=').map_or(wanted.value.as_str(), |(front, _)| front);
    text.trim().trim_start_matches('"').split_once('=').is_some_and(|(front, _)| front.eq_ignore_ascii_case(prefix))
}
