#![doc = include_str!("../README.md")]

mod chance;
mod http;
pub mod postgres;
pub mod sqs;
