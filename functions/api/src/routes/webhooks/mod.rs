//! Where tenants want to be told of events, and how each delivery went.

pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod deliveries;
pub(crate) mod secret;
pub(crate) mod send;
mod shape;
pub(crate) mod show;
pub(crate) mod types;
mod wish;
