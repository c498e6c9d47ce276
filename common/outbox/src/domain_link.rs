//! The link by which the person who manages the DNS sees how a domain stands, without logging in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tenantry_model::RunId;
use tenantry_secrets::Sealer;
use time::OffsetDateTime;
use uuid::Uuid;

/// What the sealed token is bound to, so that nothing else that was sealed is one.
const CONTEXT: &[u8] = b"domain-link";
/// A domain's id, and Unix seconds.
const ID: usize = 16;
const LENGTH: usize = ID + size_of::<i64>();

/// Makes and reads links to the page of one domain. A link shows that page and nothing else, until it expires; whoever has it may
/// look. Two links of the same domain and time differ, since sealing is randomized: both open.
#[derive(Debug, Clone)]
pub struct DomainLinks {
    sealer: Sealer,
    base: String,
}

impl DomainLinks {
    /// Links below the public address of the pages, such as `https://app.example.com`.
    #[must_use]
    pub fn new(sealer: Sealer, public_url: &str) -> Self {
        Self { sealer, base: public_url.trim_end_matches('/').to_owned() }
    }

    /// The link to a domain, good until `expires_at` (whole seconds): `<public>/dns/<token>`. Without randomness in the system, which
    /// does not happen in practice, a link that opens nothing.
    #[must_use]
    pub fn url(&self, domain: RunId, expires_at: OffsetDateTime) -> String {
        let plain = [&domain.0.into_bytes()[..], &expires_at.unix_timestamp().to_be_bytes()].concat();
        let sealed = self.sealer.seal(&plain, CONTEXT).unwrap_or_default();
        format!("{}/dns/{}", self.base, URL_SAFE_NO_PAD.encode(sealed))
    }

    /// The domain of a link's last part; none when we did not make it, when it is a link for something else, or when it has
    /// expired at `now`.
    #[must_use]
    pub fn open(&self, token: &str, now: OffsetDateTime) -> Option<RunId> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let plain = self.sealer.open_bytes(&sealed, CONTEXT).ok()?;
        let (id, expires_at) = plain.split_at_checked(ID).filter(|_| plain.len() == LENGTH)?;
        let expires_at = i64::from_be_bytes(expires_at.try_into().ok()?);
        (now.unix_timestamp() < expires_at).then_some(RunId(Uuid::from_slice(id).ok()?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tenantry_mail::{Category, UnsubscribeToken};
    use tenantry_model::TenantId;
    use time::Duration;

    use super::*;
    use crate::Unsubscribe;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn sealer(keys: &str) -> Sealer {
        Sealer::new(&keys.to_owned().into()).unwrap()
    }

    const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn links(keys: &str) -> DomainLinks {
        DomainLinks::new(sealer(keys), "https://app.example.com/")
    }

    fn token(url: &str) -> &str {
        url.strip_prefix("https://app.example.com/dns/").unwrap()
    }

    #[test]
    fn a_link_opens_its_domain_until_it_expires() {
        let domain = RunId(Uuid::from_u128(7));
        let url = links(OLD).url(domain, NOW + Duration::days(14));
        let token = token(&url);
        assert!(token.len() < 100 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(links(OLD).open(token, NOW), Some(domain));
        assert_eq!(links(OLD).open(token, NOW + Duration::days(14) - Duration::SECOND), Some(domain));
        assert_eq!(links(OLD).open(token, NOW + Duration::days(14)), None);
        assert_eq!(links(&format!("{NEW},{OLD}")).open(token, NOW), Some(domain), "keys rotate");
    }

    #[test]
    fn nobody_else_can_make_one() {
        let url = links(OLD).url(RunId(Uuid::from_u128(7)), NOW + Duration::days(14));
        let token = token(&url);
        for at in 0..token.len() {
            let mut changed = token.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(links(OLD).open(&String::from_utf8(changed).unwrap(), NOW), None, "letter {at}");
            assert_eq!(links(OLD).open(&token[..at], NOW), None, "cut at {at}");
        }
        assert_eq!(links(NEW).open(token, NOW), None, "another key's");
    }

    #[test]
    fn what_was_sealed_for_something_else_is_no_link() {
        let tenant = TenantId(Uuid::from_u128(1));
        let category: Category = "marketing".parse().unwrap();
        let token_of = UnsubscribeToken { tenant, recipient: "a@b.example".parse().unwrap(), category };
        let unsubscribe = Unsubscribe::new(sealer(OLD), "https://app.example.com");
        let link = unsubscribe.link(&token_of).unwrap();
        let unsubscribing = link.rsplit('/').next().unwrap();
        assert!(unsubscribe.read(unsubscribing).is_some());
        assert_eq!(links(OLD).open(unsubscribing, NOW), None);

        let url = links(OLD).url(RunId(Uuid::from_u128(7)), NOW + Duration::days(14));
        assert!(unsubscribe.read(token(&url)).is_none());

        // The same bytes, sealed for a row.
        let plain = [[7; ID].as_slice(), &i64::MAX.to_be_bytes()].concat();
        for context in [b"".as_slice(), b"user 1"] {
            let sealed = URL_SAFE_NO_PAD.encode(sealer(OLD).seal(&plain, context).unwrap());
            assert_eq!(links(OLD).open(&sealed, NOW), None);
        }
    }
}
