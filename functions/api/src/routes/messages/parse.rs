//! A wanted message, parsed: everything that can be said about it without looking anything up.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry_mail::{Category, Mailbox};
use tenantry_model::{TenantId, UserId};
use tenantry_templates::Template;
use time::{Duration, OffsetDateTime};

use super::{
    files::{File, file},
    mailbox::{Wrong, mailboxes, one_mailbox},
    wanted::{WantedMessage, WantedTemplate},
};
use crate::{error::sentence, extract, problem::FieldError};

/// How far ahead a message may be scheduled.
const FARTHEST: Duration = Duration::days(30);

/// A message whose form is right.
pub(super) struct Parsed {
    pub(super) tenant: Option<TenantId>,
    pub(super) user: Option<UserId>,
    pub(super) to: Vec<Mailbox>,
    pub(super) cc: Vec<Mailbox>,
    pub(super) bcc: Vec<Mailbox>,
    pub(super) from: Option<Mailbox>,
    pub(super) insist_from: bool,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) words: Words,
    pub(super) files: Vec<File>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) category: Category,
    pub(super) subtype: Option<String>,
    pub(super) sensitive: bool,
    /// Seconds before it may leave.
    pub(super) wait: u64,
}

/// Its words.
pub(super) enum Words {
    /// As the caller has written them.
    Given { subject: String, html: Option<String>, text: Option<String> },
    /// To be made of a template.
    Template(WantedTemplate),
}

/// Reads one message of a batch.
pub(super) fn read(value: Value, now: OffsetDateTime) -> Result<Parsed, Wrong> {
    parse(extract::json::<WantedMessage>(value)?, now)
}

/// Reads a message, or says everything that is wrong with its form.
pub(super) fn parse(wanted: WantedMessage, now: OffsetDateTime) -> Result<Parsed, Wrong> {
    let mut wrong = Wrong::new();
    let to = mailboxes("/to", wanted.to.as_ref(), &mut wrong);
    let cc = mailboxes("/cc", wanted.cc.as_ref(), &mut wrong);
    let bcc = mailboxes("/bcc", wanted.bcc.as_ref(), &mut wrong);
    let from = one_mailbox("/from", wanted.from.as_ref(), &mut wrong);
    let reply_to = one_mailbox("/replyTo", wanted.reply_to.as_ref(), &mut wrong);
    // A tenant's own words in place of the system's hold the same credential.
    let template = wanted.template.as_ref().and_then(|template| Template::named(&template.name));
    let credential = template.is_some_and(Template::holds_credential);
    let category = match wanted.category.as_deref().map(str::parse) {
        None if credential => Category::authentication(),
        None => Category::unnamed(),
        Some(Ok(category)) => category,
        Some(Err(error)) => {
            wrong.push(FieldError::at("/category", "invalid_category", sentence(&format!("a category {error}"))));
            Category::unnamed()
        }
    };
    let wait = wanted.send_at.map_or(Ok(0), |at| wait("/sendAt", at, now)).unwrap_or_else(|error| {
        wrong.push(error);
        0
    });
    let files = wanted.attachments.into_iter().enumerate();
    let files = files.filter_map(|(index, one)| file(&format!("/attachments/{index}"), one, &mut wrong)).collect();
    let words = words(wanted.subject, wanted.html, wanted.text, wanted.template, &mut wrong);
    match words {
        Some(words) if wrong.is_empty() => Ok(Parsed {
            tenant: wanted.tenant_id,
            user: wanted.user_id,
            to,
            cc,
            bcc,
            from,
            insist_from: wanted.insist_from,
            reply_to,
            words,
            files,
            headers: wanted.headers,
            tags: wanted.tags,
            category,
            subtype: wanted.subtype,
            sensitive: wanted.sensitive || credential,
            wait,
        }),
        _ => Err(wrong),
    }
}

fn words(
    subject: Option<String>,
    html: Option<String>,
    text: Option<String>,
    template: Option<WantedTemplate>,
    wrong: &mut Wrong,
) -> Option<Words> {
    let Some(template) = template else {
        let Some(subject) = subject else {
            let words = "A subject is required, or a template.";
            wrong.push(FieldError::at("/subject", "missing_field", words));
            return None;
        };
        return Some(Words::Given { subject, html, text });
    };
    for (name, given) in [("subject", subject.is_some()), ("html", html.is_some()), ("text", text.is_some())] {
        if given {
            let words = "The words are made of the template; leave this out, or the template.";
            wrong.push(FieldError::at(format!("/{name}"), "not_with_template", words));
        }
    }
    Some(Words::Template(template))
}

/// Whole seconds from now until a moment; none when it is past.
pub(super) fn wait(pointer: &str, at: OffsetDateTime, now: OffsetDateTime) -> Result<u64, FieldError> {
    let ahead = at - now;
    if ahead > FARTHEST {
        let words = "A message may be scheduled up to 30 days ahead.";
        return Err(FieldError::at(pointer, "too_far_ahead", words));
    }
    // Never before its time: a part of a second is a whole one.
    let seconds = ahead.whole_seconds() + i64::from(ahead.subsec_nanoseconds() > 0);
    Ok(u64::try_from(seconds).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn wrong(value: Value) -> Vec<(String, String)> {
        let wrong = read(value, NOW).err().unwrap();
        wrong.into_iter().map(|error| (error.pointer.unwrap(), error.code)).collect()
    }

    fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), code.to_owned())]
    }

    #[test]
    fn everything_that_is_wrong_with_the_form_is_told_at_once() {
        let told = wrong(json!({
            "to": "nobody", "category": "In voices", "sendAt": "2026-04-01T12:00:01Z",
            "attachments": [{"filename": "a"}],
        }));
        let pointers: Vec<&str> = told.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/to", "/category", "/sendAt", "/attachments/0/content", "/subject"]);
    }

    #[test]
    fn words_and_a_template_exclude_each_other() {
        let told = wrong(json!({"to": "a@example.com", "subject": "s", "text": "t", "template": {"name": "welcome"}}));
        let expected = [one("/subject", "not_with_template"), one("/text", "not_with_template")].concat();
        assert_eq!(told, expected);
        assert_eq!(wrong(json!({"to": "a@example.com", "text": "t"})), one("/subject", "missing_field"));
    }

    #[test]
    fn a_message_never_leaves_before_its_time_and_never_waits_for_what_is_past() {
        let wait = |at| super::wait("/sendAt", at, NOW).map_err(|error| error.code);
        assert_eq!(wait(datetime!(2026-03-01 11:00 UTC)), Ok(0));
        assert_eq!(wait(NOW), Ok(0));
        assert_eq!(wait(datetime!(2026-03-01 12:00:00.2 UTC)), Ok(1));
        assert_eq!(wait(datetime!(2026-03-01 13:00 +1)), Ok(0));
        assert_eq!(wait(datetime!(2026-03-31 12:00 UTC)), Ok(30 * 86_400));
        assert_eq!(wait(datetime!(2026-03-31 12:00:01 UTC)), Err("too_far_ahead".to_owned()));
    }

    #[test]
    fn an_unknown_field_is_named() {
        assert_eq!(wrong(json!({"to": "a@example.com", "subjekt": "s"})), one("/subjekt", "unknown_field"));
    }
}
