//! Domains as they are compared: lower-case A-labels, nothing else.

use std::{fmt, str::FromStr};

use crate::EmailAddress;
use serde::{Deserialize, Deserializer, Serialize};

/// A domain name of at least two labels in lower-case A-labels (UTS 46, strict), at most 246 octets (so that
/// `noreply@` fits before it), without a trailing dot.
///
/// Two domains are the same exactly when their texts are equal: there is no "ends with" here, on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Domain(String);

/// The local part of an address that nobody chose.
const NOREPLY: &str = "noreply";

/// Why a text is no domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; a domain looks like mail.example.com")]
pub struct DomainError {
    reason: &'static str,
}

impl DomainError {
    /// Why, in words that end before a semicolon.
    #[must_use]
    pub fn new(reason: &'static str) -> Self {
        Self { reason }
    }
}

impl Domain {
    /// Whether an address is at this domain: the whole domain, no other and no subdomain.
    #[must_use]
    pub fn is_of(&self, address: &EmailAddress) -> bool {
        self.0 == address.domain()
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `noreply@` this domain.
    #[must_use]
    pub fn noreply(&self) -> EmailAddress {
        #[allow(clippy::expect_used, reason = "parsing the domain parsed this address")]
        format!("{NOREPLY}@{self}").parse().expect("a domain was parsed as a part of this very address")
    }

    /// An address at this domain.
    ///
    /// # Errors
    /// The local part is no local part, or the address becomes longer than 254 octets.
    pub fn address(&self, local: &str) -> Result<EmailAddress, DomainError> {
        let refuse = DomainError { reason: "the part before the @ is not well formed" };
        let address: EmailAddress = format!("{local}@{self}").parse().map_err(|_| refuse.clone())?;
        if address.domain() == self.as_str() { Ok(address) } else { Err(refuse) }
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        let refuse = |reason| Err(DomainError { reason });
        if text.trim() != text || text.is_empty() {
            return refuse("the domain is empty or has space around it");
        }
        if text.ends_with('.') {
            return refuse("the domain ends with a dot");
        }
        if text.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit())) {
            return refuse("the domain is an address, or ends in a number");
        }
        // The one reader of domains is the address's: whatever it makes of a domain is what we compare.
        match format!("{NOREPLY}@{text}").parse::<EmailAddress>() {
            Ok(address) if !text.contains('@') => Ok(Self(address.domain().to_owned())),
            _ => refuse("the domain is not a valid host name of two labels and more"),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_domain_is_read_into_lower_case_a_labels() {
        for (text, domain) in [
            ("Example.COM", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<Domain>().unwrap().as_str(), domain);
        }
        for text in [
            "",
            ".",
            "com",
            "example.com.",
            " example.com",
            "example.com\n",
            "a@example.com",
            "a..example",
            "-a.example",
            "a_b.example",
            "[127.0.0.1]",
            "127.0.0.1",
            "mail.123",
            "example.com/x",
            "*.example.com",
        ] {
            assert!(text.parse::<Domain>().is_err(), "{text:?} was accepted");
            assert!(serde_json::from_value::<Domain>(serde_json::json!(text)).is_err());
        }
    }

    #[test]
    fn every_domain_has_a_noreply_address() {
        let longest = format!("{0}.{0}.{0}.{1}", "d".repeat(60), "e".repeat(63));
        assert_eq!(longest.len(), 246);
        let longest: Domain = longest.parse().unwrap();
        assert!(longest.is_of(&longest.noreply()));
        assert!(format!("{0}.{0}.{0}.d.{1}", "d".repeat(60), "e".repeat(63)).parse::<Domain>().is_err());
    }

    #[test]
    fn an_address_at_a_domain_is_at_this_domain() {
        let domain: Domain = "example.com".parse().unwrap();
        assert_eq!(domain.address("billing").unwrap().as_str(), "billing@example.com");
        for local in ["", "a b", "a@evil.example", "a\r\nb", "\"a\"", ".a"] {
            assert!(domain.address(local).is_err(), "{local:?} was accepted");
        }
    }
}
