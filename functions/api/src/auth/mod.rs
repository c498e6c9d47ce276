//! Who is asking, and what they may do. Deny by default.

mod caller;
mod jwks;
mod jwt;
mod key;
mod layer;
mod may;

pub(crate) use caller::Caller;
pub use caller::{Identity, Principal};
pub use jwt::{OidcOptions, Verifier, VerifierError};
pub(crate) use key::{fresh_secret, hash_of};
pub(crate) use layer::authenticate;
pub(crate) use may::{May, needs};
