//! Messages: sent, found, explained, called off.

pub(crate) mod batch;
pub(crate) mod change;
pub(crate) mod explain;
mod files;
pub(crate) mod list;
mod mailbox;
mod next;
mod parse;
mod prepare;
mod rendered;
pub(crate) mod send;
pub(crate) mod show;
mod shown;
pub(crate) mod stats;
pub(crate) mod timeline;
mod wanted;
mod words;

pub(crate) use words::without_providers;
