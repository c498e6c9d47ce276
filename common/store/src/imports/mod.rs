//! Imports of tenants: the rows of a file, and what has become of each.

mod keep;
mod read;
mod turn;

pub use keep::{Known, NewRow, Unfit, keep, known};
pub use read::{ImportRow, counts_of, rows};
pub use turn::{Origin, Pace, Ready, begun, not_begun, origin, pace, ready, settle, withdraw};
