//! Which names may lead to a tenant's portal.

use tenantry_model::Domain;

use crate::{NameRefusal, NameRules, is_apex};

/// Octets of the longest name: names of at most 253 (RFC 1035 section 2.3.4) lie below it, of which `_acme-challenge.` is the longest
/// that is looked at.
const LONGEST: usize = 253 - 16;

/// A name that may lead to a tenant's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalName {
    /// The name, in lower-case A-labels.
    pub host: Domain,
    /// It is registered as such. No CNAME can stand there: it works only where the DNS host has a record in its place, and address
    /// records do not show whose the name is. Worth a warning.
    pub apex: bool,
}

/// Why a name cannot lead to a tenant's portal. `Display` says it to a person, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words())]
pub struct PortalNameRefusal(NameRefusal);

impl PortalNameRefusal {
    /// The refusal in one word that programs decide by: as [`NameRefusal::code`], with `name_too_long` from 238 octets on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    fn words(&self) -> String {
        match &self.0 {
            NameRefusal::Malformed(_) => {
                "this is not a host name: letters, digits and hyphens between dots, without https://, a port, a path or a wildcard; use \
                 one such as portal.yourcompany.com"
                    .to_owned()
            }
            NameRefusal::TooLong(octets) => format!("the name has {octets} octets; use one of {LONGEST} octets at most"),
            NameRefusal::IpAddress => "this is an IP address; use a name such as portal.yourcompany.com".to_owned(),
            NameRefusal::Platform => "this name belongs to the platform; use one of your own domain's".to_owned(),
            NameRefusal::PublicSuffix | NameRefusal::Reserved(_) | NameRefusal::Consumer => self.0.to_string(),
        }
    }
}

impl NameRules<'_> {
    /// The name of a host that a tenant wants its portal at, in A-labels or U-labels. [`NameRules::platform`] holds the zone of the
    /// canonical hosts, and every name that the platform itself answers at.
    ///
    /// # Errors
    /// Why it cannot be.
    pub fn to_portal(&self, text: &str) -> Result<PortalName, PortalNameRefusal> {
        let host = self.own(text).map_err(PortalNameRefusal)?;
        let octets = host.as_str().len();
        if octets > LONGEST {
            return Err(PortalNameRefusal(NameRefusal::TooLong(octets)));
        }
        let apex = is_apex(&host);
        Ok(PortalName { host, apex })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn portal(text: &str, test_names: bool) -> Result<(String, bool), PortalNameRefusal> {
        let platform = ["portal.tenantry.app".parse().unwrap(), "console.tenantry.net".parse().unwrap()];
        let rules = NameRules { platform: &platform, test_names };
        rules.to_portal(text).map(|name| (name.host.to_string(), name.apex))
    }

    #[test]
    fn a_name_is_accepted_in_lower_case_a_labels_and_an_apex_is_told() {
        for (text, name, apex) in [
            ("Portal.Acme.COM", "portal.acme.com", false),
            ("portal.bücher.de", "portal.xn--bcher-kva.de", false),
            ("a.b.c.acme.co.uk", "a.b.c.acme.co.uk", false),
            ("acme.com", "acme.com", true),
            ("acme.co.uk", "acme.co.uk", true),
            ("tenantry.net.acme.com", "tenantry.net.acme.com", false),
        ] {
            assert_eq!(portal(text, false), Ok((name.to_owned(), apex)), "{text}");
        }
        assert_eq!(portal("portal.acme.test", true), Ok(("portal.acme.test".to_owned(), false)));
    }

    #[test]
    fn each_refusal_has_its_code_and_says_what_to_do() {
        let long = |octets: usize| format!("{0}.{0}.{0}.{1}.com", "a".repeat(60), "c".repeat(octets - 187));
        assert_eq!((long(237).len(), portal(&long(237), false).is_ok()), (237, true));
        for (text, code) in [
            (long(238).as_str(), "name_too_long"),
            ("", "malformed_name"),
            ("portal", "malformed_name"),
            ("*.acme.com", "malformed_name"),
            ("portal_1.acme.com", "malformed_name"),
            ("https://portal.acme.com", "malformed_name"),
            ("portal.acme.com:8443", "malformed_name"),
            ("portal.acme.com/", "malformed_name"),
            ("portal.acme.com.", "malformed_name"),
            ("192.0.2.1", "ip_address"),
            ("2001:db8::1", "ip_address"),
            ("portal.acme.test", "reserved_name"),
            ("portal.acme.internal", "reserved_name"),
            ("portal.example.com", "reserved_name"),
            ("portal.tenantry.app", "platform_domain"),
            ("a1b2c3d.portal.tenantry.app", "platform_domain"),
            ("tenantry.app", "platform_domain"),
            ("console.tenantry.net", "platform_domain"),
            ("co.uk", "public_suffix"),
            ("github.io", "public_suffix"),
        ] {
            let refusal = portal(text, false).unwrap_err();
            assert_eq!(refusal.code(), code, "{text}");
            let words = refusal.to_string();
            assert!(words.contains("use") && !words.contains("mail."), "{text}: {words}");
        }
    }
}
