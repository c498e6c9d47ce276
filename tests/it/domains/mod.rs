//! Sending domains that tenants bring, from added to gone, by real protocols: Postgres, the queue, DNS, the provider's API, mail.

mod chances;
mod crash;
mod dns;
mod life;
mod orders;
mod provider;
mod takeover;
mod tasks;
mod watch;
