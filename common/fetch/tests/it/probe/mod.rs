//! What probes see of servers of this machine.

mod certificates;
mod plain;
mod secured;
mod server;
