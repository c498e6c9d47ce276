#![doc = include_str!("../README.md")]

mod address;
mod error;
mod guarded;
mod post;
mod probe;

pub use address::is_public;
pub use error::FetchError;
pub use guarded::{Guarded, Limits};
pub use post::Posted;
pub use probe::{Attempt, CertificateSaw, HttpSaw, HttpsSaw, ProbeTrouble, Prober, Reach, TlsTrouble, Trust};
