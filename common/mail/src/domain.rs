//! Domains as they are compared: lower-case A-labels, nothing else.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};
use tenantry_model::{EmailAddress, Slug};

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

/// Whether a tenant may call a domain its own, before it has proved anything: not one of the platform's domains, none
/// below one (that is another tenant's) and none above one.
///
/// `platform` holds what [`platform_base`] says, and every default domain of a provider. That no other tenant holds the
/// domain is for the database to say.
#[must_use]
pub fn may_be_claimed(domain: &Domain, platform: &[Domain]) -> bool {
    let below = |one: &Domain, other: &Domain| one.0.strip_suffix(&other.0).is_some_and(|rest| rest.ends_with('.'));
    !platform.iter().any(|ours| domain == ours || below(domain, ours) || below(ours, domain))
}

/// The place in a pattern where the tenant's slug goes.
const TENANT: &str = "{tenant}";

/// A tenant's subdomain from a pattern such as `{tenant}.example.com`.
///
/// # Errors
/// The pattern does not hold `{tenant}` exactly once as its whole first label, or the outcome is no domain.
pub fn subdomain_pattern(pattern: &str, slug: &Slug) -> Result<Domain, DomainError> {
    // A pattern without the tenant would give every tenant the same domain, and so each other's addresses.
    platform_base(pattern).and_then(|base| format!("{}.{base}", slug.as_str()).parse())
}

/// The domain that all tenants' subdomains are below: `example.com` of `{tenant}.example.com`.
///
/// # Errors
/// As [`subdomain_pattern`].
pub fn platform_base(pattern: &str) -> Result<Domain, DomainError> {
    match pattern.strip_prefix(TENANT).and_then(|rest| rest.strip_prefix('.')) {
        Some(base) if !base.contains(TENANT) => base.parse(),
        _ => Err(DomainError { reason: "the pattern does not begin with the label {tenant}" }),
    }
}

/// A tenant's From address from a pattern such as `noreply@{tenant}.example.com`.
///
/// # Errors
/// As [`subdomain_pattern`] for what follows the `@`; or what precedes it is no local part.
pub fn from_pattern(pattern: &str, slug: &Slug) -> Result<EmailAddress, DomainError> {
    match pattern.split_once('@') {
        Some((local, domain)) => subdomain_pattern(domain, slug)?.address(local),
        None => Err(DomainError { reason: "the pattern has no @" }),
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

    #[test]
    fn a_tenant_gets_a_domain_of_its_own_or_none() {
        let slug = Slug::of(&"Acme Inc".parse().unwrap());
        assert_eq!(subdomain_pattern("{tenant}.example.com", &slug).unwrap().as_str(), "acme-inc.example.com");
        assert_eq!(
            from_pattern("noreply@{tenant}.example.com", &slug).unwrap().as_str(),
            "noreply@acme-inc.example.com"
        );
        for pattern in [
            "example.com",
            "x-{tenant}.example.com",
            "{tenant}",
            "{tenant}x.example.com",
            "{tenant}.{tenant}.com",
            "a.{tenant}.com",
            "",
        ] {
            assert!(subdomain_pattern(pattern, &slug).is_err(), "{pattern:?} was accepted");
        }
        for pattern in
            ["noreply@example.com", "{tenant}@example.com", "{tenant}.example.com", "a b@{tenant}.example.com"]
        {
            assert!(from_pattern(pattern, &slug).is_err(), "{pattern:?} was accepted");
        }
    }

    #[test]
    fn nobody_claims_a_domain_of_the_platform() {
        let platform = [platform_base("{tenant}.mail.example.com").unwrap(), "example.net".parse().unwrap()];
        let may = |text: &str| may_be_claimed(&text.parse().unwrap(), &platform);
        for theirs in ["acme.org", "mail.acme.org", "notexample.net", "notmail.example.com", "www.example.com"] {
            assert!(may(theirs), "{theirs}");
        }
        for ours in
            ["mail.example.com", "other.mail.example.com", "a.b.Mail.Example.COM", "example.com", "x.example.net"]
        {
            assert!(!may(ours), "{ours}");
        }
        assert!(platform_base("example.com").is_err() && platform_base("{tenant}.com").is_err());
    }
}
