//! Something small has happened to a tenant: it was suspended, resumed, renamed, given another plan.
//!
//! The change itself is a row, written in the transaction that begins this run. The run ends as it begins: it is there so that all
//! that happens to a tenant stands in one list, and so that whoever wants to know is told, as of everything else.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{ContractLine, TenantId};

/// The workflow.
pub struct TenantChange;

/// Where a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was made; whoever wants to know is told.
    Noted,
}
named!(State: Noted);

/// What a change knows. Neither a reason nor an address: those are in the tenant's row and in the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// Whose.
    pub tenant: TenantId,
    /// What has changed, each once.
    pub what: Vec<What>,
}

/// One thing that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with", rename_all = "snake_case")]
pub enum What {
    /// Its mail stops, and its people are not let in.
    Suspended,
    /// It is at work again.
    Resumed,
    /// It has another plan.
    PlanChanged {
        /// The plan before.
        from: ContractLine,
        /// The plan now.
        to: ContractLine,
    },
    /// Something that it is known by is another.
    Changed {
        /// What.
        fields: Vec<Field>,
    },
}

/// Something that a tenant is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Its name.
    Name,
    /// Its contact address.
    Email,
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// Its mail stops, and its people are not let in.
    TenantSuspended {
        /// Whose.
        tenant: TenantId,
    },
    /// It is at work again.
    TenantResumed {
        /// Whose.
        tenant: TenantId,
    },
    /// It has another plan.
    TenantPlanChanged {
        /// Whose.
        tenant: TenantId,
        /// The plan before.
        previous_contract_line: ContractLine,
        /// The plan now.
        contract_line: ContractLine,
    },
    /// Something that it is known by is another.
    TenantChanged {
        /// Whose.
        tenant: TenantId,
        /// What.
        fields: Vec<Field>,
    },
}

impl What {
    /// The change in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Suspended => "suspended",
            Self::Resumed => "resumed",
            Self::PlanChanged { .. } => "plan_changed",
            Self::Changed { .. } => "changed",
        }
    }

    fn notice(&self, tenant: TenantId) -> Notice {
        match self.clone() {
            Self::Suspended => Notice::TenantSuspended { tenant },
            Self::Resumed => Notice::TenantResumed { tenant },
            Self::PlanChanged { from, to } => {
                Notice::TenantPlanChanged { tenant, previous_contract_line: from, contract_line: to }
            }
            Self::Changed { fields } => Notice::TenantChanged { tenant, fields },
        }
    }
}

impl Workflow for TenantChange {
    const KIND: &'static str = "tenant_change";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = ();
    type Command = ();
    type Timer = ();
    type Notice = Notice;
    type Task = ();

    fn begin(_: &Data) -> State {
        State::Noted
    }

    fn enter(State::Noted: State, data: &Data) -> Vec<AskOf<Self>> {
        data.what.iter().map(|what| Ask::Notice(what.notice(data.tenant))).collect()
    }

    fn step(State::Noted: State, _: &mut Data, _: &HeardBy<Self>) -> StepOf<Self> {
        Step::Unexpected
    }

    fn view(State::Noted: State, data: &Data) -> View {
        let words: Vec<&str> = data.what.iter().map(What::word).collect();
        let result = json!({ "tenantId": data.tenant, "what": words });
        let step = words.first().copied().unwrap_or("changed").to_owned();
        View { status: Status::Completed, step, progress: Some(100), error: None, result }
    }

    fn retry((): &()) -> Retry {
        Retry::new(1, Duration::from_secs(1), Duration::from_secs(1))
    }

    fn performer((): &()) -> &'static str {
        unreachable!("a change asks for nothing")
    }

    fn form((): &(), _: &Data) -> Form {
        unreachable!("a change asks nobody anything")
    }

    fn answered((): &(), _: Value, _: &str) -> Result<(), String> {
        Err("a change asks nobody anything".to_owned())
    }

    fn signal(name: &str, _: Value) -> Result<(), String> {
        match name {
            // Heard like any other, so that whoever tries reads that the run has ended.
            "cancel" => Ok(()),
            _ => Err(format!("a change knows no signal {name:?}: it has ended; change the tenant once more")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[]
    }
}
