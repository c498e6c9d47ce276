//! A health run: through the queue of every function, a timer and the database, to `healthy`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Named as _, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::{ErrorClass, Fault};

/// How long a function may take to echo before the drill says that it is not there.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// How long the drill rests, to see that timers fire.
const REST: Duration = Duration::from_secs(1);

/// The workflow.
pub struct Drill;

/// Where a drill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// `onboard-tenant` is asked to echo.
    VisitingOnboardTenant,
    /// `send-email` is asked to echo.
    VisitingSendEmail,
    /// `create-domain` is asked to echo.
    VisitingCreateDomain,
    /// `check-dns` is asked to echo.
    VisitingCheckDns,
    /// `activate-domain` is asked to echo.
    VisitingActivateDomain,
    /// `delete-domain` is asked to echo.
    VisitingDeleteDomain,
    /// `check-portal` is asked to echo.
    VisitingCheckPortal,
    /// `reconcile-cluster` is asked to echo.
    VisitingReconcileCluster,
    /// `deliver-webhook` is asked to echo.
    VisitingDeliverWebhook,
    /// `offboard-tenant` is asked to echo.
    VisitingOffboardTenant,
    /// `notify` is asked to echo.
    VisitingNotify,
    /// A timer runs.
    Resting,
    /// All of it works.
    Healthy,
    /// Something does not answer.
    Sick,
    /// Somebody called it off.
    Cancelled,
}
named!(State: VisitingOnboardTenant, VisitingSendEmail, VisitingCreateDomain, VisitingCheckDns, VisitingActivateDomain,
    VisitingDeleteDomain, VisitingCheckPortal, VisitingReconcileCluster, VisitingDeliverWebhook,
    VisitingOffboardTenant, VisitingNotify, Resting, Healthy, Sick, Cancelled);

/// What a drill knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// The functions that have echoed.
    pub echoed: Vec<String>,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// What a drill hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// A function performed [`Command::Echo`].
    Echoed,
    /// Somebody wishes to call it off.
    CancelAsked,
}

/// What a drill asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// Any function: answer [`Event::Echoed`].
    Echo {
        /// Which function.
        function: String,
    },
}

/// What a drill waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// The function had long enough.
    AnswerOverdue,
    /// The rest is over.
    RestOver,
}

impl Workflow for Drill {
    const KIND: &'static str = "drill";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = ();
    type Task = ();

    fn begin(_: &Data) -> State {
        State::VisitingOnboardTenant
    }

    fn enter(state: State, _: &Data) -> Vec<AskOf<Self>> {
        match (state, visited(state)) {
            (_, Some(function)) => vec![
                Ask::Command(Command::Echo { function: function.to_owned() }),
                Ask::Timer(Timer::AnswerOverdue, ANSWER_WITHIN),
            ],
            (State::Resting, None) => vec![Ask::Timer(Timer::RestOver, REST)],
            _ => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use State::{Cancelled, Healthy, Resting, Sick};
        match (state, heard) {
            (_, Heard::Event(Event::CancelAsked)) => Step::go(Cancelled),
            (_, Heard::Event(Event::Echoed)) => {
                data.echoed.extend(visited(state).map(str::to_owned));
                // The states stand in the order of the visits.
                let next = State::all().into_iter().skip_while(|one| *one != state).nth(1);
                next.filter(|_| visited(state).is_some()).map_or(Step::Unexpected, Step::go)
            }
            (Resting, Heard::Fired(Timer::RestOver)) => Step::go(Healthy),
            (_, Heard::Fired(Timer::AnswerOverdue)) => {
                let function = visited(state).unwrap_or_default();
                let words = format!(
                    "{function} did not answer within {} s; look at its queue and logs",
                    ANSWER_WITHIN.as_secs()
                );
                data.fault = Some(Fault::new(ErrorClass::TimeoutError, words));
                Step::go(Sick)
            }
            (_, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                data.fault = Some(fault.clone());
                Step::go(Sick)
            }
            (_, Heard::Fired(Timer::RestOver)) => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let (status, progress) = match state {
            State::Healthy => (Status::Completed, Some(100)),
            State::Sick => (Status::Failed, None),
            State::Cancelled => (Status::Cancelled, None),
            _ => {
                // The three ends are behind the rest.
                let steps = State::all().len() - 3;
                let at = State::all().iter().position(|s| *s == state);
                (Status::Running, at.map(|at| (100 * at / steps) as u8))
            }
        };
        let result = json!({ "healthy": state == State::Healthy, "echoed": data.echoed });
        View { status, step: state.name(), progress, error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(3, Duration::from_secs(1), Duration::from_secs(30))
    }

    fn performer(command: &Command) -> &'static str {
        let Command::Echo { function } = command;
        State::all().into_iter().filter_map(visited).find(|known| known == function).unwrap_or("notify")
    }

    fn form((): &(), _: &Data) -> Form {
        unreachable!("a drill asks nobody")
    }

    fn answered((): &(), _: Value, _: &str) -> Result<Event, String> {
        Err("a drill asks nobody".to_owned())
    }

    fn signal(name: &str, _: Value) -> Result<Event, String> {
        if name == "cancel" {
            Ok(Event::CancelAsked)
        } else {
            Err(format!("a drill knows no signal {name:?}; it knows: cancel"))
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("cancel", "stop the drill")]
    }
}

/// The function that is visited in a state.
fn visited(state: State) -> Option<&'static str> {
    match state {
        State::VisitingOnboardTenant => Some("onboard-tenant"),
        State::VisitingSendEmail => Some("send-email"),
        State::VisitingCreateDomain => Some("create-domain"),
        State::VisitingCheckDns => Some("check-dns"),
        State::VisitingActivateDomain => Some("activate-domain"),
        State::VisitingDeleteDomain => Some("delete-domain"),
        State::VisitingCheckPortal => Some("check-portal"),
        State::VisitingReconcileCluster => Some("reconcile-cluster"),
        State::VisitingDeliverWebhook => Some("deliver-webhook"),
        State::VisitingOffboardTenant => Some("offboard-tenant"),
        State::VisitingNotify => Some("notify"),
        _ => None,
    }
}
