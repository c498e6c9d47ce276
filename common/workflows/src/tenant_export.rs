//! A copy of everything that is a tenant's own, made page by page. The copy shares its id with this run.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{Fault, TenantId};

/// How patiently a page is tried again: about half an hour.
pub(crate) const PATIENCE: Retry = Retry::new(10, Duration::from_secs(2), Duration::from_secs(300));

/// The workflow.
pub struct TenantExport;

/// Where an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Pages are written.
    Exporting,
    /// It is whole.
    Exported,
    /// A page could not be written.
    Failed,
    /// Nobody wants it any more.
    Cancelled,
}
named!(State: Exporting, Exported, Failed, Cancelled);

/// How much was written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Pages.
    pub pages: u32,
    /// Parts.
    pub parts: u32,
    /// Rows.
    pub rows: u64,
}

/// What an export knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Whose.
    pub tenant: TenantId,
    /// How far it is.
    #[serde(default)]
    pub written: Written,
    /// What stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

impl Data {
    /// An export of which nothing is written yet.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self { tenant, written: Written::default(), fault: None }
    }
}

/// What an export hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// A page is written.
    PageWritten {
        /// All that is written by now.
        written: Written,
        /// It was the last one.
        complete: bool,
    },
    /// Somebody wants no more of it.
    CancelAsked {
        /// Who.
        by: String,
    },
}

/// What an export asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `offboard-tenant`: read a page of rows, and write it as parts; answers [`Event::PageWritten`].
    ExportPage {
        /// Whose.
        tenant: TenantId,
        /// Which page, counted from 1.
        page: u32,
    },
}

impl Workflow for TenantExport {
    const KIND: &'static str = "tenant_export";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = ();
    type Notice = ();
    type Task = ();

    fn begin(_: &Data) -> State {
        State::Exporting
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Exporting => {
                vec![Ask::Command(Command::ExportPage { tenant: data.tenant, page: data.written.pages + 1 })]
            }
            State::Exported | State::Failed | State::Cancelled => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        match (state, heard) {
            (State::Exporting, Heard::Event(Event::PageWritten { written, complete })) => {
                data.written = *written;
                Step::go(if *complete { State::Exported } else { State::Exporting })
            }
            (State::Exporting, Heard::Event(Event::CancelAsked { .. })) => Step::go(State::Cancelled),
            (State::Exporting, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                data.fault = Some(fault.clone());
                Step::go(State::Failed)
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let (status, progress) = match state {
            State::Exporting => (Status::Running, Some(10)),
            State::Exported => (Status::Completed, Some(100)),
            State::Failed => (Status::Failed, None),
            State::Cancelled => (Status::Cancelled, None),
        };
        let Written { parts, rows, .. } = data.written;
        let result = json!({ "tenantId": data.tenant, "rows": rows, "parts": parts });
        let step = tenantry_kernel::life::name_of(&state);
        View { status, step, progress, error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        PATIENCE
    }

    fn performer(_: &Command) -> &'static str {
        "offboard-tenant"
    }

    fn form((): &(), _: &Data) -> Form {
        unreachable!("an export asks nobody anything")
    }

    fn answered((): &(), _: Value, _: &str) -> Result<Event, String> {
        Err("an export asks nobody anything".to_owned())
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        let by = ["by", "cancelledBy"].into_iter().find_map(|name| body[name].as_str()).unwrap_or("somebody");
        match name {
            "cancel" => Ok(Event::CancelAsked { by: by.to_owned() }),
            _ => Err(format!("an export knows no signal {name:?}; it knows: cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("cancel", "write no more of it")]
    }
}
