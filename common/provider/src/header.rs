//! What a header may hold. None of these types can hold a line break, so no caller can inject a header.

use std::{fmt, str::FromStr};

use tenantry_model::{EmailAddress, MessageId};

/// Why a text cannot be (part of) a header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {reason}")]
pub struct HeaderError {
    what: &'static str,
    reason: &'static str,
}

pub(crate) fn refuse<T>(what: &'static str, reason: &'static str) -> Result<T, HeaderError> {
    Err(HeaderError { what, reason })
}

/// A header's text: a subject, a display name, a value. 1 to 512 characters, none of them a control character;
/// surrounding space is trimmed. Letters outside ASCII are encoded when the message is written (RFC 2047).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderText(String);

impl HeaderText {
    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HeaderText {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        const WHAT: &str = "the header text";
        // Looked for before trimming: a line break at the end is refused like any other.
        if text.chars().any(char::is_control) {
            return refuse(WHAT, "contains a line break or a control character");
        }
        let text = text.trim();
        if text.is_empty() {
            return refuse(WHAT, "is empty");
        }
        if text.chars().count() > 512 {
            return refuse(WHAT, "is longer than 512 characters");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A further header of a message (RFC 5322, section 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    name: String,
    value: HeaderText,
}

/// Headers that a message gets from its own fields, from MIME, or from the servers on its way.
const RESERVED: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "return-path",
    "received",
    "dkim-signature",
    "authentication-results",
];

impl Header {
    /// A header by name and value.
    ///
    /// # Errors
    /// The name is no RFC 5322 field name of at most 76 characters, or one that the message sets itself
    /// (`From`, `Bcc`, `Content-...`); the value is not a [`HeaderText`].
    pub fn new(name: &str, value: &str) -> Result<Self, HeaderError> {
        const WHAT: &str = "the header's name";
        if name.is_empty() || name.len() > 76 {
            return refuse(WHAT, "must have 1 to 76 characters");
        }
        if !name.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
            return refuse(WHAT, "may hold printable ASCII without spaces and colons only");
        }
        let lower = name.to_ascii_lowercase();
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("content-") {
            return refuse(WHAT, "is one that the message sets itself");
        }
        Ok(Self { name: name.to_owned(), value: value.parse()? })
    }

    /// `Auto-Submitted: auto-generated`, which keeps out-of-office answers away from notices (RFC 3834, section 5).
    #[must_use]
    pub fn auto_generated() -> Self {
        Self { name: "Auto-Submitted".to_owned(), value: HeaderText("auto-generated".to_owned()) }
    }

    /// The header's name, as written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The header's value, not encoded.
    #[must_use]
    pub fn value(&self) -> &str {
        self.value.as_str()
    }
}

/// The `Message-ID` of a message, `<msg_...@domain>` (RFC 5322, section 3.6.4): made of our own id, so that it is the
/// same at every attempt and leads from a mail server's log back to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageIdHeader(String);

impl MessageIdHeader {
    /// The header of a message that is sent from an address.
    #[must_use]
    pub fn new(id: MessageId, from: &EmailAddress) -> Self {
        Self(format!("<{id}@{}>", from.domain()))
    }

    /// The value, angle brackets included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageIdHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn no_control_character_gets_into_a_header_text() {
        for text in ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b", "ends\r\n", "\tindented", "a\u{85}b", "", "   "] {
            assert!(text.parse::<HeaderText>().is_err(), "{text:?} was accepted");
        }
        assert!("x".repeat(513).parse::<HeaderText>().is_err());
        assert_eq!(" Grüße, 東京 🎉 ".parse::<HeaderText>().unwrap().as_str(), "Grüße, 東京 🎉");
    }

    #[test]
    fn a_header_of_ones_own_cannot_replace_what_the_message_says() {
        for name in ["From", "BCC", "subject", "Content-Type", "Message-ID", "X Y", "X:Y", "X\r\nY", "", "X-é"] {
            assert!(Header::new(name, "value").is_err(), "{name:?} was accepted");
        }
        assert!(Header::new("X-Tag", "a\r\nBcc: x@y.example").is_err());
        assert_eq!(Header::new("X-Tag", "onboarding").unwrap().value(), "onboarding");
    }

    #[test]
    fn the_message_id_is_ours_and_stable() {
        let (id, from) = (MessageId::new(), "noreply@mail.example.com".parse().unwrap());
        assert_eq!(MessageIdHeader::new(id, &from), MessageIdHeader::new(id, &from));
        assert_eq!(MessageIdHeader::new(id, &from).as_str(), format!("<{id}@mail.example.com>"));
    }
}
