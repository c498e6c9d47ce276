#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

pub mod bench;
pub mod browser;
pub mod chaos;
pub mod console_bench;
pub mod domain_bench;
pub mod domains;
pub mod mail_bench;
pub mod nameserver;
mod onboarding;
pub mod portal_bench;
pub mod portals;
mod post;
pub mod programs;
mod rest;
pub mod rivals;
mod server;
mod stack;
pub mod wait;

pub use onboarding::Onboard;
pub use server::{Database, server};
pub use stack::TestStack;
