//! A tenant's mail was paused, since it harms everybody's: a person decides when it goes on.
//!
//! The pause itself is a row, written in the transaction that begins this run. The run is the platform's: a tenant neither sees
//! it nor answers for itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{Fault, TenantId};

/// Whoever keeps a tenant paused is asked again after this long: nobody is forgotten.
const ASK_AGAIN: Duration = Duration::from_secs(24 * 3600);

/// The workflow.
pub struct SendingPause;

/// Where a pause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// An operator is asked.
    Paused,
    /// An operator has said that it stays paused; asked again later.
    KeptPaused,
    /// The tenant's lane is opened.
    Resuming,
    /// Mail leaves again.
    Resumed,
}
named!(State: Paused, KeptPaused, Resuming, Resumed);

/// What a pause knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Whose mail.
    pub tenant: TenantId,
    /// Why, in a sentence.
    pub why: String,
    /// Who has let it go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumed_by: Option<String>,
    /// Why it could not be resumed when somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// What a pause hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// A person wants it to go on.
    ResumeAsked {
        /// Who.
        by: String,
    },
    /// A person wants it to stay paused.
    KeepAsked {
        /// Who.
        by: String,
    },
    /// The lane is open, by [`Command::ResumeSending`] or by an operator's own hand.
    Opened {
        /// Who, where it was by hand.
        by: Option<String>,
    },
}

/// What a pause asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `send-email`: open the tenant's lane, in the transaction of the answer; answers [`Event::Opened`].
    ResumeSending {
        /// Whose.
        tenant: TenantId,
    },
}

/// What a pause waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// The decision is a day old.
    AskAgain,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Task {
    /// May the tenant's mail go on?
    Decide,
}

impl Workflow for SendingPause {
    const KIND: &'static str = "sending_pause";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = ();
    type Task = Task;

    fn begin(_: &Data) -> State {
        State::Paused
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Paused => vec![Ask::Task(Task::Decide)],
            State::KeptPaused => vec![Ask::Timer(Timer::AskAgain, ASK_AGAIN)],
            State::Resuming => vec![Ask::Command(Command::ResumeSending { tenant: data.tenant })],
            State::Resumed => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        match (state, heard) {
            (_, Heard::Event(Event::Opened { by })) => {
                data.resumed_by = by.clone().or(data.resumed_by.take());
                data.fault = None;
                Step::go(State::Resumed)
            }
            (State::Resuming, Heard::Event(Event::ResumeAsked { .. })) => Step::Ignore("it is being resumed already"),
            (_, Heard::Event(Event::ResumeAsked { by })) => {
                (data.resumed_by, data.fault) = (Some(by.clone()), None);
                Step::go(State::Resuming)
            }
            (State::Paused, Heard::Event(Event::KeepAsked { .. })) => Step::go(State::KeptPaused),
            (State::KeptPaused, Heard::Event(Event::KeepAsked { .. })) => Step::Ignore("it stays paused already"),
            (_, Heard::Event(Event::KeepAsked { .. })) => Step::Refuse("its mail is being resumed".to_owned()),
            (State::KeptPaused, Heard::Fired(Timer::AskAgain)) => Step::go(State::Paused),
            // The lane is still shut, so a person has to know.
            (State::Resuming, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                (data.resumed_by, data.fault) = (None, Some(fault.clone()));
                Step::go(State::Paused)
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let (status, step) = match state {
            State::Paused => (Status::Waiting, "paused"),
            State::KeptPaused => (Status::Running, "kept_paused"),
            State::Resuming => (Status::Running, "resuming"),
            State::Resumed => (Status::Completed, "resumed"),
        };
        let progress = status.ended().then_some(100);
        let result = json!({ "tenantId": data.tenant, "why": data.why, "resumedBy": data.resumed_by });
        View { status, step: step.to_owned(), progress, error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(8, Duration::from_secs(1), Duration::from_secs(60))
    }

    fn performer(_: &Command) -> &'static str {
        "send-email"
    }

    fn form(_: &Task, data: &Data) -> Form {
        let why = &data.why;
        Form {
            title: "A tenant's mail is paused".to_owned(),
            text: format!(
                "{why} Nothing of this tenant leaves until somebody decides; what was accepted waits. Talk to the tenant first: where \
                 do the addresses come from, and who agreed to get this mail? Choose resume to let it go on (the guard looks again \
                 from the next day on), keep_paused to leave it paused and be asked again in a day."
            ),
            schema: json!({
                "type": "object",
                "properties": {
                    "action": { "title": "May it go on?", "enum": ["resume", "keep_paused"], "type": "string" }
                },
                "required": ["action"],
                "additionalProperties": false
            }),
            context: json!({ "tenantId": data.tenant, "why": data.why }),
            open_for: None,
            operators_only: false,
        }
    }

    fn answered(_: &Task, answer: Value, by: &str) -> Result<Event, String> {
        let by = by.to_owned();
        match answer["action"].as_str() {
            Some("resume") => Ok(Event::ResumeAsked { by }),
            Some("keep_paused") => Ok(Event::KeepAsked { by }),
            _ => Err("action must be resume or keep_paused".to_owned()),
        }
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        // A cancel is signed by the API under a name of its own.
        let by = ["by", "cancelledBy"].into_iter().find_map(|name| body[name].as_str()).unwrap_or("somebody");
        match name {
            "resume" | "cancel" => Ok(Event::ResumeAsked { by: by.to_owned() }),
            _ => Err(format!("a pause knows no signal {name:?}; it knows: resume, cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("resume", "let the tenant's mail leave again"), ("cancel", "the same as resume")]
    }
}
