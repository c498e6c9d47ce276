//! Hostnames of portals, from set to gone, by real protocols: Postgres, the queue, DNS, git, the cluster's API, TLS.

mod brake;
mod concurrent;
mod crash;
mod drift;
mod git;
mod life;
mod refused;
mod scale;
mod server;
