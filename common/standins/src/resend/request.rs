//! What a client wants sent, and whether Resend would take it.

use super::address;
use super::error::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Recipients of one mail in `to`.
const MAX_TO: usize = 50;
/// Letters in a tag's name or value.
const MAX_TAG: usize = 256;
/// All attachments together, after encoding, in bytes.
pub(super) const MAX_BYTES: usize = 40 * 1024 * 1024;
/// Domains that are nobody's: mail to them is refused.
const NOBODYS: [&str; 2] = ["example.com", "test.com"];

/// One address or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Several {
    One(String),
    Many(Vec<String>),
}

impl Several {
    fn list(self) -> Vec<String> {
        match self {
            Several::One(one) => vec![one],
            Several::Many(many) => many,
        }
    }
}

/// The body of `POST /emails`. A field Resend's API does not have is refused: it is a client's typing error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: Option<String>,
    to: Option<Several>,
    subject: Option<String>,
    html: Option<String>,
    text: Option<String>,
    template: Option<Value>,
    cc: Option<Several>,
    bcc: Option<Several>,
    reply_to: Option<Several>,
    headers: Option<BTreeMap<String, String>>,
    attachments: Option<Vec<Attached>>,
    tags: Option<Vec<Tag>>,
    scheduled_at: Option<String>,
    #[serde(rename = "topic_id")]
    _topic: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attached {
    content: Option<String>,
    filename: Option<String>,
    path: Option<String>,
    content_type: Option<String>,
    content_id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    name: String,
    value: String,
}

/// A mail that would be taken, from whomever it is.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) from: String,
    pub(super) from_domain: String,
    pub(super) to: Vec<String>,
    pub(super) cc: Vec<String>,
    pub(super) bcc: Vec<String>,
    pub(super) reply_to: Vec<String>,
    pub(super) subject: String,
    pub(super) html: Option<String>,
    pub(super) text: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) scheduled_at: Option<OffsetDateTime>,
}

/// An attachment, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name.
    pub filename: Option<String>,
    /// The media type, where one was given.
    pub content_type: Option<String>,
    /// What the HTML refers to by `cid:`.
    pub content_id: Option<String>,
    /// The content's length in bytes; 0 where it was to be fetched from a path.
    pub size: usize,
}

/// Reads one mail.
pub(super) fn read(body: &[u8]) -> Result<Asked, Refusal> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error))
}

/// Reads a batch.
pub(super) fn read_batch(body: &[u8]) -> Result<Vec<Asked>, Refusal> {
    serde_json::from_slice(body).map_err(|error| unreadable(&error))
}

/// Text that is no JSON is a bad request; JSON of another shape has a wrong parameter.
pub(super) fn unreadable(error: &serde_json::Error) -> Refusal {
    match error.classify() {
        serde_json::error::Category::Data => Refusal::invalid(format!("The request is not as it should be: {error}")),
        _ => Refusal::new(400, "validation_error", "The request body is not valid JSON."),
    }
}

impl Asked {
    /// All recipients as written, for the rules of misbehaviour.
    pub(super) fn recipients(&self) -> Vec<String> {
        let fields = [&self.to, &self.cc, &self.bcc];
        fields.into_iter().flatten().cloned().flat_map(Several::list).collect()
    }

    /// Checks everything but whose domain it is.
    pub(super) fn check(self) -> Result<Wanted, Refusal> {
        let from = self.from.ok_or_else(|| Refusal::missing("from"))?;
        let to = self.to.ok_or_else(|| Refusal::missing("to"))?.list();
        let subject = self.subject.ok_or_else(|| Refusal::missing("subject"))?;
        if self.html.is_none() && self.text.is_none() && self.template.is_none() {
            return Err(Refusal::missing("html` or `text"));
        }
        let from_domain = address::domain(&from).ok_or_else(|| {
            let form = "`email@example.com` or `Name <email@example.com>`";
            let message = format!("Invalid `from` field. The email address needs to follow the {form} format.");
            Refusal::new(422, "invalid_from_address", message)
        })?;
        if subject.contains(['\r', '\n']) {
            return Err(Refusal::invalid("The `\\n` is not allowed in the `subject` field."));
        }
        let list = |field: Option<Several>| field.map(Several::list).unwrap_or_default();
        let (cc, bcc, reply_to) = (list(self.cc), list(self.bcc), list(self.reply_to));
        if to.is_empty() || to.len() > MAX_TO {
            return Err(Refusal::invalid(format!("The `to` field takes 1 to {MAX_TO} recipients.")));
        }
        for (field, addresses) in [("to", &to), ("cc", &cc), ("bcc", &bcc), ("reply_to", &reply_to)] {
            addresses.iter().try_for_each(|address| recipient(field, address))?;
        }
        Ok(Wanted {
            from,
            from_domain,
            to,
            cc,
            bcc,
            reply_to,
            subject,
            html: self.html,
            text: self.text,
            headers: self.headers.unwrap_or_default(),
            tags: tags(self.tags.unwrap_or_default())?,
            attachments: attachments(self.attachments.unwrap_or_default())?,
            scheduled_at: self.scheduled_at.as_deref().map(scheduled_at).transpose()?,
        })
    }

    /// As [`Asked::check`], for a mail of a batch: what batches do not know is dropped in silence, as Resend does.
    pub(super) fn check_in_batch(mut self) -> Result<Wanted, Refusal> {
        (self.attachments, self.scheduled_at) = (None, None);
        self.check()
    }
}

fn recipient(field: &str, text: &str) -> Result<(), Refusal> {
    let Some(domain) = address::domain(text) else {
        let form = "`email@example.com` or `Name <email@example.com>`";
        return Err(Refusal::invalid(format!(
            "Invalid `{field}` field. The email address needs to follow the {form} format."
        )));
    };
    if field != "reply_to" && NOBODYS.contains(&domain.as_str()) {
        let message = format!("Invalid `{field}` field. Please use our testing email address instead of `{domain}`.");
        return Err(Refusal::invalid(message));
    }
    Ok(())
}

fn tags(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Refusal> {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let sane = |text: &str| (1..=MAX_TAG).contains(&text.len()) && plain(text);
    if tags.iter().any(|tag| !sane(&tag.name) || !sane(&tag.value)) {
        let letters = "ASCII letters, numbers, underscores, or dashes";
        return Err(Refusal::invalid(format!("Tags should only contain {letters}, 1 to {MAX_TAG} of them.")));
    }
    Ok(tags.into_iter().map(|tag| (tag.name, tag.value)).collect())
}

fn attachments(given: Vec<Attached>) -> Result<Vec<Attachment>, Refusal> {
    let wrong = |why: &str| Refusal::new(422, "invalid_attachment", why);
    if given.iter().filter_map(|one| one.content.as_ref()).map(String::len).sum::<usize>() > MAX_BYTES {
        return Err(wrong("The attachments are larger than 40MB."));
    }
    let one = |one: Attached| {
        let size = match (&one.content, &one.path) {
            (Some(content), _) => STANDARD.decode(content).map_err(|_| wrong("The content is not base64."))?.len(),
            (None, Some(_)) => 0,
            (None, None) => return Err(wrong("Attachment must have either a `content` or `path`.")),
        };
        let Attached { filename, content_type, content_id, .. } = one;
        Ok(Attachment { filename, content_type, content_id, size })
    };
    given.into_iter().map(one).collect()
}

/// A time to send at: ISO 8601, as the published API says.
pub(super) fn scheduled_at(text: &str) -> Result<OffsetDateTime, Refusal> {
    let wrong = |_| Refusal::invalid("Invalid `scheduled_at` field. It must be an ISO 8601 date and time.");
    OffsetDateTime::parse(text, &Rfc3339).map_err(wrong)
}
