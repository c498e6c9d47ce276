//! What a life hears, and what a person is shown.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tenantry_model::Fault;

/// What a life hears.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard<Event, Command, Timer> {
    /// An answer of a function or a person, or a person's wish.
    Event(Event),
    /// A timer of the present state ran out.
    Fired(Timer),
    /// A command failed and will not be tried again.
    GaveUp(Command, Fault),
    /// Nobody knows whether a command took effect. Never a reason to roll back.
    Unknown(Command, Fault),
}

/// What a person is shown, and what they may answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// One line.
    pub title: String,
    /// What happened, what we saw, what each answer does.
    pub text: String,
    /// JSON Schema (2020-12) of the answer.
    pub schema: Value,
    /// Facts that help to decide. Never a secret.
    pub context: Value,
    /// How long an answer is useful; the task is withdrawn after that. None: until the state is left.
    pub open_for: Option<Duration>,
    /// It is for the platform's operators to decide: nobody of the tenant sees it or answers it.
    pub operators_only: bool,
}
