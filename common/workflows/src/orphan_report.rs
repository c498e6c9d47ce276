//! Once a day: which domains in the mail provider's account are nobody's? They are reported, and none is deleted.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::Fault;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// The external key of the one report that there is.
pub const DAILY: &str = "daily";

/// The workflow.
pub struct OrphanReport;

/// Where a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The provider is asked.
    Listing,
    /// Until tomorrow.
    Resting,
    /// Nobody wants it any more.
    Stopped,
}
named!(State: Listing, Resting, Stopped);

/// A domain that is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// Its name.
    pub name: String,
    /// Its id at the provider.
    pub id: String,
}

/// What a report knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// The provider.
    #[serde(default)]
    pub provider: Option<String>,
    /// What was found last.
    #[serde(default)]
    pub orphans: Vec<Orphan>,
    /// When (RFC 3339).
    #[serde(default)]
    pub at: Option<String>,
    /// Why the provider could not be asked.
    #[serde(default)]
    pub fault: Option<Fault>,
}

/// What a report hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// The account was read.
    Listed {
        /// The provider.
        provider: String,
        /// The domains that are nobody's.
        orphans: Vec<Orphan>,
        /// When (RFC 3339).
        at: String,
    },
    /// Somebody wants to know now.
    RefreshAsked,
    /// Somebody wants no more of it.
    StopAsked,
}

/// What a report asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Command {
    /// `delete-domain`: list the account, and say what is nobody's.
    ListProviderDomains,
}

/// What a report waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// A day has passed.
    Tomorrow,
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// The platform's operators are told which domains are new among those that are nobody's.
    OperatorAsked {
        /// What.
        title: String,
        /// Which.
        text: String,
    },
}

impl Workflow for OrphanReport {
    const KIND: &'static str = "orphan_report";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = Notice;
    type Task = ();

    fn begin(_: &Data) -> State {
        State::Listing
    }

    fn enter(state: State, _: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Listing => vec![Ask::Command(Command::ListProviderDomains)],
            State::Resting => vec![Ask::Timer(Timer::Tomorrow, DAY)],
            State::Stopped => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        match (state, heard) {
            (State::Listing, Heard::Event(Event::Listed { provider, orphans, at })) => {
                let new: Vec<&str> =
                    orphans.iter().filter(|one| !data.orphans.contains(one)).map(|one| one.name.as_str()).collect();
                let told = (!new.is_empty()).then(|| {
                    let text = format!(
                        "These domains are in the account at {provider}, and no tenant has them: {}. Nothing was deleted. Find out who \
                         made them, and delete there what nobody needs.",
                        new.join(", ")
                    );
                    Ask::Notice(Notice::OperatorAsked { title: "Domains at the mail provider that are nobody's".to_owned(), text })
                });
                let told = Vec::from_iter(told);
                *data = Data {
                    provider: Some(provider.clone()),
                    orphans: orphans.clone(),
                    at: Some(at.clone()),
                    fault: None,
                };
                Step::Go(State::Resting, told)
            }
            (State::Listing, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                data.fault = Some(fault.clone());
                Step::go(State::Resting)
            }
            (State::Resting, Heard::Fired(Timer::Tomorrow) | Heard::Event(Event::RefreshAsked)) => {
                Step::go(State::Listing)
            }
            (State::Listing, Heard::Event(Event::RefreshAsked)) => Step::Ignore("the account is being read"),
            (_, Heard::Event(Event::StopAsked)) => Step::go(State::Stopped),
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let (status, step) = match state {
            State::Listing => (Status::Running, "listing"),
            State::Resting => (Status::Running, "resting"),
            State::Stopped => (Status::Cancelled, "stopped"),
        };
        let result = json!({ "provider": data.provider, "orphans": data.orphans, "lookedAt": data.at });
        View { status, step: step.to_owned(), progress: None, error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(6, Duration::from_secs(10), Duration::from_secs(600))
    }

    fn performer(_: &Command) -> &'static str {
        "delete-domain"
    }

    fn form((): &(), _: &Data) -> Form {
        unreachable!("a report asks nobody anything")
    }

    fn answered((): &(), _: Value, _: &str) -> Result<Event, String> {
        Err("a report asks nobody anything".to_owned())
    }

    fn signal(name: &str, _: Value) -> Result<Event, String> {
        match name {
            "refresh" => Ok(Event::RefreshAsked),
            "cancel" => Ok(Event::StopAsked),
            _ => Err(format!("a report knows no signal {name:?}; it knows: refresh, cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("refresh", "read the account now"), ("cancel", "report no more")]
    }
}
