//! What the servers said. Facts only: nothing here is judged.

use std::{collections::BTreeMap, net::SocketAddr};

use crate::RecordType;

/// A name in lower case, absolute, without a final dot. The root is empty.
pub type Name = String;

/// One record's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A TXT record: its strings, each of at most 255 bytes, as they are cut. Bytes that are no UTF-8 are replaced.
    Txt(Vec<String>),
    /// An MX record: preference and host. A null MX (RFC 7505) has the root as its host.
    Mx(u16, Name),
    /// A CNAME's target.
    Cname(Name),
    /// An address, A or AAAA.
    Address(std::net::IpAddr),
    /// A name server's name.
    Ns(Name),
    /// Which CAs may issue (RFC 8659).
    Caa {
        /// The flags; 128 is the one that counts: whoever does not know the tag must not issue.
        flags: u8,
        /// What the record says, such as `issue`.
        tag: String,
        /// About whom or what. Bytes that are no UTF-8 are replaced.
        value: String,
    },
    /// Something else, as in a zone file.
    Other(String),
}

/// Why a server gave no answer that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// It said that it failed (SERVFAIL).
    ServFail,
    /// It would not say (REFUSED), or does not hold the zone.
    Refused,
    /// It did not answer in time.
    TimeOut,
    /// It could not be reached: no address, or no route.
    Unreachable,
    /// What came was no answer to the question.
    Malformed,
}

/// What one server said to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The records of this name and type. A CNAME is followed within what this server holds; `Answer::aliases` has it.
    Records {
        /// Their contents, in the order of the answer.
        values: Vec<Value>,
        /// How long they may be remembered, in seconds.
        ttl: u32,
    },
    /// The name is there, and has none of this type.
    NoData {
        /// How long that may be remembered, in seconds (RFC 2308); none: the answer had no SOA.
        negative_ttl: Option<u32>,
    },
    /// There is no such name.
    NxDomain {
        /// As above.
        negative_ttl: Option<u32>,
    },
    /// No answer that can be used.
    Failed(Trouble),
}

/// One server's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The server: its name, or its address where only that is known.
    pub server: String,
    /// Where it was asked.
    pub address: SocketAddr,
    /// What it said.
    pub said: Said,
    /// The CNAMEs that were followed, first to last; at most 8 (more is `Failed(Malformed)`).
    pub aliases: Vec<Name>,
}

/// Every authoritative server's answer to one question, and a public resolver's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The authoritative servers', one each.
    pub authoritative: Vec<Answer>,
    /// What a public resolver still says; none where it was not asked.
    pub public: Option<Answer>,
}

/// An authoritative server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name in the NS set.
    pub name: Name,
    /// Its addresses; empty where it has none.
    pub addresses: Vec<SocketAddr>,
}

/// How the zone that holds the domain was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delegation {
    /// There are servers, and at least one answers for the zone.
    Found,
    /// The parent says that the registered domain does not exist.
    NotRegistered {
        /// The name that the parent does not know.
        name: Name,
    },
    /// The parent names servers, and none of them answers for the zone: no address, refused, or not authoritative.
    Lame,
    /// Somebody on the way could not be asked; nothing is known.
    Unknown(Trouble),
}

/// Everything that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// How the zone was found.
    pub delegation: Delegation,
    /// The zone that holds the domain (its cut, found by NS and SOA), as far as it is known.
    pub zone: Option<Name>,
    /// Its servers.
    pub servers: Vec<Server>,
    /// The answers, by name and type.
    pub answers: BTreeMap<(Name, RecordType), Answers>,
    /// The public resolver refuses the zone's answers since their signatures do not hold, and gives them when told not to check.
    pub dnssec_bogus: bool,
    /// A random name below the domain has records of a type: the zone answers with a wildcard.
    pub wildcard: Vec<RecordType>,
}
