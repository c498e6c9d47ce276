//! Which domains a provider's account may send from, as configured.

use std::{fmt, str::FromStr};

use crate::ConfigError;

/// `example.com`: this domain; `*.example.com`: every domain below it, but not itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainPattern {
    domain: String,
    below: bool,
}

impl DomainPattern {
    /// Whether a domain is meant. Compared label by label, in lower-case A-labels: `evil-example.com` is not below
    /// `example.com`.
    #[must_use]
    pub fn matches(&self, domain: &str) -> bool {
        if !self.below {
            return self.domain.eq_ignore_ascii_case(domain);
        }
        let Some(cut) = domain.len().checked_sub(self.domain.len() + 1) else { return false };
        let (Some(front), Some(end)) = (domain.get(..cut), domain.get(cut..)) else { return false };
        let labels = !front.is_empty() && front.split('.').all(|label| !label.is_empty());
        labels && end.strip_prefix('.').is_some_and(|end| self.domain.eq_ignore_ascii_case(end))
    }
}

impl FromStr for DomainPattern {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let text = text.trim();
        let (domain, below) = text.strip_prefix("*.").map_or((text, false), |domain| (domain, true));
        // Parsed as the domain of an address is: the two are compared with each other.
        let address: Result<tenantry_model::EmailAddress, _> = format!("x@{domain}").parse();
        let address = address.map_err(|_| {
            ConfigError(format!(
                "{:?} is no domain; write example.com or *.example.com",
                text.escape_default().to_string()
            ))
        })?;
        Ok(Self { domain: address.domain().to_owned(), below })
    }
}

impl fmt::Display for DomainPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.domain)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_pattern_means_whole_labels() {
        let of = |text: &str| text.parse::<DomainPattern>().unwrap();
        let exact = of(" Bücher.Example ");
        assert!(exact.matches("xn--bcher-kva.example"));
        assert!(!exact.matches("a.xn--bcher-kva.example"));
        let below = of("*.example.com");
        for domain in ["a.example.com", "a.b.example.com"] {
            assert!(below.matches(domain), "{domain}");
        }
        for domain in
            ["example.com", ".example.com", "evil-example.com", "a.example.com.evil.org", "com", "", "a..example.com"]
        {
            assert!(!below.matches(domain), "{domain}");
        }
        assert_eq!((exact.to_string(), below.to_string()), ("xn--bcher-kva.example".into(), "*.example.com".into()));
    }

    #[test]
    fn what_is_no_domain_is_no_pattern() {
        for text in ["", "*", "*.", "*.*.example.com", "a.*.example.com", "com", "a b.example", "x@example.com"] {
            assert!(text.parse::<DomainPattern>().is_err(), "{text:?}");
        }
    }
}
