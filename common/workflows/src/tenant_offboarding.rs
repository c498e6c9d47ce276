//! A tenant leaves: it takes a copy of what is its own with it, may come back for a while, and is removed.
//!
//! It sends no mail and nobody of it gets in from the first moment on. Its domains and hostnames are taken down by their own lives,
//! which are asked to; this one deletes no object anywhere. Only when all of them are gone do rows go.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::Fault;

mod form;
mod words;

pub use words::{Command, Data, Event, Notice, Task, Timer};

use crate::tenant_export;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// So many days before the end of the grace period somebody is reminded of it.
pub const REMIND: u32 = 3;
/// Seconds before each look at what is still to be taken down; the last one goes on.
const LOOKS: [u64; 7] = [10, 20, 40, 80, 160, 320, 600];

/// The workflow.
pub struct TenantOffboarding;

/// Where an offboarding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// What the tenant takes with it is written.
    Exporting,
    /// It could not be written.
    ExportStuck,
    /// The tenant may come back.
    Grace,
    /// It comes back.
    Restoring,
    /// It has come back.
    Restored,
    /// Its domains and hostnames are taken down.
    Withdrawing,
    /// Its rows are removed.
    Removing,
    /// Rows could not be changed.
    Stuck,
    /// It is gone.
    Offboarded,
}
named!(State: Exporting, ExportStuck, Grace, Restoring, Restored, Withdrawing, Removing, Stuck, Offboarded);

impl Workflow for TenantOffboarding {
    const KIND: &'static str = "tenant_offboarding";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = Notice;
    type Task = Task;

    fn begin(_: &Data) -> State {
        State::Exporting
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        use State as S;
        let tenant = data.tenant;
        match state {
            S::Exporting => {
                let page = Ask::Command(Command::ExportPage { tenant, page: data.written.pages + 1 });
                let started = Ask::Notice(Notice::OffboardingStarted { tenant, days: data.grace_days });
                std::iter::once(page).chain(data.fresh.then_some(started)).collect()
            }
            S::ExportStuck => vec![Ask::Task(Task::ExportStuck)],
            S::Grace => {
                let over = Ask::Timer(Timer::GraceOver, data.grace_days * DAY);
                let early = data.grace_days.checked_sub(REMIND).filter(|days| *days > 0);
                std::iter::once(over).chain(early.map(|days| Ask::Timer(Timer::Reminder, days * DAY))).collect()
            }
            S::Restoring => vec![Ask::Command(Command::RestoreTenant { tenant })],
            S::Withdrawing => vec![Ask::Command(Command::Withdraw { tenant }), Ask::Timer(Timer::TooLong, DAY)],
            S::Removing => vec![Ask::Command(Command::RemoveRows { tenant, batch: data.batches + 1 })],
            S::Stuck => vec![Ask::Task(Task::RowsStuck)],
            S::Restored | S::Offboarded => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use State as S;
        // Whoever is to be told of it was told when it began.
        data.fresh = false;
        match (state, heard) {
            (S::Exporting | S::ExportStuck | S::Grace, heard) => leaving(state, data, heard),
            (S::Restoring, Heard::Event(Event::Restored)) => {
                Step::Go(S::Restored, vec![Ask::Notice(Notice::TenantRestored { tenant: data.tenant })])
            }
            (S::Restoring, Heard::Event(Event::RestoreAsked { .. })) => Step::Ignore("it comes back already"),
            (S::Restoring, Heard::Event(Event::RemoveNowAsked { .. })) => {
                Step::Refuse("the tenant is coming back at this moment".to_owned())
            }
            (S::Stuck, Heard::Event(Event::RemoveNowAsked { .. })) if data.stuck_in == Some(S::Restoring) => {
                Step::Refuse("the tenant is coming back at this moment".to_owned())
            }
            (S::Stuck, Heard::Event(Event::RestoreAsked { .. } | Event::RetryChosen { .. }))
                if data.stuck_in == Some(S::Restoring) =>
            {
                again(data)
            }
            (_, Heard::Event(Event::RestoreAsked { .. })) => Step::Refuse(
                "the tenant cannot come back any more: what it had is being taken down. Onboard it anew; its export is kept"
                    .to_owned(),
            ),
            (_, Heard::Event(Event::RemoveNowAsked { .. })) => Step::Ignore("it is being removed already"),
            (S::Withdrawing, heard) => withdrawing(data, heard),
            (S::Removing, Heard::Event(Event::RowsRemoved { rows, complete })) => {
                data.batches += 1;
                data.removed += rows;
                if *complete {
                    Step::Go(S::Offboarded, vec![Ask::Notice(Notice::TenantOffboarded { tenant: data.tenant })])
                } else {
                    Step::go(S::Removing)
                }
            }
            // Somebody has added one since.
            (S::Removing, Heard::Event(Event::Withdrawn { left })) => {
                data.left.clone_from(left);
                Step::go(S::Withdrawing)
            }
            (S::Restoring | S::Removing, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                stuck(state, data, fault)
            }
            (S::Stuck, Heard::Event(Event::RetryChosen { .. })) => again(data),
            _ => Step::Unexpected,
        }
    }

    fn entity(data: &Data) -> Option<String> {
        Some(data.name.clone()).filter(|name| !name.is_empty())
    }

    fn undoes(state: State, _: &Data) -> Vec<String> {
        match state {
            State::Restoring => {
                vec!["the offboarding: the tenant sends mail and lets its people in again".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn view(state: State, data: &Data) -> View {
        use State as S;
        let (status, progress) = match state {
            S::Exporting => (Status::Running, Some(5)),
            S::ExportStuck => (Status::Waiting, None),
            S::Grace => (Status::Running, Some(30)),
            S::Restoring => (Status::Running, None),
            S::Restored => (Status::Cancelled, None),
            S::Withdrawing => (Status::Running, Some(50)),
            S::Removing => (Status::Running, Some(80)),
            S::Stuck => (Status::Waiting, None),
            S::Offboarded => (Status::Completed, Some(100)),
        };
        let result = json!({
            "tenantId": data.tenant, "reason": data.reason, "graceDays": data.grace_days, "exportedRows": data.written.rows,
            "withoutExport": data.without_export, "hurriedBy": data.hurried_by, "restoredBy": data.restored_by,
            "stuckIn": data.stuck_in, "left": data.left, "removedRows": data.removed,
        });
        let step = tenantry_kernel::life::name_of(&state);
        View { status, step, progress, error: data.fault.clone(), result }
    }

    fn retry(command: &Command) -> Retry {
        match command {
            Command::ExportPage { .. } => tenant_export::PATIENCE,
            Command::RestoreTenant { .. } | Command::Withdraw { .. } | Command::RemoveRows { .. } => {
                Retry::new(8, Duration::from_secs(1), Duration::from_secs(60))
            }
        }
    }

    fn performer(_: &Command) -> &'static str {
        "offboard-tenant"
    }

    fn form(task: &Task, data: &Data) -> Form {
        form::form(task, data)
    }

    fn answered(task: &Task, answer: Value, by: &str) -> Result<Event, String> {
        form::answered(task, &answer, by)
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        let by =
            ["by", "cancelledBy"].into_iter().find_map(|name| body[name].as_str()).unwrap_or("somebody").to_owned();
        match name {
            "restore" | "cancel" => Ok(Event::RestoreAsked { by }),
            "removeNow" => Ok(Event::RemoveNowAsked { by }),
            _ => Err(format!("an offboarding knows no signal {name:?}; it knows: restore, removeNow, cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[
            ("restore", "bring the tenant back as it was, while nothing was taken down"),
            ("removeNow", "do not wait for the end of the grace period"),
            ("cancel", "the same as restore"),
        ]
    }
}

/// While the tenant may come back.
fn leaving(state: State, data: &mut Data, heard: &HeardBy<TenantOffboarding>) -> StepOf<TenantOffboarding> {
    use State as S;
    match (state, heard) {
        (_, Heard::Event(Event::RestoreAsked { by })) => {
            (data.restored_by, data.fault) = (Some(by.clone()), None);
            Step::go(S::Restoring)
        }
        (S::Exporting, Heard::Event(Event::PageWritten { written, complete })) => {
            data.written = *written;
            if *complete { exported(data) } else { Step::go(S::Exporting) }
        }
        (S::Exporting, Heard::Event(Event::RemoveNowAsked { by })) => {
            data.hurried_by = Some(by.clone());
            Step::stay()
        }
        (S::Exporting, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
            data.fault = Some(fault.clone());
            Step::Go(S::ExportStuck, vec![operators("A tenant's export cannot be made", &*fault.message)])
        }
        (S::ExportStuck, Heard::Event(Event::RemoveNowAsked { .. })) => Step::Refuse(
            "what the tenant takes with it could not be written; answer the task about that first".to_owned(),
        ),
        (S::ExportStuck, Heard::Event(Event::RetryChosen { .. })) => {
            data.fault = None;
            Step::go(S::Exporting)
        }
        (S::ExportStuck, Heard::Event(Event::GoOnChosen { .. })) => {
            (data.without_export, data.fault) = (true, None);
            exported(data)
        }
        (S::Grace, Heard::Fired(Timer::Reminder)) => {
            Step::Stay(vec![Ask::Notice(Notice::OffboardingReminder { tenant: data.tenant, days: REMIND })])
        }
        (S::Grace, Heard::Fired(Timer::GraceOver)) => Step::go(S::Withdrawing),
        (S::Grace, Heard::Event(Event::RemoveNowAsked { by })) => {
            data.hurried_by = Some(by.clone());
            Step::go(S::Withdrawing)
        }
        _ => Step::Unexpected,
    }
}

/// What the tenant takes with it is written, or nobody waits for it.
fn exported(data: &Data) -> StepOf<TenantOffboarding> {
    let at_once = data.grace_days == 0 || data.hurried_by.is_some();
    Step::go(if at_once { State::Withdrawing } else { State::Grace })
}

/// While its domains and hostnames are taken down. However long that takes, nothing else is done.
fn withdrawing(data: &mut Data, heard: &HeardBy<TenantOffboarding>) -> StepOf<TenantOffboarding> {
    match heard {
        Heard::Event(Event::Withdrawn { left }) if left.is_empty() => {
            (data.looks, data.fault) = (0, None);
            data.left.clear();
            Step::go(State::Removing)
        }
        Heard::Event(Event::Withdrawn { left }) => {
            data.left.clone_from(left);
            data.fault = None;
            Step::Stay(vec![next_look(data)])
        }
        Heard::GaveUp(_, fault) | Heard::Unknown(_, fault) => {
            data.fault = Some(fault.clone());
            Step::Stay(vec![next_look(data)])
        }
        Heard::Fired(Timer::LookAgain) => Step::Stay(vec![Ask::Command(Command::Withdraw { tenant: data.tenant })]),
        Heard::Fired(Timer::TooLong) => {
            let left = if data.left.is_empty() { "nobody could look".to_owned() } else { data.left.join(", ") };
            let text = format!(
                "The tenant's domains and hostnames were asked to go, and these are still there: {left}. Look at their runs; the \
                 offboarding goes on by itself as soon as they are gone."
            );
            Step::Stay(vec![operators("What a tenant leaves is not taken down", text), Ask::Timer(Timer::TooLong, DAY)])
        }
        _ => Step::Unexpected,
    }
}

fn next_look(data: &mut Data) -> AskOf<TenantOffboarding> {
    let wait = LOOKS[(data.looks as usize).min(LOOKS.len() - 1)];
    data.looks = (data.looks + 1).min(LOOKS.len() as u32 - 1);
    Ask::Timer(Timer::LookAgain, Duration::from_secs(wait))
}

fn stuck(state: State, data: &mut Data, fault: &Fault) -> StepOf<TenantOffboarding> {
    (data.stuck_in, data.fault) = (Some(state), Some(fault.clone()));
    Step::Go(State::Stuck, vec![operators("A tenant's offboarding does not go on", &*fault.message)])
}

fn again(data: &mut Data) -> StepOf<TenantOffboarding> {
    data.fault = None;
    Step::go(data.stuck_in.take().unwrap_or(State::Removing))
}

fn operators(title: &str, text: impl Into<String>) -> AskOf<TenantOffboarding> {
    Ask::Notice(Notice::OperatorAsked { title: title.to_owned(), text: text.into() })
}
