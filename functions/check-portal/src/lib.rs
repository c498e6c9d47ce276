#![doc = include_str!("../README.md")]

pub mod preflight;
pub mod probe;
mod words;
