//! The guarded client and the probes, against servers that misbehave.

#![allow(clippy::unwrap_used)]

mod guarded;
mod probe;
