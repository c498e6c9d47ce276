//! Who is asking, and what they may do. Deny by default.

mod caller;
mod claims;
mod gate;
mod jwks;
mod jwt;
mod key;
mod layer;
mod may;
mod provider;

pub(crate) use caller::Caller;
pub use caller::{Identity, NobodyError, Principal, Trusted};
pub use claims::Claims;
pub(crate) use gate::{admit, open_to};
pub use jwt::{OidcOptions, Verifier, VerifierError};
pub(crate) use key::{fresh_secret, hash_of};
pub(crate) use layer::authenticate;
pub(crate) use may::{May, needs};
pub use provider::{Endpoints, Provider, Unavailable};
