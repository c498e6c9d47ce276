//! Why an edit of a zone is refused.

/// What was wrong with an edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not a domain name.
    #[error("{0:?} is not a domain name")]
    Name(String),
    /// No zone here holds this name.
    #[error("no zone here holds {name}; {}; make one first, for instance by PUT /zones/{}", there(known), above(name))]
    Zone {
        /// The name.
        name: String,
        /// The zones there are.
        known: Vec<String>,
    },
    /// Not a record type, or one that is not set by hand (those of DNSSEC).
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
    /// A zone has one SOA, at its top.
    #[error("a zone has one SOA record at its top, and {0} is to have another")]
    Soa(String),
    /// Not a zone file (RFC 1035 section 5) of this zone.
    #[error("this is not the zone file of {zone}: {why}")]
    File {
        /// The zone.
        zone: String,
        /// What is wrong with it.
        why: String,
    },
    /// The edit is in force but was not written to the folder.
    #[error("the zones could not be written to their folder: is the disk full?")]
    Kept,
}

/// The zones there are, in words.
fn there(known: &[String]) -> String {
    match known {
        [] => "there are no zones yet".to_owned(),
        [one] => format!("the only zone is {one}"),
        many => format!("the zones are {}", many.join(", ")),
    }
}

/// The zone that people mostly mean: the last two labels.
fn above(name: &str) -> String {
    let labels: Vec<&str> = name.split('.').collect();
    labels[labels.len().saturating_sub(2)..].join(".")
}
