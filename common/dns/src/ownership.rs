//! The record that shows whose a zone is.

use crate::{Purpose, RecordType, Wanted};

/// What a domain's owner publishes to show that the zone is its own: a TXT record below the domain, with a random text that was made
/// for this owner and nobody else.
#[must_use]
pub fn ownership(domain: &str, token: &str) -> Wanted {
    Wanted {
        purpose: Purpose::Ownership,
        kind: RecordType::Txt,
        name: format!("_tenantry.{domain}"),
        value: format!("tenantry-verify={token}"),
        priority: None,
        ttl: None,
        required: true,
    }
}
