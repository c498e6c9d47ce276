//! The message that a provider carries.

use std::fmt;

use tenantry_model::EmailAddress;

use crate::{Header, HeaderText, MessageIdHeader};

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
    /// The RFC 5322 `Message-ID`, ours and stable over retries.
    pub message_id: MessageIdHeader,
    /// Who it is from; also the envelope's sender.
    pub from: Mailbox,
    /// Whom it goes to, at least one; all of them see each other.
    pub to: Vec<Mailbox>,
    /// Where answers go, when not to `from`.
    pub reply_to: Option<Mailbox>,
    /// The subject.
    pub subject: HeaderText,
    /// The text part. Line ends may be LF or CRLF.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Further headers; a notice carries [`Header::auto_generated`].
    pub headers: Vec<Header>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id.as_str())
            .field("recipients", &self.to.len())
            .finish_non_exhaustive()
    }
}
