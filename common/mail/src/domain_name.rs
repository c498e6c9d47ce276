//! Which names may be added as a sending domain, and which may be written into the settings.

use std::net::IpAddr;

use tenantry_model::{Domain, DomainError};

use crate::{domain_consumer::is_consumer, may_be_claimed};

/// Octets of the longest name: with the longest name of a record that lies below it, `<32 letters>._domainkey.`, a name may have 253
/// (RFC 1035 section 2.3.4).
const LONGEST: usize = 253 - 44;
/// Names that are nobody's by RFC 6761, 6762, 7686, 8375 and 9476, and by ICANN's resolution on `internal`; `arpa` is for
/// infrastructure (RFC 3172).
const RESERVED: [&str; 11] = [
    "alt",
    "arpa",
    "example",
    "example.com",
    "example.net",
    "example.org",
    "internal",
    "invalid",
    "local",
    "localhost",
    "onion",
];
/// Reserved as well (RFC 6761); a laptop's own domains are below it.
const TEST: &str = "test";

/// What is known where a name is judged.
#[derive(Debug, Clone, Copy)]
pub struct NameRules<'a> {
    /// The platform's own domains, as for [`may_be_claimed`].
    pub platform: &'a [Domain],
    /// Whether names below `.test` are accepted.
    pub test_names: bool,
}

/// Why a name cannot be a tenant's sending domain. `Display` says it to a person, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameRefusal {
    /// It is no domain name (IDNA UTS 46, LDH labels), or has one label only.
    #[error("{0}")]
    Malformed(DomainError),
    /// Records below it would have names that are too long.
    #[error("the name has {0} octets, and the names of its records lie below it; use one of {LONGEST} octets at most")]
    TooLong(usize),
    /// It is an address.
    #[error("this is an IP address; use a domain that you own, such as mail.yourcompany.com")]
    IpAddress,
    /// It is reserved, and in nobody's DNS.
    #[error("names below {0} are reserved and not in the public DNS; use a domain that you have registered")]
    Reserved(&'static str),
    /// It is the platform's, or lies around it.
    #[error("this domain belongs to the platform; use one of your own")]
    Platform,
    /// Anybody may register below it.
    #[error("this is a public suffix, below which anybody may register; use a domain that you have registered")]
    PublicSuffix,
    /// Anybody may have a mailbox at it.
    #[error("anybody may have a mailbox at this domain; use one of your own")]
    Consumer,
}

impl NameRefusal {
    /// The refusal in one word that programs decide by.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_name",
            Self::TooLong(_) => "name_too_long",
            Self::IpAddress => "ip_address",
            Self::Reserved(_) => "reserved_name",
            Self::Platform => "platform_domain",
            Self::PublicSuffix => "public_suffix",
            Self::Consumer => "consumer_domain",
        }
    }
}

impl NameRules<'_> {
    /// The domain of a name that a tenant wants to add, in A-labels or U-labels.
    ///
    /// # Errors
    /// Why it cannot be added.
    pub fn to_add(&self, text: &str) -> Result<Domain, NameRefusal> {
        let domain = self.own(text)?;
        let octets = domain.as_str().len();
        if octets > LONGEST { Err(NameRefusal::TooLong(octets)) } else { Ok(domain) }
    }

    /// The domain of a name that may be a tenant's own, whatever for.
    pub(crate) fn own(&self, text: &str) -> Result<Domain, NameRefusal> {
        if is_address(text) {
            return Err(NameRefusal::IpAddress);
        }
        let domain: Domain = text.parse().map_err(NameRefusal::Malformed)?;
        if is_address(domain.as_str()) {
            return Err(NameRefusal::IpAddress);
        }
        if let Some(reserved) = reserved(&domain).filter(|name| *name != TEST || !self.test_names) {
            return Err(NameRefusal::Reserved(reserved));
        }
        self.to_settings(&domain)?;
        Ok(domain)
    }

    /// Whether a domain may be written into the settings of mail, where it is a wish that nothing follows from until the domain is
    /// verified. Names that are in nobody's DNS are let pass there, and only there.
    ///
    /// # Errors
    /// Why it cannot be the tenant's: the platform's, a public suffix, or a consumer mail domain.
    pub fn to_settings(&self, domain: &Domain) -> Result<(), NameRefusal> {
        if !may_be_claimed(domain, self.platform) {
            return Err(NameRefusal::Platform);
        }
        if is_consumer(domain) {
            return Err(NameRefusal::Consumer);
        }
        let name = domain.as_str().as_bytes();
        if psl::suffix(name).is_some_and(|suffix| suffix.as_bytes() == name) {
            return Err(NameRefusal::PublicSuffix);
        }
        Ok(())
    }
}

/// Whether a domain is one that is registered as such, and not a subdomain: mail of a company's people usually comes from there.
#[must_use]
pub fn is_apex(domain: &Domain) -> bool {
    let name = domain.as_str().as_bytes();
    psl::domain(name).is_some_and(|registered| registered.as_bytes() == name)
}

/// The domain that is registered, which a name is or stands below (`acme.co.uk` for `portal.acme.co.uk`): authorities count by it.
#[must_use]
pub fn registered(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

/// A domain in the letters of its language (U-labels, RFC 5890). What cannot be shown safely stays as it is.
#[must_use]
pub fn unicode_name(domain: &Domain) -> String {
    match idna::domain_to_unicode(domain.as_str()) {
        (shown, Ok(())) => shown,
        (_, Err(_)) => domain.to_string(),
    }
}

/// `192.0.2.1`, `[2001:db8::1]`, and whatever ends in a number, which every resolver takes for an address.
fn is_address(text: &str) -> bool {
    let text = text.trim_start_matches('[').trim_end_matches(']');
    let last = text.rsplit('.').next().unwrap_or_default();
    text.parse::<IpAddr>().is_ok() || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
}

fn reserved(domain: &Domain) -> Option<&'static str> {
    let below = |reserved: &&str| {
        domain.as_str().strip_suffix(reserved).is_some_and(|front| front.is_empty() || front.ends_with('.'))
    };
    RESERVED.into_iter().chain([TEST]).find(|one| below(one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn added(text: &str, test_names: bool) -> Result<String, &'static str> {
        let platform = ["tenantry.app".parse().unwrap()];
        let rules = NameRules { platform: &platform, test_names };
        rules.to_add(text).map(|domain| domain.to_string()).map_err(|refusal| refusal.code())
    }

    #[test]
    fn a_name_is_accepted_in_a_labels() {
        for (text, name) in [
            ("Mail.Acme.COM", "mail.acme.com"),
            ("acme.org", "acme.org"),
            ("mail.bücher.de", "mail.xn--bcher-kva.de"),
            ("mail.xn--bcher-kva.de", "mail.xn--bcher-kva.de"),
            ("faß.de", "xn--fa-hia.de"),
            ("mail.公司.cn", "mail.xn--55qx5d.cn"),
            ("mail.acme.co.uk", "mail.acme.co.uk"),
            ("1.acme.com", "1.acme.com"),
            ("notgmail.com", "notgmail.com"),
            ("testexample.com", "testexample.com"),
        ] {
            assert_eq!(added(text, false).as_deref(), Ok(name), "{text}");
        }
        assert_eq!(added("mail.acme.test", true).as_deref(), Ok("mail.acme.test"));
    }

    #[test]
    fn each_refusal_has_its_code() {
        let long = |octets: usize| format!("{}.{}.{}.com", "a".repeat(63), "b".repeat(63), "c".repeat(octets - 132));
        assert_eq!((long(194).len(), added(&long(194), false).is_ok()), (194, true));
        let longer = format!("{}.{}", "d".repeat(15), long(194));
        for (text, code) in [
            (longer.as_str(), "name_too_long"),
            ("", "malformed_name"),
            ("acme", "malformed_name"),
            ("acme.com.", "malformed_name"),
            ("*.acme.com", "malformed_name"),
            ("a_b.acme.com", "malformed_name"),
            ("-a.acme.com", "malformed_name"),
            ("https://acme.com", "malformed_name"),
            ("me@acme.com", "malformed_name"),
            (&format!("{}.com", "a".repeat(64)), "malformed_name"),
            ("192.0.2.1", "ip_address"),
            ("[192.0.2.1]", "ip_address"),
            ("2001:db8::1", "ip_address"),
            ("[2001:db8::1]", "ip_address"),
            ("acme.123", "ip_address"),
            ("１９２.0.2.1", "ip_address"),
            ("mail.acme.test", "reserved_name"),
            ("mail.acme.example", "reserved_name"),
            ("mail.acme.invalid", "reserved_name"),
            ("mail.localhost", "reserved_name"),
            ("printer.local", "reserved_name"),
            ("acme.onion", "reserved_name"),
            ("acme.alt", "reserved_name"),
            ("mail.acme.internal", "reserved_name"),
            ("router.home.arpa", "reserved_name"),
            ("2.0.192.in-addr.arpa", "reserved_name"),
            ("example.com", "reserved_name"),
            ("mail.example.org", "reserved_name"),
            ("tenantry.app", "platform_domain"),
            ("acme.tenantry.app", "platform_domain"),
            ("co.uk", "public_suffix"),
            ("github.io", "public_suffix"),
            ("xn--55qx5d.cn", "public_suffix"),
            ("公司.cn", "public_suffix"),
            ("foo.ck", "public_suffix"),
            ("gmail.com", "consumer_domain"),
            ("mail.yahoo.co.uk", "consumer_domain"),
        ] {
            assert_eq!(added(text, false), Err(code), "{text}");
        }
        assert_eq!(added("mail.acme.example", true), Err("reserved_name"), "test names are names below .test");
    }

    #[test]
    fn the_settings_take_a_name_that_is_in_nobodys_dns_and_refuse_the_rest() {
        let rules = NameRules { platform: &["tenantry.app".parse().unwrap()], test_names: false };
        let code = |text: &str| rules.to_settings(&text.parse().unwrap()).map_err(|refusal| refusal.code());
        assert_eq!(code("mail.customer.example"), Ok(()));
        for (text, refusal) in
            [("x.tenantry.app", "platform_domain"), ("co.uk", "public_suffix"), ("gmail.com", "consumer_domain")]
        {
            assert_eq!(code(text), Err(refusal));
        }
    }

    #[test]
    fn an_apex_is_what_is_registered() {
        for (text, apex) in [
            ("acme.com", true),
            ("mail.acme.com", false),
            ("acme.co.uk", true),
            ("mail.acme.co.uk", false),
            ("acme.github.io", true),
            ("acme.test", true),
            ("mail.acme.test", false),
        ] {
            assert_eq!(is_apex(&text.parse().unwrap()), apex, "{text}");
        }
    }

    #[test]
    fn a_name_is_shown_in_its_own_letters() {
        for (name, shown) in [("mail.bücher.de", "mail.bücher.de"), ("mail.acme.com", "mail.acme.com")] {
            assert_eq!(unicode_name(&name.parse().unwrap()), shown);
        }
    }
}
