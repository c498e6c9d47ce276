//! A tenant leaves: its status, what is taken down, and its rows.

mod before;
mod remove;
mod standing;
mod tables;
mod withdraw;

pub use before::{Beforehand, OpenRun, beforehand, offboarding_of};
pub use remove::{Removed, remove_rows};
pub use standing::{Begun, begin, restore};
pub use withdraw::{Withdrawal, withdraw};
