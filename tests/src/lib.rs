#![doc = include_str!("../README.md")]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod onboarding;
mod server;
mod stack;
pub mod wait;

pub use onboarding::Onboard;
pub use server::{Database, server};
pub use stack::TestStack;
