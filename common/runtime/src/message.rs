//! What a queue message says: which row to look at. `{"v": 1, "command": "cmd_...", "trace": "00-..."}`

use serde::{Deserialize, Serialize};
use tenantry_model::CommandId;

/// The version of this format that we write and read.
const VERSION: u32 = 1;

/// A hint on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    v: u32,
    /// The row to look at.
    pub command: CommandId,
    /// The `traceparent` of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// Why a message cannot be used. It goes back to its queue, and in the end to the dead letters, where people see it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMessage {
    /// Written by a newer version of this software; that version will read it.
    #[error("the message is of version {0}, and this version of the function reads up to {VERSION}")]
    Newer(u32),
    /// Not one of ours.
    #[error("the message is not a hint: {0}")]
    Garbage(String),
}

impl Message {
    /// A message for a command.
    #[must_use]
    pub fn new(command: CommandId, trace: Option<String>) -> Self {
        Self { v: VERSION, command, trace }
    }

    /// Reads a message's body.
    ///
    /// # Errors
    /// [`BadMessage`].
    pub fn parse(body: &str) -> Result<Self, BadMessage> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let garbage = |error: serde_json::Error| BadMessage::Garbage(error.to_string());
        let Version { v } = serde_json::from_str(body).map_err(garbage)?;
        if v > VERSION {
            return Err(BadMessage::Newer(v));
        }
        serde_json::from_str(body).map_err(garbage)
    }

    /// The message's body.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back() {
        let message = Message::new(CommandId::new(), Some("00-x".into()));
        assert_eq!(Message::parse(&message.body()), Ok(message));
    }

    #[test]
    fn newer_messages_and_garbage_are_told_apart() {
        assert_eq!(Message::parse(r#"{"v":2,"rows":["x"]}"#), Err(BadMessage::Newer(2)));
        for garbage in ["", "hello", "{}", r#"{"v":1}"#, r#"{"v":1,"command":"run_1"}"#, "[1]"] {
            assert!(matches!(Message::parse(garbage), Err(BadMessage::Garbage(_))), "{garbage}");
        }
    }
}
