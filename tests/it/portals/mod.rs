//! Hostnames of portals, from set to gone, by real protocols: Postgres, the queue, DNS, git, the cluster's API, TLS.

mod life;
