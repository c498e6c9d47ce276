//! What was seen of a hostname, judged.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Finding, HostHint, RecordReport, Wanted};

/// Where a hostname leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pointing {
    /// Through CNAMEs, of which one leads to this tenant's canonical host. That is proof, too: every canonical host has one tenant.
    Cname,
    /// To the canonical host's addresses without its name: an address record, or a CNAME that the DNS host resolved itself. All
    /// tenants' hosts have these addresses, so this is no proof of which tenant is meant.
    Flattened,
    /// To a proxy, behind which nobody can look.
    Proxied,
    /// Certainly somewhere else.
    Elsewhere,
    /// Certainly nowhere: there is no such name, or it has neither an alias nor an address.
    Missing,
    /// Nobody could say, or the servers say different things. Never counted as missing.
    Unclear,
}

/// Whether the CA may issue a certificate for the hostname, by HTTP-01 to our account (RFC 8659, RFC 8657).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Caa {
    /// Nothing forbids it.
    Allows,
    /// Records forbid it.
    Forbids {
        /// The name at which they stand: the hostname, one above it, or one that it is an alias of.
        at: String,
        /// All CAA records there, as a zone file says them.
        records: Vec<String>,
    },
    /// A name could not be asked. The CA would get no answer either, and refuse the order.
    Unclear {
        /// Which.
        at: String,
    },
}

/// Everything that can be said of a hostname after a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostReport {
    /// The hostname.
    pub host: String,
    /// The tenant's canonical host.
    pub target: String,
    /// Where the hostname leads.
    pub pointing: Pointing,
    /// Whether the tenant has shown that the name is its own: by a chain of CNAMEs to its canonical host, or by the text. None:
    /// nobody could say.
    pub proven: Option<bool>,
    /// Whether the CA may issue.
    pub caa: Caa,
    /// What the hostname leads to now, in one line.
    pub observed: String,
    /// The CNAMEs from the hostname on, first to last; of the first server that has any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<String>,
    /// The addresses that the hostname has in the end, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// The record to create: the CNAME.
    pub record_to_create: Wanted,
    /// Its name as it is typed into a panel that adds the zone by itself: `portal`, or `@` for the zone. None: no zone is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_in_zone: Option<String>,
    /// The text that shows whose the name is, and how it stands. It is needed only where a CNAME cannot show it.
    pub ownership: RecordReport,
    /// The hostname is the top of its zone, where no CNAME can stand.
    pub apex: bool,
    /// The zone that holds the hostname.
    pub zone: Option<String>,
    /// Who hosts the zone, where that is recognised.
    pub host_hint: Option<HostHint>,
    /// What was found, what matters most first.
    pub findings: Vec<Finding>,
}

impl HostReport {
    /// Whether the hostname leads to this tenant's portal and the tenant has shown that it is its own: by a CNAME, or by
    /// addresses together with the text. None: nobody could say, which is no "no".
    #[must_use]
    pub fn matches(&self) -> Option<bool> {
        match (self.pointing, self.proven) {
            (Pointing::Cname, _) => Some(true),
            (Pointing::Flattened, proven) => proven,
            (Pointing::Unclear, _) => None,
            (Pointing::Proxied | Pointing::Elsewhere | Pointing::Missing, _) => Some(false),
        }
    }

    /// The findings because of which an order at the CA would fail.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| blocks_certificate(&finding.code))
    }
}

/// Whether an order at the CA is of no use while there is a finding of this code: it would fail, and count against the limits.
#[must_use]
pub fn blocks_certificate(code: &str) -> bool {
    crate::check::blocks_certificate(code)
}
