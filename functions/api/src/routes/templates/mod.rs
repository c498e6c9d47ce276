//! Templates: what the system brings, what tenants write, and how both look.

pub(crate) mod draft;
mod place;
pub(crate) mod preview;
pub(crate) mod publish;
pub(crate) mod show;
mod source;
pub(crate) mod system;
pub(crate) mod trial;
pub(crate) mod versions;
mod words;

pub(crate) use words::{Words, told, words};
