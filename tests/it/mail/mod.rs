//! Messages, from accepted by us to accepted by a provider.

mod delivery;
mod fallback;
mod fairness;
