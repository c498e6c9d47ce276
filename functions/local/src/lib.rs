#![doc = include_str!("../README.md")]

pub mod announce;
mod cluster;
pub mod folder;
mod forward;
mod laptop;
mod parts;
mod people;
mod pump;
mod resend;
mod settings;
mod stack;

pub use cluster::ClusterParts;
pub use forward::forward;
pub use laptop::laptop;
pub use parts::{Parts, PartsOptions, Ports};
pub use pump::Target;
pub use resend::ResendParts;
pub use stack::{Run, Stack, StackOptions};
