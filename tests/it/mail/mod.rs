//! Messages, from accepted by us to accepted by a provider.

mod crash;
mod delivery;
mod fairness;
mod fallback;
mod identity;
mod injection;
mod pulse;
mod retention;
