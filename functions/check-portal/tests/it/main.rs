//! What is looked at before a hostname is served, and while it is.

#![allow(clippy::unwrap_used)]

mod preflight;
mod probe;
