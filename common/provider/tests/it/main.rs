//! Both providers, against servers that misbehave.

#![allow(clippy::unwrap_used)]

mod resend;
mod smtp;
