#![doc = include_str!("../README.md")]

mod seal;
mod source;

pub use seal::{SealError, Sealer};
pub use source::{SecretError, Secrets};
