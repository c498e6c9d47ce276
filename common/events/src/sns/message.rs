//! The envelope SNS posts, and the text it signs.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use super::topic::TopicArn;
use crate::{Rejected, fields::moment};

/// A genuine message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Something was published to the topic.
    Notification(Notification),
    /// The topic asks whether this endpoint wants its messages: a GET on the URL says yes.
    SubscriptionConfirmation(Confirmation),
    /// Somebody ended the subscription; a GET on the URL brings it back.
    UnsubscribeConfirmation(Confirmation),
}

/// Something was published.
#[derive(Clone, PartialEq, Eq)]
pub struct Notification {
    /// SNS's id, the same whenever this message is delivered again.
    pub id: String,
    /// The topic.
    pub topic: TopicArn,
    /// The subject, where the publisher gave one.
    pub subject: Option<String>,
    /// What was published.
    pub message: String,
    /// When it was published (UTC).
    pub at: OffsetDateTime,
}

/// What was published holds recipients and subjects of mail, so it is not shown.
impl std::fmt::Debug for Notification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notification").field("id", &self.id).field("topic", &self.topic).finish_non_exhaustive()
    }
}

/// A question about the subscription itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// SNS's id of this message.
    pub id: String,
    /// The topic.
    pub topic: TopicArn,
    /// What to call to say yes: `ConfirmSubscription` for this topic, at SNS in its region.
    pub subscribe_url: Url,
    /// When it was asked (UTC).
    pub at: OffsetDateTime,
}

/// The URL holds the token that confirms, so it is not shown.
impl std::fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Confirmation").field("id", &self.id).field("topic", &self.topic).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Type {
    Notification,
    SubscriptionConfirmation,
    UnsubscribeConfirmation,
}

impl Type {
    fn word(self) -> &'static str {
        match self {
            Self::Notification => "Notification",
            Self::SubscriptionConfirmation => "SubscriptionConfirmation",
            Self::UnsubscribeConfirmation => "UnsubscribeConfirmation",
        }
    }
}

/// A message as it was posted: nothing in it is believed yet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Envelope {
    r#type: Type,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
    subject: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    token: Option<String>,
}

impl Envelope {
    pub(super) fn read(body: &[u8]) -> Result<Self, Rejected> {
        serde_json::from_slice(body).map_err(|_| Rejected::Unreadable("it is not a signed message of SNS"))
    }

    pub(super) fn topic(&self) -> &str {
        &self.topic_arn
    }

    pub(super) fn certificate_url(&self) -> &str {
        &self.signing_cert_url
    }

    pub(super) fn signature_version(&self) -> &str {
        &self.signature_version
    }

    pub(super) fn at(&self) -> Result<OffsetDateTime, Rejected> {
        moment(&self.timestamp).ok_or(Rejected::Unreadable("its timestamp is none"))
    }

    pub(super) fn signature(&self) -> Result<Vec<u8>, Rejected> {
        STANDARD.decode(&self.signature).map_err(|_| Rejected::Unreadable("its signature is not base64"))
    }

    /// What SNS signs: names and values of the fields of this type, in alphabetical order, each on a line of its own.
    pub(super) fn canonical(&self) -> String {
        let (subject, subscribe, token) =
            (self.subject.as_deref(), self.subscribe_url.as_deref(), self.token.as_deref());
        let message = ("Message", Some(self.message.as_str()));
        let id = ("MessageId", Some(self.message_id.as_str()));
        let timestamp = ("Timestamp", Some(self.timestamp.as_str()));
        let topic = ("TopicArn", Some(self.topic_arn.as_str()));
        let kind = ("Type", Some(self.r#type.word()));
        let fields = if self.r#type == Type::Notification {
            vec![message, id, ("Subject", subject), timestamp, topic, kind]
        } else {
            vec![message, id, ("SubscribeURL", subscribe), timestamp, ("Token", token), topic, kind]
        };
        fields.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name}\n{value}\n"))).collect()
    }

    /// The message, once its signature was found to be right.
    pub(super) fn open(self, topic: &TopicArn, at: OffsetDateTime) -> Result<Message, Rejected> {
        let (id, topic) = (self.message_id, topic.clone());
        if self.r#type == Type::Notification {
            return Ok(Message::Notification(Notification {
                id,
                topic,
                subject: self.subject,
                message: self.message,
                at,
            }));
        }
        let url = self.subscribe_url.as_deref().unwrap_or_default();
        let subscribe_url = topic.subscribe_url(url)?;
        let confirmation = Confirmation { id, topic, subscribe_url, at };
        Ok(match self.r#type {
            Type::UnsubscribeConfirmation => Message::UnsubscribeConfirmation(confirmation),
            _ => Message::SubscriptionConfirmation(confirmation),
        })
    }
}
