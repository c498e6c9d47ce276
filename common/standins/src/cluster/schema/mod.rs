//! What an object of a kind may hold: as much of the custom resource definitions as a writer can trip over.
//!
//! The definitions are written down in `kinds.rs`, in a notation of their own that `parse.rs` reads: a line for each
//! field, its children indented below it.

mod check;
mod kinds;
mod parse;

use super::kind::Kind;
pub(super) use check::{prune, untyped, wrong};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Schema {
    /// Anything, owned as a whole.
    Any,
    /// A string, one of these where there are any.
    Text(Vec<String>),
    /// A string in the form of a Go duration of at least a millisecond.
    Duration,
    Integer {
        least: i64,
        most: i64,
    },
    Number,
    Boolean,
    /// Names of one's own choice.
    Map(Box<Schema>),
    List(Box<Schema>, Items),
    Struct(Fields),
}

/// How a list is owned and merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Items {
    /// As one value.
    Atomic,
    /// Each value by itself.
    Set,
    /// Each entry by this field of it.
    By(String),
}

/// The fields of a struct.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Fields {
    pub(super) fields: BTreeMap<String, Schema>,
    pub(super) required: Vec<String>,
    /// At most one of these may be there.
    pub(super) one_of: Vec<String>,
}

/// The schema of a kind's whole object.
pub(super) fn of(kind: Kind) -> &'static Schema {
    static SCHEMAS: OnceLock<BTreeMap<Kind, Schema>> = OnceLock::new();
    let schemas =
        SCHEMAS.get_or_init(|| Kind::ALL.into_iter().map(|kind| (kind, parse::parse(&kinds::text(kind)))).collect());
    // Every kind is a key of the map.
    schemas.get(&kind).unwrap_or(&Schema::Any)
}
