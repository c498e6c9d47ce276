//! The second question: what the DNS of a portal's hostname holds. What should be there, what was seen, what it means.

mod report;

pub use report::{Caa, HostReport, Pointing, blocks_certificate};

use crate::{Name, Purpose, RecordType, Seen, Wanted, render::plain};

/// A hostname that is to lead to a tenant's portal. It is one name, never a wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostWanted {
    /// The tenant's own name, in lower-case A-labels without a final dot: `portal.customer.com`.
    pub host: Name,
    /// The tenant's canonical host, which nobody else has: `a1b2c3d.portal.example.com`. The name without its first label is the
    /// zone in which the canonical hosts of all tenants are.
    pub target: Name,
    /// The text that shows whose the name is where addresses cannot: see [`ownership`](crate::ownership).
    pub ownership: Wanted,
    /// The CA's name in CAA records (RFC 8659): `letsencrypt.org`.
    pub ca: String,
    /// The URI of the account that orders (RFC 8657). None: not known; then a record that lets in one account only lets in none.
    pub ca_account: Option<String>,
}

impl HostWanted {
    /// The record that the tenant is to create: a CNAME from its name to the canonical host.
    #[must_use]
    pub fn record(&self) -> Wanted {
        Wanted {
            purpose: Purpose::Portal,
            kind: RecordType::Cname,
            name: plain(&self.host),
            value: plain(&self.target),
            priority: None,
            ttl: None,
            required: true,
        }
    }
}

/// What was seen of a hostname: facts only. [`Resolver::look_at_host`](crate::Resolver::look_at_host) makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSeen {
    /// The zone that holds the hostname, its servers, and the answers. Of the hostname, of the canonical host, of the text for
    /// ownership, of `_acme-challenge`, of the names where the record lands by mistake; and the CAA records of the hostname and
    /// of every name above it.
    pub seen: Seen,
    /// A resolver that checks signatures refuses the canonical host itself. Then what it refuses of the hostname is not the
    /// tenant's fault.
    pub target_bogus: bool,
}
