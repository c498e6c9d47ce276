//! What a zone has to say to a question: records, "no", or "ask over there" (RFC 1034 section 4.3.2, RFC 4592).

use super::zone::Zone;
use hickory_server::proto::rr::{self, LowerName, Name, Record, RecordType};
use std::sync::Arc;

/// How a question is answered.
pub(super) enum Course {
    /// With the records there are, a wildcard's included: hickory's part.
    Records,
    /// The name is there, and has none of this type.
    NoData,
    /// There is no such name.
    NxDomain,
    /// The name is another server's.
    Referral(Referral),
}

/// The way to the servers of a zone below.
pub(super) struct Referral {
    /// Their NS records.
    pub(super) servers: Arc<rr::RecordSet>,
    /// What this zone knows of their addresses.
    pub(super) glue: Vec<Arc<rr::RecordSet>>,
}

impl Referral {
    pub(super) fn glue(&self) -> impl Iterator<Item = &Record> + Send {
        self.glue.iter().flat_map(|set| set.records_without_rrsigs())
    }
}

impl Zone {
    /// How this zone, which holds the name, answers.
    pub(super) fn course(&self, name: &LowerName, kind: RecordType) -> Course {
        if let Some(referral) = self.cut(name, kind) {
            return Course::Referral(referral);
        }
        // Only what is not there at all may come from a wildcard, and only from the one right below the last name that is.
        let node = if self.has_name(name) {
            name.clone()
        } else {
            let mut encloser = name.base_name();
            while !self.has_name(&encloser) {
                encloser = encloser.base_name();
            }
            let Ok(wildcard) = Name::from(encloser).prepend_label("*") else { return Course::NxDomain };
            LowerName::from(wildcard)
        };
        match self.has_name(&node) {
            false => Course::NxDomain,
            true if [kind, RecordType::CNAME].iter().any(|kind| self.has(&node, *kind)) || kind == RecordType::ANY => {
                Course::Records
            }
            true => Course::NoData,
        }
    }

    /// Where the name is at or below a delegation: to whom. The highest counts.
    fn cut(&self, name: &LowerName, kind: RecordType) -> Option<Referral> {
        let top = LowerName::from(self.origin());
        let (mut at, mut found) = (name.clone(), None);
        while at != top && !at.is_root() {
            // The parent itself says whether a delegation is signed (RFC 4035 section 3.1.4.1).
            if let Some(servers) = self.records(&at, RecordType::NS).filter(|_| at != *name || kind != RecordType::DS) {
                found = Some(servers);
            }
            at = at.base_name();
        }
        let servers = found?;
        let named = servers.records_without_rrsigs().filter_map(|record| match &record.data {
            rr::RData::NS(server) => Some(LowerName::from(&server.0)),
            _ => None,
        });
        let addresses = |server: LowerName| {
            [RecordType::A, RecordType::AAAA].into_iter().filter_map(move |kind| self.records(&server, kind))
        };
        Some(Referral { glue: named.flat_map(addresses).collect(), servers })
    }
}
