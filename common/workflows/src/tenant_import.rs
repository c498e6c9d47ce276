//! A file of tenants is imported: its rows are onboarded a few at a time, and what becomes of each is noted.
//!
//! The rows stand in a table of their own. This life only paces them, turn by turn, until nothing of the file is under way. A row
//! that fails ends that row, and nothing else.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::Fault;

/// Between two turns while something moves by itself.
const REST: Duration = Duration::from_secs(1);
/// Between two turns when nothing moves but people: it begins with [`REST`], and doubles up to this.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// After a turn that could not be done at all.
const AFTER_A_FAULT: Duration = Duration::from_secs(60);

/// The workflow.
pub struct TenantImport;

/// Where an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A turn: rows are begun, and those that have ended are noted.
    Importing,
    /// Until the next turn.
    Resting,
    /// It was cancelled: what was not begun is withdrawn, and what runs is followed.
    Closing,
    /// It was cancelled; until what runs is looked at again.
    Draining,
    /// Every row has come to its end.
    Completed,
    /// It was cancelled, and nothing of it runs any more.
    Cancelled,
}
named!(State: Importing, Resting, Closing, Draining, Completed, Cancelled);

/// How many rows stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Rows of the file.
    pub total: u32,
    /// Not begun yet.
    pub waiting: u32,
    /// Being onboarded.
    pub running: u32,
    /// Onboarded.
    pub succeeded: u32,
    /// Their onboarding has failed; nothing of it is left.
    pub failed: u32,
    /// Never begun: the line cannot be used.
    pub invalid: u32,
    /// Of a tenant that is there already, or stands in an earlier line.
    pub duplicate: u32,
    /// Called off.
    pub cancelled: u32,
}

impl Counts {
    /// 0 to 100: how much of the file has come to its end.
    #[must_use]
    pub fn progress(&self) -> u8 {
        let open = self.waiting.saturating_add(self.running).min(self.total);
        match self.total {
            0 => 0,
            total => (u64::from(total - open) * 100 / u64::from(total)) as u8,
        }
    }
}

/// What an import knows. None of the rows: they hold names and addresses, and have a table of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// How many rows stand how, as of the last turn.
    pub counts: Counts,
    /// How many of those that are being onboarded wait for a person.
    #[serde(default)]
    pub asking: u32,
    /// Seconds until the next turn.
    pub rest: u64,
    /// Who has cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<String>,
    /// Why the last turn could not be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

impl Data {
    /// An import of rows that stand like this.
    #[must_use]
    pub fn new(counts: Counts) -> Self {
        Self { counts, asking: 0, rest: REST.as_secs(), cancelled_by: None, fault: None }
    }

    /// Takes in what a turn has found, and says how long to rest after it.
    fn heard(&mut self, counts: Counts, asking: u32) {
        let still = counts.waiting == 0 && counts.running == asking && counts == self.counts;
        self.rest = if still { self.rest.saturating_mul(2).min(LONGEST_REST.as_secs()) } else { REST.as_secs() };
        (self.counts, self.asking, self.fault) = (counts, asking, None);
    }
}

/// What an import hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// A turn is done.
    RowsImported {
        /// How many rows stand how.
        counts: Counts,
        /// How many of those that are being onboarded wait for a person.
        asking: u32,
    },
    /// Somebody wants no more of it.
    CancelAsked {
        /// Who.
        by: String,
    },
}

/// What an import asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `onboard-tenant`: note which onboardings have ended, and begin others in their place.
    ImportRows {
        /// Begin others; else withdraw what was not begun.
        begin: bool,
    },
}

/// What an import waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// Its next turn.
    NextTurn,
}

impl Workflow for TenantImport {
    const KIND: &'static str = "tenant_import";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = ();
    type Task = ();

    fn begin(_: &Data) -> State {
        State::Importing
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Importing => vec![Ask::Command(Command::ImportRows { begin: true })],
            State::Closing => vec![Ask::Command(Command::ImportRows { begin: false })],
            State::Resting | State::Draining => vec![Ask::Timer(Timer::NextTurn, Duration::from_secs(data.rest))],
            State::Completed | State::Cancelled => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use State::{Cancelled, Closing, Completed, Draining, Importing, Resting};
        match (state, heard) {
            (Importing | Closing, Heard::Event(Event::RowsImported { counts, asking })) => {
                data.heard(*counts, *asking);
                let open = counts.waiting + counts.running > 0;
                Step::go(match (state, open) {
                    (Importing, true) => Resting,
                    (Importing, false) => Completed,
                    (_, true) => Draining,
                    (_, false) => Cancelled,
                })
            }
            (Importing | Closing, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                (data.fault, data.rest) = (Some(fault.clone()), AFTER_A_FAULT.as_secs());
                Step::go(if state == Importing { Resting } else { Draining })
            }
            (Resting, Heard::Fired(Timer::NextTurn)) => Step::go(Importing),
            (Draining, Heard::Fired(Timer::NextTurn)) => Step::go(Closing),
            (Importing | Resting, Heard::Event(Event::CancelAsked { by })) => {
                data.cancelled_by = Some(by.clone());
                Step::go(Closing)
            }
            (Closing | Draining, Heard::Event(Event::CancelAsked { .. })) => {
                Step::Ignore("it is cancelled already; what was begun runs to its end")
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let Counts { waiting, running, .. } = data.counts;
        let (status, step) = match state {
            // Whose welcome mail cannot be delivered, for example, has a tenant; only a person can go on.
            State::Importing | State::Resting if waiting == 0 && running > 0 && running == data.asking => {
                (Status::Running, "awaiting_people")
            }
            State::Importing | State::Resting => (Status::Running, "importing"),
            State::Closing | State::Draining => (Status::Running, "cancelling"),
            State::Completed => (Status::Completed, "completed"),
            State::Cancelled => (Status::Cancelled, "cancelled"),
        };
        let progress = if state == State::Completed { 100 } else { data.counts.progress() };
        let mut result = json!(data.counts);
        result["askingPeople"] = json!(data.asking);
        result["cancelledBy"] = json!(data.cancelled_by);
        View { status, step: step.to_owned(), progress: Some(progress), error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(6, Duration::from_secs(1), Duration::from_secs(30))
    }

    fn performer(_: &Command) -> &'static str {
        "onboard-tenant"
    }

    fn form((): &(), _: &Data) -> Form {
        unreachable!("an import asks nobody anything")
    }

    fn answered((): &(), _: Value, _: &str) -> Result<Event, String> {
        Err("an import asks nobody anything".to_owned())
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        // A cancel is signed by the API under a name of its own.
        let by = ["cancelledBy", "by"].into_iter().find_map(|name| body[name].as_str()).unwrap_or("somebody");
        match name {
            "cancel" => Ok(Event::CancelAsked { by: by.to_owned() }),
            _ => Err(format!("an import knows no signal {name:?}; it knows: cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("cancel", "begin no further row; what was begun runs to its end")]
    }
}
