//! Every stand-in, spoken to by its own protocol.

#![allow(clippy::unwrap_used)]

mod cluster;
mod dns;
mod issuer;
mod postgres;
mod resend;
mod sign_in;
mod smtp;
mod sqs;
