//! One integration test binary: it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod api;
mod infra;
mod onboarding;
mod peers;
