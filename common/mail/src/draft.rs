//! What a caller may send.

mod check;
mod header;
mod mailbox;

use std::{collections::BTreeMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tenantry_model::{TenantId, UserId};

pub(crate) use self::header::HEADER_TEXT;
pub use self::{
    check::{Limits, Problem, check},
    header::{check_headers, check_tags},
    mailbox::{Mailbox, MailboxError},
};
use crate::Category;

/// A message as it was asked for: rendered, not yet routed. Sealed as JSON until it is sent.
///
/// Its fields are not safe until [`check`] found no [`Problem`]. Its `Debug` form shows neither words nor addresses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// On whose behalf it is sent.
    pub tenant: TenantId,
    /// The user it is for: their preferences apply to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Whom it is to. At least one.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<Mailbox>,
    /// Who gets a copy that the others do not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bcc: Vec<Mailbox>,
    /// The address it shall come from. None: the tenant's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Mailbox>,
    /// Rather refuse the message than send it from another address than `from`.
    #[serde(default)]
    pub insist_from: bool,
    /// Where answers go. None: as the tenant's settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Mailbox>,
    /// The subject, 1 to 512 characters in one line.
    pub subject: String,
    /// The HTML part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The text part. Where only HTML was given, the caller puts in the text it derived ([`Draft::needs_text`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Further headers, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Labels that come back with the provider's events, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What it is about.
    pub category: Category,
    /// What it is about, more finely: a word like a category's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// Holds a secret (a password, a code): never shown again, and erased as soon as it was sent.
    #[serde(default)]
    pub sensitive: bool,
}

/// A file that goes with a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name, 1 to 255 characters without a path.
    pub filename: String,
    /// Its media type, such as `application/pdf` (RFC 6838), parameters allowed.
    pub content_type: String,
    /// Its bytes; base64 in JSON.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub content: Vec<u8>,
    /// The name by which the HTML part shows it, `<img src="cid:...">` (RFC 2392).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<String>,
}

impl Draft {
    /// A message with a subject to one recipient, and nothing else yet.
    #[must_use]
    pub fn new(tenant: TenantId, to: Mailbox, category: Category, subject: impl Into<String>) -> Self {
        Self {
            tenant,
            user: None,
            to: vec![to],
            cc: Vec::new(),
            bcc: Vec::new(),
            from: None,
            insist_from: false,
            reply_to: None,
            subject: subject.into(),
            html: None,
            text: None,
            attachments: Vec::new(),
            headers: BTreeMap::new(),
            tags: BTreeMap::new(),
            category,
            subtype: None,
            sensitive: false,
        }
    }

    /// Everybody who would get it: `to`, then `cc`, then `bcc`.
    pub fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }

    /// Whether the caller still has to put in a text part that it made of the HTML part: a text part goes always.
    #[must_use]
    pub fn needs_text(&self) -> bool {
        self.html.is_some() && self.text.is_none()
    }

    /// An upper bound of the message's size on the wire, in bytes: bodies and files in base64 with line breaks, and an
    /// allowance for headers and part boundaries.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        // 76 characters and CRLF for each 57 bytes (RFC 2045, section 6.8), rounded up.
        let base64 = |bytes: usize| bytes.div_ceil(57).saturating_mul(78);
        let bodies = [&self.html, &self.text].into_iter().flatten().map(|body| base64(body.len()) + 256);
        let files = self.attachments.iter().map(|file| {
            // A name in RFC 2231 takes three characters for a byte, and stands in two headers.
            base64(file.content.len()) + 512 + 6 * file.filename.len() + file.content_type.len()
        });
        let headers = self.headers.iter().map(|(name, value)| name.len() + 3 * value.len() + 4);
        let people =
            self.recipients().map(|one| one.address.as_str().len() + 3 * one.name.as_ref().map_or(0, String::len) + 8);
        2048 + 3 * self.subject.len() + bodies.chain(files).chain(headers).chain(people).sum::<usize>()
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("tenant", &self.tenant)
            .field("category", &self.category)
            .field("recipients", &self.recipients().count())
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.content_type, self.content.len())
    }
}

fn to_base64<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text.as_bytes()).map_err(|_| serde::de::Error::custom("the content is not base64"))
}
