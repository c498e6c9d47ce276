#![doc = include_str!("../README.md")]

mod password;
mod seal;
mod source;

pub use password::{NotMade, Passwords, TemporaryPassword, hash_password, token, token_hash};
pub use seal::{SealError, Sealer};
pub use source::{SecretError, Secrets};
