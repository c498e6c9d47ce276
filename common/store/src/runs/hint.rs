//! What a queue message says: which row to look at, never what changed.

use std::time::Duration;

use tenantry_model::CommandId;

/// A hint to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The row to look at.
    pub command: CommandId,
    /// The function, and so the queue.
    pub performer: String,
    /// Not before this long.
    pub delay: Duration,
    /// The W3C `traceparent` of the run.
    pub trace: Option<String>,
}

impl Hint {
    /// A hint to whoever gives turns: look at the lanes. Which turn to give is for it to say.
    #[must_use]
    pub fn to_look(performer: &str, delay: Duration) -> Self {
        Self { command: CommandId::new(), performer: performer.to_owned(), delay, trace: None }
    }
}
