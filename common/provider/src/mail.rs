//! The message that a provider carries.

use std::fmt;

use tenantry_model::{EmailAddress, MessageId};

use crate::{Attachment, Header, HeaderText, MessageIdHeader, Tag};

/// An address with the name that a mail program shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, where there is one.
    pub name: Option<HeaderText>,
    /// The address.
    pub address: EmailAddress,
}

impl From<EmailAddress> for Mailbox {
    fn from(address: EmailAddress) -> Self {
        Self { name: None, address }
    }
}

/// A complete message: rendered, routed, allowed to leave. The same value is given to the provider at every attempt.
///
/// Its `Debug` form shows neither bodies nor addresses: a welcome mail holds a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Our id of the message; a provider that knows idempotency keys gets it as the key.
    pub id: MessageId,
    /// The RFC 5322 `Message-ID`, ours and stable over retries.
    pub message_id: MessageIdHeader,
    /// Who it is from; also the envelope's sender.
    pub from: Mailbox,
    /// Whom it goes to, at least one; all of them see each other.
    pub to: Vec<Mailbox>,
    /// Who gets a copy that everybody sees.
    pub cc: Vec<Mailbox>,
    /// Who gets a copy that nobody sees: in the envelope, never in a header.
    pub bcc: Vec<Mailbox>,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Mailbox>,
    /// The subject.
    pub subject: HeaderText,
    /// The text part. Line ends may be LF or CRLF.
    pub text: String,
    /// The HTML part, where there is one.
    pub html: Option<String>,
    /// Files, beside the message or inside its HTML.
    pub attachments: Vec<Attachment>,
    /// Further headers: `List-Unsubscribe`, or [`Header::auto_generated`] on a notice.
    pub headers: Vec<Header>,
    /// What the provider is told about the message and repeats in its events. A provider without tags
    /// ([`Capabilities::tags`](crate::Capabilities)) carries the message without them: they are in our rows too.
    pub tags: Vec<Tag>,
}

impl Mail {
    /// A message with what every message has; its `Message-ID` is made of `id` and the From domain.
    #[must_use]
    pub fn new(id: MessageId, from: Mailbox, to: Vec<Mailbox>, subject: HeaderText, text: String) -> Self {
        Self {
            id,
            message_id: MessageIdHeader::new(id, &from.address),
            from,
            to,
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: None,
            subject,
            text,
            html: None,
            attachments: Vec::new(),
            headers: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// Everybody it goes to: to, cc, bcc.
    pub fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }

    /// What it weighs on the wire, in octets; never less than it really does. Attachments travel in base64 (4 octets
    /// for 3, and a line end after 76), letters outside ASCII as three octets for each of theirs.
    #[must_use]
    pub fn wire_size(&self) -> usize {
        let words = |text: &str| {
            let octet = |b: u8| match b {
                b'\n' => 2,
                b'=' => 3,
                b' '..=b'~' => 1,
                _ => 3,
            };
            let octets: usize = text.bytes().map(octet).sum();
            octets + octets / 24
        };
        let base64 = |bytes: usize| bytes.div_ceil(3) * 4 / 76 * 78 + 512;
        let files: usize = self.attachments.iter().map(|file| base64(file.content().len())).sum();
        let headers: usize = self.headers.iter().map(|h| h.name().len() + words(h.value()) + 4).sum();
        let names: usize = self
            .recipients()
            .map(|m| m.address.as_str().len() + m.name.as_ref().map_or(0, |n| words(n.as_str())))
            .sum();
        2048 + words(self.subject.as_str())
            + words(&self.text)
            + self.html.as_deref().map_or(0, words)
            + files
            + headers
            + names
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id.as_str())
            .field("recipients", &self.recipients().count())
            .field("attachments", &self.attachments.len())
            .finish_non_exhaustive()
    }
}
