//! The crate from outside: what a provider posts goes in, an event or a refusal comes out.
#![allow(clippy::unwrap_used, missing_docs)]

mod resend;
mod ses;
mod signature;
mod sns;
