//! Names that people type: of tenants, companies and persons, and the keys that callers choose.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// Why a name is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {reason}")]
pub struct NameError {
    what: &'static str,
    reason: String,
}

fn parse(what: &'static str, max: usize, text: &str) -> Result<String, NameError> {
    let refuse = |reason: String| Err(NameError { what, reason });
    let text = text.trim();
    if text.is_empty() {
        return refuse("is empty".into());
    }
    if text.chars().any(char::is_control) {
        return refuse("contains a line break or a control character".into());
    }
    if text.chars().count() > max {
        return refuse(format!("is longer than {max} characters"));
    }
    Ok(text.to_owned())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                parse($what, $max, text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

name!(
    /// The name of a tenant, 1 to 200 characters.
    TenantName, "the tenant's name", 200
);
name!(
    /// The name of a company, 1 to 200 characters.
    CompanyName, "the company's name", 200
);
name!(
    /// A given or family name, 1 to 100 characters.
    PersonName, "the person's name", 100
);
name!(
    /// The plan a tenant is on, 1 to 64 characters; `basic` where none is named.
    ContractLine, "the contract line", 64
);
name!(
    /// The caller's own key for a tenant, 1 to 255 characters.
    ExternalKey, "the external key", 255
);

impl Default for ContractLine {
    fn default() -> Self {
        Self("basic".to_owned())
    }
}

/// A label made of a tenant's name, for host names and file names: `a-z`, `0-9` and inner hyphens, 1 to 40 octets.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// The slug of a name; letters outside ASCII are dropped, and a name without any usable letter becomes `tenant`.
    #[must_use]
    pub fn of(name: &TenantName) -> Self {
        let mut slug = String::new();
        for c in name.as_str().chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            if slug.len() == 40 {
                break;
            }
        }
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "tenant".to_owned() } else { slug.to_owned() })
    }

    /// A slug that was stored: one label of a domain name (RFC 1035), 1 to 63 of `a-z 0-9 -`, no hyphen at either end.
    #[must_use]
    pub fn stored(text: &str) -> Option<Self> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let whole = (1..=63).contains(&text.len()) && text.bytes().all(good);
        (whole && !text.starts_with('-') && !text.ends_with('-')).then(|| Self(text.to_owned()))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_bounded() {
        assert_eq!("  Acme ".parse::<TenantName>().map(|n| n.to_string()), Ok("Acme".to_owned()));
        assert!("   ".parse::<TenantName>().is_err());
        assert!("a\nb".parse::<TenantName>().is_err());
        assert!("x".repeat(201).parse::<TenantName>().is_err());
    }

    #[test]
    fn a_slug_is_a_label() {
        let slug = |name: &str| Slug::of(&name.parse().expect("a name")).as_str().to_owned();
        assert_eq!(slug("Acme, Inc."), "acme-inc");
        assert_eq!(slug("Bücher & Söhne"), "b-cher-s-hne");
        assert_eq!(slug("東京"), "tenant");
        assert_eq!(slug(&"a-".repeat(60)).len(), 39);
    }
}
