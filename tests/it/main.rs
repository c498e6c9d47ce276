//! One integration test binary: it links once.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod api;
mod architecture;
mod bench;
mod chaos;
mod console;
mod dependencies;
mod domains;
mod imports;
mod infra;
mod lifecycle;
mod local_stack;
mod mail;
mod notices;
mod offboarding;
mod onboarding;
mod operate;
mod peers;
mod portals;
mod rows;
mod walk;
mod webhooks;
