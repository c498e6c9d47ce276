//! The cluster by its real protocol.

#![allow(clippy::unwrap_used)]

mod cluster;
mod standin;
