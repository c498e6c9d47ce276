//! Which domains nobody may call their own.

use tenantry_mail::{may_be_claimed, platform_base};
use tenantry_model::Domain;

use crate::state::ApiState;

/// Where anybody may have a mailbox, so that nobody owns it. Large ones only: that a domain is the tenant's own is shown by its
/// DNS, and these would never show it.
const CONSUMER: [&str; 32] = [
    "aol.com",
    "fastmail.com",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "hotmail.de",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "t-online.de",
    "web.de",
    "yahoo.com",
    "yandex.ru",
];

/// Why a domain cannot be a tenant's own; none: it may be.
pub(crate) fn refusal(state: &ApiState, domain: &Domain) -> Option<&'static str> {
    let mail = &state.mail;
    let mut platform: Vec<Domain> = mail.accounts.0.iter().filter_map(|one| one.default_domain.clone()).collect();
    platform.extend(platform_base(&mail.patterns.subdomain));
    platform.extend(mail.from.0.domain().parse::<Domain>());
    if !may_be_claimed(domain, &platform) {
        return Some("This domain belongs to the platform.");
    }
    if CONSUMER.contains(&domain.as_str()) {
        return Some("Anybody may have a mailbox at this domain; use one of your own.");
    }
    let public =
        psl::suffix(domain.as_str().as_bytes()).is_some_and(|suffix| suffix.as_bytes() == domain.as_str().as_bytes());
    public.then_some("This is a public suffix, below which anybody may register; use a domain of your own.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_consumer_domains_is_sorted_and_each_is_a_domain() {
        assert!(CONSUMER.is_sorted());
        assert!(CONSUMER.iter().all(|domain| domain.parse::<Domain>().is_ok_and(|parsed| parsed.as_str() == *domain)));
    }
}
