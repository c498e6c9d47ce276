//! Whether a message may be accepted. Everything that is wrong is said at once.

use serde::{Deserialize, Serialize};

use super::{
    Attachment, Draft, Mailbox, check_headers, check_tags,
    header::{HEADER_TEXT, is_line},
};
use crate::category::is_word;

/// Characters of a display name.
const NAME: usize = 200;

/// How much one message may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Recipients, copies included.
    pub recipients: usize,
    /// Bytes, encoded ([`Draft::encoded_bytes`]).
    pub bytes: usize,
    /// Files.
    pub attachments: usize,
}

/// 50 recipients, 40 MB encoded, 20 files: what the providers we know carry.
impl Default for Limits {
    fn default() -> Self {
        Self { recipients: 50, bytes: 40_000_000, attachments: 20 }
    }
}

/// One thing that is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where: a JSON pointer (RFC 6901) into the request, in the request's names (`/replyTo`).
    pub pointer: String,
    /// What, in a stable word.
    pub code: String,
    /// What and what to do, for people. Repeats nothing of the message.
    pub detail: String,
}

impl Problem {
    pub(super) fn new(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.to_owned(), detail: detail.into() }
    }

    /// The pointer to a member of an object (RFC 6901, section 3).
    pub(super) fn below(pointer: &str, name: &str) -> String {
        format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
    }
}

/// Finds everything that forbids a message to be accepted.
///
/// Addresses need no look: an [`EmailAddress`](tenantry_model::EmailAddress) is one that was parsed. File types are not
/// judged: what is dangerous changes by the week, and the servers on the way know better.
///
/// # Errors
/// Every problem, in the order of the message's fields; never an empty list.
pub fn check(draft: &Draft, limits: &Limits) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut say = |pointer: &str, code: &str, detail: String| problems.push(Problem::new(pointer, code, detail));
    if draft.to.is_empty() {
        say("/to", "missing_recipient", "a message needs at least one recipient in `to`".to_owned());
    }
    let recipients = draft.recipients().count();
    if recipients > limits.recipients {
        let most = limits.recipients;
        let detail = format!("a message goes to at most {most} recipients, copies included; here are {recipients}");
        say("/to", "too_many_recipients", detail);
    }
    if draft.insist_from && draft.from.is_none() {
        say("/from", "missing_from", "name the From address that is insisted on".to_owned());
    }
    if !is_line(&draft.subject, HEADER_TEXT) {
        say("/subject", "invalid_subject", format!("a subject has 1 to {HEADER_TEXT} characters in one line"));
    }
    if [&draft.html, &draft.text].into_iter().flatten().all(|part| part.trim().is_empty()) {
        say("/text", "missing_body", "a message needs `html` or `text`".to_owned());
    }
    if draft.subtype.as_deref().is_some_and(|subtype| !is_word(subtype)) {
        say("/subtype", "invalid_subtype", format!("a subtype {}", crate::WordError));
    }
    if draft.attachments.len() > limits.attachments {
        let (most, seen) = (limits.attachments, draft.attachments.len());
        say("/attachments", "too_many_attachments", format!("a message has at most {most} files; here are {seen}"));
    }
    let bytes = draft.encoded_bytes();
    if bytes > limits.bytes {
        let most = limits.bytes;
        let detail = format!("encoded for sending, the message may have {most} bytes; it has about {bytes}");
        say("", "too_large", detail);
    }
    for (pointer, people) in [("/to", &draft.to), ("/cc", &draft.cc), ("/bcc", &draft.bcc)] {
        for (index, mailbox) in people.iter().enumerate() {
            problems.extend(name_of(mailbox, &format!("{pointer}/{index}")));
        }
    }
    problems.extend(draft.from.as_ref().and_then(|from| name_of(from, "/from")));
    problems.extend(draft.reply_to.as_ref().and_then(|reply_to| name_of(reply_to, "/replyTo")));
    for (index, file) in draft.attachments.iter().enumerate() {
        attachment(file, &draft.attachments[..index], &format!("/attachments/{index}"), &mut problems);
    }
    problems.extend(check_headers("/headers", &draft.headers));
    problems.extend(check_tags("/tags", &draft.tags));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn name_of(mailbox: &Mailbox, pointer: &str) -> Option<Problem> {
    let detail = format!("a name beside an address has 1 to {NAME} characters in one line");
    let bad = mailbox.name.as_ref().is_some_and(|name| !is_line(name, NAME));
    bad.then(|| Problem::new(pointer, "invalid_name", detail))
}

fn attachment(file: &Attachment, before: &[Attachment], pointer: &str, problems: &mut Vec<Problem>) {
    // Characters that turn the direction of writing make `gpj.exe` out of `exe.jpg`.
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let filename = &file.filename;
    let path = filename.contains(['/', '\\']) || matches!(filename.as_str(), "." | "..");
    if !is_line(filename, 255) || path || filename.chars().any(turns) {
        let detail = "a file's name has 1 to 255 characters in one line, without a path";
        problems.push(Problem::new(format!("{pointer}/filename"), "invalid_filename", detail));
    }
    if !is_media_type(&file.content_type) {
        let detail = "a file's type looks like application/pdf";
        problems.push(Problem::new(format!("{pointer}/contentType"), "invalid_content_type", detail));
    }
    let Some(cid) = &file.cid else { return };
    let word = |b: u8| b.is_ascii_alphanumeric() || b".-_@+".contains(&b);
    if !(1..=128).contains(&cid.len()) || !cid.bytes().all(word) {
        let detail = "a file's cid has 1 to 128 characters of A-Z, a-z, 0-9 and .-_@+";
        problems.push(Problem::new(format!("{pointer}/cid"), "invalid_cid", detail));
    } else if before.iter().any(|other| other.cid.as_ref() == Some(cid)) {
        let detail = "two files have this cid; each needs its own";
        problems.push(Problem::new(format!("{pointer}/cid"), "duplicate_cid", detail));
    }
}

/// `type/subtype` in the characters of RFC 6838, section 4.2, and parameters as RFC 2045, section 5.1, has them:
/// `name=word` or `name="words"`, without escapes. No `multipart/...`: a file has one part.
fn is_media_type(text: &str) -> bool {
    let (essence, parameters) = match text.split_once(';') {
        Some((essence, parameters)) => (essence, Some(parameters)),
        None => (text, None),
    };
    let word = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    let name = |part: &str| (1..=127).contains(&part.len()) && part.as_bytes()[0].is_ascii_alphanumeric() && word(part);
    let quoted = |value: &str| {
        let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        inner.is_some_and(|inner| inner.bytes().all(|b| (b == b' ' || b.is_ascii_graphic()) && !b"\"\\".contains(&b)))
    };
    let value = |value: &str| !value.is_empty() && word(value) || quoted(value);
    let parameter =
        |one: &str| one.trim_start_matches(' ').split_once('=').is_some_and(|(left, right)| name(left) && value(right));
    let known = |(main, sub): (&str, &str)| name(main) && name(sub) && !main.eq_ignore_ascii_case("multipart");
    essence.split_once('/').is_some_and(known)
        && parameters.is_none_or(|all| all.len() <= 200 && all.split(';').all(parameter))
}
