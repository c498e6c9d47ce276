//! Against real git: bare repositories, `git http-backend` behind a loopback server that can misbehave, and second
//! writers that push in between.
#![allow(clippy::unwrap_used, missing_docs)]

mod cache;
mod misbehaving;
mod pull_request;
mod racing;
mod reading;
mod remote;
mod scale;
mod server;
mod writing;
