//! An address with a display name (RFC 5322, section 3.4), as callers write it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use tenantry_model::EmailAddress;

/// An address with the name that a mail program shows beside it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name, not encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

/// Why a text is no mailbox.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; write name@example.com or Ada Lovelace <ada@example.com>")]
pub struct MailboxError {
    reason: String,
}

impl Mailbox {
    /// An address with a name.
    #[must_use]
    pub fn named(name: impl Into<String>, address: EmailAddress) -> Self {
        Self { name: Some(name.into()), address }
    }
}

impl From<EmailAddress> for Mailbox {
    fn from(address: EmailAddress) -> Self {
        Self { name: None, address }
    }
}

impl FromStr for Mailbox {
    type Err = MailboxError;

    /// Reads `name@example.com`, `Ada <ada@example.com>` and `"Lovelace, Ada" <ada@example.com>`: one mailbox, without
    /// comments, groups and encoded words.
    fn from_str(text: &str) -> Result<Self, MailboxError> {
        let refuse = |reason: &str| Err(MailboxError { reason: reason.to_owned() });
        // Looked for before anything is trimmed: a line break at the end is refused like any other.
        if text.chars().any(super::header::breaks_a_line) {
            return refuse("the mailbox contains a line break or a control character");
        }
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').map(|text| text.rsplit_once('<')) {
            Some(Some((name, address))) => (name.trim(), address),
            Some(None) => return refuse("the mailbox has a > without a <"),
            None => ("", text),
        };
        let address: EmailAddress = address.parse().map_err(|why: tenantry_model::AddressError| {
            // The address's own words end with an example of their own.
            let why = why.to_string();
            MailboxError { reason: why.split(';').next().unwrap_or_default().to_owned() }
        })?;
        let name = match name.strip_prefix('"') {
            None if name.contains(['"', '<', '>', '@', ',', ';']) => {
                return refuse("the name contains a character that belongs in quotes");
            }
            None => name.to_owned(),
            Some(quoted) => match unquote(quoted) {
                Some(name) => name,
                None => return refuse("the quotes around the name are not closed"),
            },
        };
        Ok(Self { name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()), address })
    }
}

/// What stands between quotes, of which the first was read already (RFC 5322, section 3.2.4).
fn unquote(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(name),
            '\\' => name.push(rest.next()?),
            c => name.push(c),
        }
    }
}

/// A log line may hold a `Debug` form by accident, so it shows neither name nor local part.
impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.address, f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_mailbox_is_read_as_people_write_it() {
        for (text, name, address) in [
            ("ada@example.com", None, "ada@example.com"),
            (" ada@example.com ", None, "ada@example.com"),
            ("<ada@example.com>", None, "ada@example.com"),
            ("Ada <ada@example.com>", Some("Ada"), "ada@example.com"),
            ("Ada Lovelace<ada@example.com>", Some("Ada Lovelace"), "ada@example.com"),
            ("\"Lovelace, Ada\" <ada@example.com>", Some("Lovelace, Ada"), "ada@example.com"),
            (r#""A \"B\" \\ <c>" <ada@example.com>"#, Some(r#"A "B" \ <c>"#), "ada@example.com"),
            ("\"\" <ada@example.com>", None, "ada@example.com"),
            ("Ada 東京 <ada@bücher.example>", Some("Ada 東京"), "ada@xn--bcher-kva.example"),
        ] {
            let mailbox: Mailbox = text.parse().unwrap();
            assert_eq!((mailbox.name.as_deref(), mailbox.address.as_str()), (name, address), "{text:?}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for text in [
            "",
            "Ada",
            "ada@example.com>",
            "Ada <ada@example.com",
            "Ada <ada@example.com> x",
            "Ada <ada@example.com>, Bob <bob@example.com>",
            "ceo@bank.example <ada@example.com>",
            "Lovelace, Ada <ada@example.com>",
            "\"Ada <ada@example.com>",
            "\"Ada\" Lovelace <ada@example.com>",
            "Ada <<ada@example.com>>",
            "Ada\r\n <ada@example.com>",
            "ada@example.com\n",
            "Ada\u{2028} <ada@example.com>",
        ] {
            assert!(text.parse::<Mailbox>().is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn a_mailbox_says_neither_name_nor_address_when_it_is_debugged() {
        let said = format!("{:?}", "Ada <lovelace@example.com>".parse::<Mailbox>().unwrap());
        assert!(!said.contains("Ada") && !said.contains("lovelace"), "{said}");
    }
}
