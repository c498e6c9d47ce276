//! What a provider told us, in our words.

use std::fmt;

use serde_json::Value;
use tenantry_model::{EmailAddress, MessageId};
use time::OffsetDateTime;

/// The tag that carries our message id through a provider and back: its value is the id as it is written
/// (`msg_` and 32 hexadecimal digits), which every provider's rules for tags allow.
pub const MESSAGE_TAG: &str = "message";

/// One thing that a provider says happened. Its signature was checked.
///
/// Providers repeat themselves and do not keep an order: the same `id` may come again, and `Delivered` before `Sent`.
#[derive(Clone, PartialEq)]
pub struct ProviderEvent {
    /// The same for every delivery of the same event, and for no other of this provider.
    pub id: String,
    /// Whose event this is, by the provider's name in the configuration.
    pub provider: &'static str,
    /// What happened.
    pub kind: EventKind,
    /// The id the provider gave the message when it took it.
    pub provider_message_id: Option<String>,
    /// Our own id of the message, from its tag [`MESSAGE_TAG`]. `None` for mail that is not ours, and where a provider
    /// leaves tags out (SES feedback notifications without a configuration set).
    pub message: Option<MessageId>,
    /// The recipients this is about, which may be fewer than the message has. What is not an address is left out.
    pub recipients: Vec<EmailAddress>,
    /// When it happened, as the provider says (UTC).
    pub at: OffsetDateTime,
    /// What else was said: the provider's word for the event under `event`, and the part that explains it. Never a
    /// subject, a header, a body, or what is known of a reader's device. Texts are cut at 500 characters.
    pub detail: Value,
}

/// A log line may hold a `Debug` form by accident: it shows neither addresses nor what a server wrote about them.
impl fmt::Debug for ProviderEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderEvent")
            .field("id", &self.id)
            .field("provider", &self.provider)
            .field("kind", &self.kind.word())
            .field("provider_message_id", &self.provider_message_id)
            .field("message", &self.message)
            .field("recipients", &self.recipients)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// What happened to a message, or to a sending domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The provider took it and will try to deliver it.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// Not yet; the provider goes on trying.
    Delayed,
    /// It came back, and the provider has given up.
    Bounced(Bounce),
    /// The recipient called it spam.
    Complained,
    /// The provider could not send it at all.
    Failed {
        /// The provider's words, at most 500 characters.
        reason: String,
    },
    /// The provider did not even try: the recipient is on its own suppression list, which is the whole account's and
    /// therefore says nothing about this tenant.
    Suppressed,
    /// The recipient (or a program of theirs) loaded its pictures.
    Opened,
    /// The recipient (or a program of theirs) followed a link.
    Clicked,
    /// The recipient wants no more of it, told to the provider.
    Unsubscribed,
    /// The provider holds it until its time.
    Scheduled,
    /// Mail that came in, not ours going out.
    Received,
    /// About a sending domain, not a message.
    Domain(DomainEvent),
    /// Something we do not act on, by the provider's name for it.
    Other(String),
}

impl EventKind {
    /// The kind in one word, as rows and metrics hold it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Delayed => "delayed",
            Self::Bounced(_) => "bounced",
            Self::Complained => "complained",
            Self::Failed { .. } => "failed",
            Self::Suppressed => "suppressed",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Unsubscribed => "unsubscribed",
            Self::Scheduled => "scheduled",
            Self::Received => "received",
            Self::Domain(_) => "domain",
            Self::Other(_) => "other",
        }
    }
}

/// Why a message came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Whether the address, the moment, or we are the reason.
    pub kind: BounceKind,
    /// What the recipient's server said, else the provider's words; at most 500 characters. May hold an address.
    pub reason: String,
}

/// Whose fault a bounce is. The order is that of consequences: the later, the more an address suffers for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BounceKind {
    /// Ours, not the recipient's: our address is on a block list, a policy refused us, the message was too large or its
    /// content was refused. Suppresses nobody.
    Infrastructure,
    /// It may work another day: a full mailbox, a server that did not answer. Counts to a threshold.
    Soft,
    /// There is no such mailbox, and there will be none. Suppresses the address at once.
    Hard,
}

impl BounceKind {
    /// The kind in one word, as rows hold it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::Soft => "soft",
            Self::Hard => "hard",
        }
    }
}

/// What a provider says about a sending domain. A hint: the provider's API is asked before anything follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainEvent {
    /// The domain's name, in lower case. Its id at the provider is in the event's `detail`.
    pub domain: String,
    /// The provider's word for the domain's status (`verified`, `pending`, ...); `deleted` when it is gone.
    pub status: String,
}
