#![doc = include_str!("../README.md")]

pub mod advance;
mod heard;
pub mod kind;
pub mod life;
pub mod line;
pub mod retry;
pub mod sim;
pub mod table;
pub mod workflow;

pub use kind::{Kind, Of};
pub use life::{
    Change, Entry, EntryKind, Input, Life, NewCommand, NewTask, NewTimer, Outcome, Preview, Role, Status, View,
};
pub use retry::{Retry, Verdict};
pub use workflow::{Ask, Form, Heard, Named, Step, Workflow};
