//! Which headers and tags a caller may set, and what they may hold.

use std::collections::BTreeMap;

use super::Problem;

/// Headers of one message, the tenant's defaults included.
const HEADERS: usize = 30;
/// Tags of one message, the tenant's defaults included.
const TAGS: usize = 20;
/// Characters of a header's value or a subject. Long enough for a `References` of several messages.
pub(crate) const HEADER_TEXT: usize = 512;

/// Headers by their whole name that a caller may set, besides `X-...`.
const ALLOWED: [&str; 14] = [
    "auto-submitted",
    "comments",
    "importance",
    "in-reply-to",
    "keywords",
    "list-archive",
    "list-help",
    "list-id",
    "list-owner",
    "list-post",
    "precedence",
    "priority",
    "references",
    "sensitivity",
];

/// Beginnings of `X-...` headers that are not the caller's: commands to providers, marks of servers on the way, ours.
const NOT_THEIRS: [&str; 25] = [
    "x-amz",
    "x-antiabuse",
    "x-authenticat",
    "x-envelope",
    "x-failed-recipients",
    "x-feedback-id",
    "x-forwarded",
    "x-google",
    "x-mailgun",
    "x-mc-",
    "x-mj-",
    "x-msys",
    "x-ms-exchange",
    "x-original",
    "x-originating",
    "x-pm-",
    "x-postmark",
    "x-received",
    "x-resend",
    "x-sender",
    "x-ses-",
    "x-sg-",
    "x-smtpapi",
    "x-spam",
    "x-tenantry",
];

/// Tags that we set ourselves, to know a provider's event again.
const OUR_TAGS: [&str; 3] = ["category", "message", "tenant"];

/// Whether a character ends a line for anybody who reads a header or shows it, or is not to be shown at all.
pub(super) fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Whether a text may stand in one line of a header.
pub(super) fn is_line(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(breaks_a_line)
}

fn is_allowed(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let theirs = name.len() > 2 && name.starts_with("x-") && !NOT_THEIRS.iter().any(|start| name.starts_with(start));
    theirs || ALLOWED.contains(&name.as_str())
}

/// What is wrong with headers; `pointer` is where they stand (`/headers`).
#[must_use]
pub fn check_headers(pointer: &str, headers: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if headers.len() > HEADERS {
        let seen = headers.len();
        let detail = format!("a message has at most {HEADERS} headers of its own; here are {seen}");
        problems.push(Problem::new(pointer, "too_many_headers", detail));
    }
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in headers {
        let at = Problem::below(pointer, name);
        let well_formed = (1..=76).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if !well_formed {
            let detail = "a header's name has 1 to 76 printable ASCII characters without spaces and colons";
            problems.push(Problem::new(at, "invalid_header_name", detail));
            continue;
        }
        if !is_allowed(name) {
            let detail = "this header cannot be set; allowed are X-... headers of your own, List-Id, References, \
                          In-Reply-To and a few more";
            problems.push(Problem::new(at.clone(), "header_not_allowed", detail));
        }
        let lower = name.to_ascii_lowercase();
        if seen.contains(&lower) {
            let detail = "this header is set twice; upper and lower case make no difference";
            problems.push(Problem::new(at.clone(), "duplicate_header", detail));
        }
        seen.push(lower);
        if !is_line(value, HEADER_TEXT) {
            let detail = format!("a header's value has 1 to {HEADER_TEXT} characters in one line");
            problems.push(Problem::new(at, "invalid_header_value", detail));
        }
    }
    problems
}

/// What is wrong with tags; `pointer` is where they stand (`/tags`).
#[must_use]
pub fn check_tags(pointer: &str, tags: &BTreeMap<String, String>) -> Vec<Problem> {
    let is_tag = |text: &str| {
        (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    let mut problems = Vec::new();
    if tags.len() > TAGS {
        let detail = format!("a message has at most {TAGS} tags; here are {}", tags.len());
        problems.push(Problem::new(pointer, "too_many_tags", detail));
    }
    for (name, value) in tags {
        let at = Problem::below(pointer, name);
        if !is_tag(name) || !is_tag(value) {
            let detail = "a tag's name and value have 1 to 256 characters of A-Z, a-z, 0-9, _ and -";
            problems.push(Problem::new(at, "invalid_tag", detail));
        } else if OUR_TAGS.contains(&name.to_ascii_lowercase().as_str()) {
            let detail = format!("the tags {} are set by us; choose another name", OUR_TAGS.join(", "));
            problems.push(Problem::new(at, "reserved_tag", detail));
        }
    }
    problems
}
