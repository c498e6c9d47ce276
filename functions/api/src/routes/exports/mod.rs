//! Copies of what is a tenant's own. Operators only: they hand them out.

pub(crate) mod begin;
pub(crate) mod part;
pub(crate) mod shape;
pub(crate) mod show;
