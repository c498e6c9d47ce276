//! Lookups against real servers on loopback addresses: the stand-in, and one that says what no good server says.

mod answers;
mod fake;
mod net;
mod policies;
mod portal;
mod public;
mod servers;
mod walk;
