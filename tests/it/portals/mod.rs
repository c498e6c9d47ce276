//! Hostnames of portals, from set to gone, by real protocols: Postgres, the queue, DNS, git, the cluster's API, TLS.

mod brake;
mod certificate;
mod change;
mod concurrent;
mod crash;
mod dns;
mod drift;
mod git;
mod life;
mod refused;
mod scale;
mod server;
mod takeover;
mod watch;
