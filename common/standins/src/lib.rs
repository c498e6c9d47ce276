#![doc = include_str!("../README.md")]

mod chance;
pub mod dns;
mod http;
pub mod issuer;
pub mod postgres;
pub mod resend;
pub mod smtp;
pub mod sqs;
