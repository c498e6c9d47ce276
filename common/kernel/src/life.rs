//! What is stored of a life between events, and what one event changes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::Fault;

use crate::heard::{Form, Heard};

/// A life at rest. This, and nothing else, is what a run remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Life {
    /// The version of the workflow that wrote it.
    pub version: u32,
    /// Counts state changes, from 1.
    pub epoch: u32,
    /// The state.
    pub state: Value,
    /// What the life knows.
    pub data: Value,
    /// Events that wait for a state change, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub postponed: Vec<Postponed>,
    /// The farthest progress shown so far, 0 to 100.
    pub progress: u8,
}

/// Something heard that waits for a state change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Postponed {
    /// What kind of entry it makes in the history.
    pub kind: EntryKind,
    /// What was told.
    pub heard: Heard<Value, Value, Value>,
}

/// One thing told to a life.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What kind of entry it makes in the history.
    pub kind: EntryKind,
    /// The epoch in which it was asked for; none for a wish, which nobody asked for.
    pub epoch: Option<u32>,
    /// What is told.
    pub heard: Heard<Value, Value, Value>,
}

/// Where an entry of the history comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The life began.
    Started,
    /// A function answered.
    Answer,
    /// A person wished something.
    Signal,
    /// A person answered a task.
    TaskAnswer,
    /// A timer fired.
    Timer,
    /// A command failed and is tried again.
    Attempt,
    /// A command failed for good.
    GaveUp,
    /// Nobody knows whether a command took effect.
    Unknown,
}

/// What an entry did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The state changed.
    Moved,
    /// The state stayed.
    Stayed,
    /// It waits for a state change.
    Postponed,
    /// It was recorded and changed nothing.
    Ignored,
    /// It was asked for in an older epoch, and was dropped.
    Late,
    /// It should not have been possible; an alarm looks for these.
    Unexpected,
}

/// One line of a run's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it comes from.
    pub kind: EntryKind,
    /// The name of the event, timer or command.
    pub name: String,
    /// The state before.
    pub from: String,
    /// The state after.
    pub to: String,
    /// The epoch after.
    pub epoch: u32,
    /// What it did.
    pub outcome: Outcome,
    /// The event itself, or the fault. Never a secret.
    pub detail: Value,
}

/// Whether somebody waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The life waits for its answer; withdrawn when the state is left.
    Command,
    /// Somebody is told; it survives leaving the state, and its answer moves nothing.
    Notice,
}

/// A command to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCommand {
    /// Command or notice.
    pub role: Role,
    /// The variant's name.
    pub name: String,
    /// The function that performs it.
    pub performer: &'static str,
    /// The command whole, as the workflow's enum serialises it.
    pub command: Value,
}

/// A timer to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTimer {
    /// The variant's name.
    pub name: String,
    /// The timer whole.
    pub timer: Value,
    /// How long from now.
    pub after: Duration,
    /// The function that gives turns, if it waits in its tenant's lane; see [`Workflow::lane`](crate::Workflow::lane).
    pub lane: Option<&'static str>,
}

/// A task to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// The variant's name.
    pub name: String,
    /// The task whole.
    pub task: Value,
    /// What the person is shown.
    pub form: Form,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Something is under way.
    Running,
    /// A person is asked.
    Waiting,
    /// It ended as wished.
    Completed,
    /// It ended and could not be undone whole.
    Failed,
    /// It failed, and everything it had made was removed.
    RolledBack,
    /// It was cancelled, and everything it had made was removed.
    Cancelled,
}

impl Status {
    /// Whether the life is over.
    #[must_use]
    pub fn ended(self) -> bool {
        !matches!(self, Self::Running | Self::Waiting)
    }

    /// The status as it stands in rows.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What people see of a life.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// How it stands.
    pub status: Status,
    /// The step, in the words of the product.
    pub step: String,
    /// How far it is, 0 to 100; none keeps what was shown last.
    pub progress: Option<u8>,
    /// Why it failed, or what is in the way.
    pub error: Option<Fault>,
    /// What it has brought so far.
    pub result: Value,
}

/// Everything one event changes. The store writes it in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The life afterwards.
    pub life: Life,
    /// The name of its state.
    pub state: String,
    /// What people see; `progress` is filled in and never smaller than before.
    pub view: View,
    /// What it is about, for whoever looks for it; see [`Workflow::entity`](crate::Workflow::entity).
    pub entity: Option<String>,
    /// New lines of history, in order.
    pub entries: Vec<Entry>,
    /// The state was left: timers, tasks and open commands of older epochs are withdrawn.
    pub left: bool,
    /// New commands and notices.
    pub commands: Vec<NewCommand>,
    /// New timers.
    pub timers: Vec<NewTimer>,
    /// New tasks.
    pub tasks: Vec<NewTask>,
}

/// What a wish would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The state it would lead to at once.
    pub state: String,
    /// What people would see then.
    pub view: View,
    /// What would be removed or taken back from there on, each thing in a few words.
    pub undoes: Vec<String>,
}

/// The name of an enum's value: the string it serialises to, or its `name` tag.
#[must_use]
pub fn name_of(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => match fields.get("name") {
            Some(Value::String(name)) => name.clone(),
            _ => fields.keys().next().cloned().unwrap_or_default(),
        },
        _ => String::new(),
    }
}
