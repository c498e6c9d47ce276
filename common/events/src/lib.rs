#![doc = include_str!("../README.md")]

mod bounce;
mod event;
mod fields;
mod rejected;
pub mod resend;
pub mod ses;
pub mod signature;
pub mod sns;

pub use event::{Bounce, BounceKind, DomainEvent, EventKind, MESSAGE_TAG, ProviderEvent};
pub use rejected::Rejected;
