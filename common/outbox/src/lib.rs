#![doc = include_str!("../README.md")]

mod accounts;
mod compose;
mod outbox;
mod sender;
mod unsubscribe;

pub use accounts::{Account, Accounts, health};
pub use compose::compose;
pub use outbox::{Letter, Outbox, PackError};
pub use sender::{Patterns, sender};
pub use unsubscribe::Unsubscribe;
