#![doc = include_str!("../README.md")]

mod chance;
mod http;
pub mod issuer;
pub mod postgres;
pub mod smtp;
pub mod sqs;
