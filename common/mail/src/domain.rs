//! Which domains are whose: the platform's, its tenants' places in them, and those that nobody may claim.

use tenantry_model::{Domain, DomainError, EmailAddress, Slug};

/// Whether a tenant may call a domain its own, before it has proved anything: not one of the platform's domains, none
/// below one (that is another tenant's) and none above one.
///
/// `platform` holds what [`platform_base`] says, and every default domain of a provider. That no other tenant holds the
/// domain is for the database to say.
#[must_use]
pub fn may_be_claimed(domain: &Domain, platform: &[Domain]) -> bool {
    let below = |one: &Domain, other: &Domain| {
        one.as_str().strip_suffix(other.as_str()).is_some_and(|rest| rest.ends_with('.'))
    };
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
        _ => Err(DomainError::new("the pattern does not begin with the label {tenant}")),
    }
}

/// A tenant's From address from a pattern such as `noreply@{tenant}.example.com`.
///
/// # Errors
/// As [`subdomain_pattern`] for what follows the `@`; or what precedes it is no local part.
pub fn from_pattern(pattern: &str, slug: &Slug) -> Result<EmailAddress, DomainError> {
    match pattern.split_once('@') {
        Some((local, domain)) => subdomain_pattern(domain, slug)?.address(local),
        None => Err(DomainError::new("the pattern has no @")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
