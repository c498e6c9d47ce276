#![doc = include_str!("../README.md")]

mod address;
mod error;
mod guarded;

pub use address::is_public;
pub use error::FetchError;
pub use guarded::{Guarded, Limits};
