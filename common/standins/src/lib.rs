#![doc = include_str!("../README.md")]

mod background;
mod chance;
pub mod cluster;
pub mod dns;
mod gate;
mod http;
pub mod issuer;
pub mod postgres;
pub mod resend;
mod resolver;
pub mod smtp;
pub mod sqs;
mod wire;
