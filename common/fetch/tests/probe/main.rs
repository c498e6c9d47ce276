//! What probes see of servers of this machine.
#![allow(clippy::unwrap_used)]

mod certificates;
mod plain;
mod secured;
mod server;
