//! Why an edit of a zone is refused.

/// What was wrong with an edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not a domain name.
    #[error("{0:?} is not a domain name")]
    Name(String),
    /// No zone here holds this name.
    #[error("no zone here holds {0}: make the zone first")]
    Zone(String),
    /// Not a record type, or one that is not set by hand (SOA, and those of DNSSEC).
    #[error("{0:?} is not a record type that can be set here")]
    Kind(String),
    /// Not a value of its type.
    #[error("{value:?} is not a value of a {kind} record")]
    Value {
        /// The record type.
        kind: String,
        /// The value as given.
        value: String,
    },
    /// A CNAME stands alone at its name (RFC 1034 section 3.6.2), and never at a zone's top.
    #[error("a CNAME stands alone, and {0} has or is to have other records")]
    Cname(String),
    /// The edit is in force but was not written to the folder.
    #[error("the zones could not be written to their folder: is the disk full?")]
    Kept,
}
