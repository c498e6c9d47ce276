#![doc = include_str!("../README.md")]

pub mod drill;
mod registry;
pub mod tenant_onboarding;

pub use registry::{kind, kinds};
