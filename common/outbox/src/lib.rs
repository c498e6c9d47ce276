#![doc = include_str!("../README.md")]

mod accounts;
mod compose;
mod domain_link;
mod outbox;
mod platform;
mod sender;
mod unsubscribe;
mod wishes;

pub use accounts::{Account, Accounts, health};
pub use compose::compose;
pub use domain_link::DomainLinks;
pub use outbox::{Letter, Outbox, PackError};
pub use platform::{Words, platform_mail};
pub use sender::{Patterns, sender};
pub use unsubscribe::Unsubscribe;
pub use wishes::wishes;
