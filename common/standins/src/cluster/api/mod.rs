//! The API server over HTTP.

mod conflict;
mod delete;
mod discovery;
mod door;
mod finish;
mod read;
mod refusal;
mod review;
mod routes;
mod selector;
mod shape;
mod target;
mod write;

pub(super) use delete::{Options as Deletion, delete};
pub(super) use door::Door;
pub use door::Seen;
pub(super) use refusal::{Cause, Refusal};
pub(super) use routes::router;
pub(super) use write::{Manner, apply, create, edit};
