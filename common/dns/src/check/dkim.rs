//! The key that mail is signed with (RFC 6376 section 3.6.1): one text, compared by tags.

use super::{
    codes::Code,
    judge::Judged,
    key::{self, Fault},
    look::Look,
    tags::{Tags, space, tight},
    text, words,
};
use crate::{Finding, Severity, Value, Wanted, render::plain};

/// The shortest RSA key that receivers accept has 1024 bits (RFC 8301), and that many characters in `p=`.
const SHORTEST: usize = 210;

/// How far from a seam a loss may seem to be, in characters: what follows it may be like what is lost.
const CHANCE: usize = 3;

pub(crate) fn judge(look: &Look<'_>, wanted: &Wanted, values: &[Value]) -> Judged {
    let texts: Vec<&[String]> = values
        .iter()
        .filter_map(|value| match value {
            Value::Txt(strings) => Some(strings.as_slice()),
            _ => None,
        })
        .collect();
    match texts[..] {
        [] => Judged::missing(),
        [strings] => one(look, wanted, strings),
        _ => two(look, wanted, &texts),
    }
}

/// Whether the text is the wanted key; any usable key where none is named.
pub(crate) fn same(wanted: &Wanted, text: &str) -> bool {
    let Ok(tags) = Tags::parse(text) else { return false };
    let key = tags.get("p").map(tight).unwrap_or_default();
    match wanted_key(wanted) {
        Some(wanted) => key == wanted,
        None => key.len() >= 40 && (tags.get("v") == Some("DKIM1") || tags.get("k").is_some() || key.starts_with("MI")),
    }
}

fn two(look: &Look<'_>, wanted: &Wanted, texts: &[&[String]]) -> Judged {
    let name = plain(&wanted.name);
    let joined: Vec<String> = texts.iter().map(|strings| strings.concat()).collect();
    let right = joined.iter().filter(|text| same(wanted, text)).count();
    let shown: Vec<String> = joined.iter().map(|text| format!("`{}`", words::cut(text, 40))).collect();
    let others = if right == 0 { "none of them is the wanted one" } else { "receivers cannot know which to take" };
    Judged::conflict(Look::about(
        wanted,
        Code::DkimTwoRecords,
        Severity::Error,
        format!("`{name}` has {} texts, and {others}: {}.", joined.len(), words::list(&shown)),
        format!("Delete all of them but one, and let that be this. {}", look.publish(wanted)),
    ))
}

fn one(look: &Look<'_>, wanted: &Wanted, strings: &[String]) -> Judged {
    let text = strings.concat();
    let name = plain(&wanted.name);
    let wrong = |code, saw: String, advice: &str| {
        Judged::mismatch(Look::about(wanted, code, Severity::Error, saw, format!("{advice} {}", look.publish(wanted))))
    };
    if let Some(finding) = quotes(look, wanted, &text) {
        return Judged::mismatch(finding);
    }
    let wanted_key = wanted_key(wanted);
    if bare(&text, wanted_key.as_deref()) {
        let saw = format!("The text at `{name}` is the bare key without `p=`: {}.", words::code(&text));
        return wrong(Code::DkimNoKey, saw, "Put `p=` in front of the key.");
    }
    let tags = match Tags::parse(&text) {
        Ok(tags) => tags,
        Err(why) => {
            let saw = format!("The text at `{name}` is no key record: {why}.");
            return wrong(Code::DkimSyntax, saw, "Replace the whole text.");
        }
    };
    let Some(key) = tags.get("p").map(tight) else {
        let saw = format!("The text at `{name}` has no tag `p=`: {}.", words::code(&text));
        return wrong(Code::DkimNoKey, saw, "Replace the whole text.");
    };
    if key.is_empty() {
        let saw = format!("The tag `p=` at `{name}` is empty, which says that the key is revoked.");
        return wrong(Code::DkimRevoked, saw, "Replace the whole text.");
    }
    if let Some(fault) = wanted_key.as_deref().and_then(|wanted| key::compare(wanted, &key, tags.get("p"))) {
        return faulty(look, wanted, strings, &fault);
    }
    if let Some(why) = unusable(&tags, wanted) {
        let saw = format!("The key at `{name}` is right, and cannot be used: {why}.");
        return wrong(Code::DkimTags, saw, "Replace the whole text.");
    }
    if wanted_key.is_none() {
        if let Some(letter) = key.chars().find(|letter| !key::is_base64(*letter)) {
            let saw = format!("The key at `{name}` holds {}, which no key does.", words::code(&letter.to_string()));
            return wrong(Code::DkimSyntax, saw, "Copy the value again.");
        }
        if tags.get("k").unwrap_or("rsa") == "rsa" && key.len() < SHORTEST {
            let saw = format!("The key at `{name}` has only {} characters, less than a key of 1024 bits.", key.len());
            return wrong(Code::DkimWeak, saw, "Copy the whole value again.");
        }
    }
    Judged::right(testing(wanted, &tags).into_iter().collect())
}

fn testing(wanted: &Wanted, tags: &Tags) -> Option<Finding> {
    tags.get("t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim_matches(space) == "y")).then(|| {
        Look::about(
            wanted,
            Code::DkimTesting,
            Severity::Warning,
            format!("The key at `{}` has `t=y`, which says that it is only being tested.", plain(&wanted.name)),
            "Take `t=y` out of the text: receivers may treat the mail as if it were not signed.".to_owned(),
        )
    })
}

/// Quotes or backslashes within the text. Quotes in the middle are what is left of a split.
fn quotes(look: &Look<'_>, wanted: &Wanted, text: &str) -> Option<Finding> {
    let inner = text.trim().trim_matches('"');
    if inner.contains('"') {
        let at = inner.find('"').unwrap_or_default();
        return Some(Look::about(
            wanted,
            Code::DkimSplit,
            Severity::Error,
            format!(
                "The key at `{}` was split, and the quotes between the pieces became a part of it, after {at} characters.",
                plain(&wanted.name)
            ),
            match look.host.is_some_and(|host| host.quotes) {
                true => {
                    format!("Enter each piece in one pair of quotes, with a space between. {}", look.publish(wanted))
                }
                false => format!(
                    "Enter the value as one line without quotes; long texts are split by the panel. {}",
                    look.publish(wanted)
                ),
            },
        ));
    }
    text::wrapped(look, wanted, text, |bare| same(wanted, bare) || bare.contains("p="))
}

fn faulty(look: &Look<'_>, wanted: &Wanted, strings: &[String], fault: &Fault) -> Judged {
    let name = plain(&wanted.name);
    let split = |at: usize| seams(strings).any(|seam| seam.abs_diff(at) <= CHANCE);
    let (code, saw) = match fault {
        Fault::Truncated { have, all } => {
            let length: usize = strings.concat().len();
            let why = if (254..=256).contains(&length) { ", cut at the 255 that one string can hold" } else { "" };
            (Code::DkimTruncated, format!("The key at `{name}` has only its first {have} of {all} characters{why}."))
        }
        Fault::Case => (Code::DkimCase, format!("The key at `{name}` has upper and lower case changed.")),
        Fault::Spaces => (
            Code::DkimSpaces,
            format!("In the key at `{name}` characters became spaces, or invisible characters came into it."),
        ),
        Fault::Lost { at, count } if split(*at) => (
            Code::DkimSplit,
            format!(
                "The key at `{name}` was split into {} pieces, and {count} characters were lost after the {at}th.",
                strings.len()
            ),
        ),
        Fault::Extra { at, count } if split(*at) => (
            Code::DkimSplit,
            format!(
                "The key at `{name}` was split into {} pieces, and has {count} characters too many after the {at}th.",
                strings.len()
            ),
        ),
        Fault::Lost { at, count } => {
            (Code::DkimAltered, format!("In the key at `{name}` {count} characters are missing after the {at}th."))
        }
        Fault::Extra { at, count } => {
            (Code::DkimAltered, format!("The key at `{name}` has {count} characters too many after the {at}th."))
        }
        Fault::Other => {
            let text = strings.concat();
            (Code::DkimOtherKey, format!("`{name}` has another key: {}.", words::code(&text)))
        }
    };
    let advice = match code {
        Code::DkimTruncated | Code::DkimSplit if look.host.is_some_and(|host| host.quotes) => {
            "Copy the whole value again, in pieces of at most 255 characters, each in quotes, with a space between."
        }
        Code::DkimTruncated | Code::DkimSplit => {
            "Copy the whole value again as one line; if the panel refuses more than 255 characters, enter it in pieces of at most 255, each in quotes."
        }
        Code::DkimOtherKey => "Replace it; the key of an earlier setup is of no use.",
        _ => "Copy the value again without changing it.",
    };
    Judged::mismatch(Look::about(wanted, code, Severity::Error, saw, format!("{advice} {}", look.publish(wanted))))
}

/// Where one string ends and the next begins, in characters of the key.
fn seams(strings: &[String]) -> impl Iterator<Item = usize> {
    (1..strings.len()).filter_map(|end| {
        let front = strings[..end].concat();
        front.split(';').next_back()?.trim_matches(space).strip_prefix("p=").map(|key| tight(key).len())
    })
}

/// The key in the wanted text, which may be `p=...` or a whole record; none: any key.
fn wanted_key(wanted: &Wanted) -> Option<String> {
    let tags = Tags::parse(&wanted.value).ok()?;
    tags.get("p").map(tight).filter(|key| !key.is_empty())
}

/// Whether the text is a key with nothing around it.
fn bare(text: &str, wanted: Option<&str>) -> bool {
    let text = tight(text);
    let start = text.split(';').next_back().unwrap_or_default();
    match wanted.and_then(|wanted| wanted.get(..20.min(wanted.len()))) {
        Some(head) if head.len() == 20 => start.starts_with(head),
        _ => start.starts_with("MI") && start.len() > 100 && start.chars().all(key::is_base64),
    }
}

/// Why the key cannot be used for mail that is signed with RSA or Ed25519 over SHA-256.
fn unusable(tags: &Tags, wanted: &Wanted) -> Option<String> {
    if let Some(version) = tags.get("v") {
        if version != "DKIM1" {
            return Some(format!("its version is {} in place of `DKIM1`", words::code(version)));
        }
        if tags.first().is_some_and(|(name, _)| name != "v") {
            return Some("`v=DKIM1` must stand first".to_owned());
        }
    }
    let kind = tags.get("k").unwrap_or("rsa");
    let wanted = Tags::parse(&wanted.value).unwrap_or_default();
    let right = match wanted.get("p").filter(|key| !key.is_empty()) {
        Some(_) => wanted.get("k").unwrap_or("rsa") == kind,
        None => matches!(kind, "rsa" | "ed25519"),
    };
    if !right {
        return Some(format!("its type is `k={}`", words::cut(kind, 20)));
    }
    let lacks = |tag: &str, any: &[&str]| {
        tags.get(tag).is_some_and(|list| !list.split(':').any(|word| any.contains(&word.trim_matches(space))))
    };
    if lacks("h", &["sha256"]) {
        return Some("its tag `h=` does not allow SHA-256".to_owned());
    }
    if lacks("s", &["*", "email"]) {
        return Some("its tag `s=` does not allow mail".to_owned());
    }
    None
}
