//! E-mail addresses, parsed once (RFC 5321 mailbox; the domain in A-labels and lower case).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// A syntactically valid address: `local@domain`, at most 254 octets, domain of at least two labels.
///
/// The domain is lower-cased and turned into A-labels (UTS 46). The local part is kept as written, since only its own
/// server may say what it means; two addresses are the *same mailbox* when [`EmailAddress::key`] is equal.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// Why a text is not an address we send to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; an address looks like name@example.com")]
pub struct AddressError {
    reason: &'static str,
}

impl EmailAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain, in lower-case A-labels.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What makes two addresses one mailbox in our tables: the whole address in lower case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let refuse = |reason| Err(AddressError { reason });
        let text = text.trim();
        if text.is_empty() {
            return refuse("the address is empty");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return refuse("the address contains a space, a line break or a control character");
        }
        let Some((local, domain)) = text.rsplit_once('@') else {
            return refuse("the address has no @");
        };
        if local.starts_with('"') || domain.starts_with('[') {
            return refuse("quoted names and address literals are not accepted");
        }
        if !local.is_ascii() {
            return refuse("the part before the @ has letters outside ASCII");
        }
        let Ok(domain) = idna::domain_to_ascii_strict(domain) else {
            return refuse("the domain is not a valid host name");
        };
        let address = format!("{local}@{domain}");
        if address.len() > 254 {
            return refuse("the address is longer than 254 octets");
        }
        let options = email_address::Options::default().with_required_tld().without_display_text();
        if email_address::EmailAddress::parse_with_options(&address, options).is_err() {
            return refuse("the address is not well formed");
        }
        Ok(Self(address))
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A log line may hold a `Debug` form by accident, so it never shows whose address it is.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…@{}", self.domain())
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_and_their_domain_is_normal() {
        let address: EmailAddress = " Ada.Lovelace+x@BÜCHER.Example ".parse().expect("valid");
        assert_eq!(address.as_str(), "Ada.Lovelace+x@xn--bcher-kva.example");
        assert_eq!(address.domain(), "xn--bcher-kva.example");
        assert_eq!(format!("{address:?}"), "…@xn--bcher-kva.example");
    }

    #[test]
    fn malformed_addresses_are_refused() {
        for text in [
            "",
            "@",
            "a@",
            "@b.example",
            "a b@c.example",
            "a@b",
            "a@b..example",
            "a@-b.example",
            "a@b.example\r\nBcc: c@d.example",
            "\"a b\"@c.example",
            "a@[127.0.0.1]",
            "a@@b.example",
            ".a@b.example",
            "a..b@c.example",
            "Ada <a@b.example>",
            "ä@b.example",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?} was accepted");
        }
        assert!(format!("{}@b.example", "a".repeat(300)).parse::<EmailAddress>().is_err());
    }
}
