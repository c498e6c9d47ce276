//! What a request says, parsed: bodies, ids, queries. Whatever cannot be read is a problem that names the place.

mod body;
mod fields;
mod id;
mod query;
mod read;
mod under;

pub(crate) use body::{Body, too_large};
pub(crate) use fields::{Fields, invalid_body};
pub(crate) use id::Id;
pub(crate) use query::{Query, invalid_parameters, pairs_of};
pub(crate) use read::{escaped, json, pairs};
pub(crate) use under::Under;
