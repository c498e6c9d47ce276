//! A message, as a caller asks for it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tenantry_model::{TenantId, UserId};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A message to send.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedMessage {
    /// On whose behalf; whoever belongs to a tenant may leave it out.
    #[schema(value_type = Option<String>, example = "ten_6f1c2d3e4f5a4b6c8d7e9f0a1b2c3d4e")]
    pub(super) tenant_id: Option<TenantId>,
    /// Whom it is to: `Ada <ada@example.com>`, `{"name": ..., "address": ...}`, or a list of these. May be left out where `userId`
    /// says it. Together with `cc` and `bcc`, 50 at most.
    #[schema(value_type = Option<Recipients>)]
    pub(super) to: Option<Value>,
    /// Who gets a copy.
    #[schema(value_type = Option<Recipients>)]
    pub(super) cc: Option<Value>,
    /// Who gets a copy that the others do not see.
    #[schema(value_type = Option<Recipients>)]
    pub(super) bcc: Option<Value>,
    /// The address it shall come from; the tenant's default address where it is not one of the tenant's.
    #[schema(value_type = Option<WantedMailbox>)]
    pub(super) from: Option<Value>,
    /// Rather refuse the message than send it from another address than `from`.
    #[serde(default)]
    pub(super) insist_from: bool,
    /// Where answers go; what the tenant's settings say, where it is left out.
    #[schema(value_type = Option<WantedMailbox>)]
    pub(super) reply_to: Option<Value>,
    /// The subject, in one line. Not together with `template`.
    #[schema(min_length = 1, max_length = 512)]
    pub(super) subject: Option<String>,
    /// The HTML part. Not together with `template`.
    pub(super) html: Option<String>,
    /// The text part; made of the HTML part where it is left out. Not together with `template`.
    pub(super) text: Option<String>,
    /// Files, 20 at most; encoded for sending, a message may have 40 MB.
    #[serde(default)]
    pub(super) attachments: Vec<WantedFile>,
    /// Headers of its own: `X-...`, `List-Id`, `References`, `In-Reply-To` and a few more.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Names and values to find it by.
    #[serde(default)]
    #[schema(example = json!({"invoice": "2024-117"}))]
    pub(super) tags: BTreeMap<String, String>,
    /// The user it is for: their preferences apply to it.
    #[schema(value_type = Option<String>)]
    pub(super) user_id: Option<UserId>,
    /// The template its words are made of, now.
    pub(super) template: Option<WantedTemplate>,
    /// What it is about: routing, preferences and unsubscribing go by it. `notifications` where it is left out.
    #[schema(pattern = "^[a-z0-9_-]{1,64}$", example = "invoices")]
    pub(super) category: Option<String>,
    /// What it is about, more finely.
    #[schema(pattern = "^[a-z0-9_-]{1,64}$")]
    pub(super) subtype: Option<String>,
    /// When it is to leave, up to 30 days ahead; at once where it is left out or past.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub(super) send_at: Option<OffsetDateTime>,
    /// It holds a credential: its words are never shown, and erased as soon as it has left.
    #[serde(default)]
    pub(super) sensitive: bool,
}

/// A file to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedFile {
    /// Its name, without a path.
    #[schema(min_length = 1, max_length = 255, example = "invoice.pdf")]
    pub(super) filename: String,
    /// Its media type; `application/octet-stream` where it is left out.
    #[schema(example = "application/pdf")]
    pub(super) content_type: Option<String>,
    /// Its bytes in base64.
    pub(super) content: Option<String>,
    /// In place of `content`: where it is fetched from, now. `https` on the public Internet, no redirects.
    #[schema(example = "https://files.example.com/terms.pdf")]
    pub(super) url: Option<String>,
    /// The name by which the HTML part shows it: `<img src="cid:...">`.
    pub(super) cid: Option<String>,
}

/// A template and what it is filled with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedTemplate {
    /// Its name: the tenant's own, or the system's.
    #[schema(example = "domain-verified")]
    pub(super) name: String,
    /// The language of the recipient (BCP 47); the nearest there is. English where it is left out.
    #[schema(example = "de-AT")]
    pub(super) locale: Option<String>,
    /// What stands in its places. All that it needs, or it is refused.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) variables: Value,
}

/// An address with the name that is shown beside it.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the field to OpenAPI")]
pub(crate) enum WantedMailbox {
    /// `ada@example.com` or `Ada Lovelace <ada@example.com>`.
    Text(String),
    /// In two fields.
    Fields {
        /// The name.
        name: Option<String>,
        /// The address.
        address: String,
    },
}

/// One or many.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the field to OpenAPI")]
pub(crate) enum Recipients {
    /// One.
    One(WantedMailbox),
    /// Many.
    Many(Vec<WantedMailbox>),
}

/// Messages to send together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedBatch {
    /// What becomes of the others when one cannot be accepted.
    #[serde(default)]
    #[schema(inline)]
    pub(super) mode: Mode,
    /// The messages, 1 to 100.
    #[schema(value_type = Vec<WantedMessage>, min_items = 1, max_items = 100)]
    pub(super) messages: Vec<Value>,
}

/// What becomes of the others when one cannot be accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// All are accepted, or none.
    #[default]
    Strict,
    /// Those that can be accepted are.
    Permissive,
}
