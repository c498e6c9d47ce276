//! Messages: sent, found, explained, called off.

pub(crate) mod batch;
mod files;
mod mailbox;
mod parse;
mod prepare;
mod rendered;
pub(crate) mod send;
mod wanted;
