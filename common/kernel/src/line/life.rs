//! Every line's life, written once.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_model::{ErrorClass, Fault};

use super::{Cancel, Line, Moment, OnFailure, Onward, Wish};
use crate::{
    life::{Status, View},
    retry::Retry,
    workflow::{Ask, AskOf, Form, Heard, HeardBy, Named, Step, StepOf, Workflow},
};

/// The [`Workflow`] of a [`Line`].
pub struct Lined<L>(PhantomData<L>);

/// Where a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", content = "leg", rename_all = "snake_case", bound = "Leg: Named")]
pub enum At<Leg> {
    /// A leg's command is under way.
    Doing(Leg),
    /// A person is asked about a leg.
    Asking(Leg),
    /// A leg is being undone, then those before it.
    Undoing(Leg),
    /// Undoing a leg has given up; a person is asked.
    Stuck(Leg),
    /// Every leg is done.
    Completed,
    /// It failed, and everything was undone.
    RolledBack,
    /// It was cancelled, and everything was undone.
    Cancelled,
    /// It could not be undone whole, and a person has closed it.
    Failed,
}

impl<Leg: Named> Named for At<Leg> {
    fn all() -> Vec<Self> {
        let legs = |at: fn(Leg) -> Self| Leg::all().into_iter().map(at);
        let ends = [Self::Completed, Self::RolledBack, Self::Cancelled, Self::Failed];
        legs(Self::Doing)
            .chain(legs(Self::Asking))
            .chain(legs(Self::Undoing))
            .chain(legs(Self::Stuck))
            .chain(ends)
            .collect()
    }

    fn name(&self) -> String {
        match self {
            Self::Doing(leg) => leg.name(),
            Self::Asking(leg) => format!("asking_about_{}", leg.name()),
            Self::Undoing(leg) => format!("undoing_{}", leg.name()),
            Self::Stuck(leg) => format!("stuck_undoing_{}", leg.name()),
            Self::Completed => "completed".to_owned(),
            Self::RolledBack => "rolled_back".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
            Self::Failed => "failed".to_owned(),
        }
    }
}

/// What a line knows: its own data, and why it left the straight way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineData<D> {
    /// The line's own.
    pub own: D,
    /// The fault that made it fail or ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Who called it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Cancel>,
    /// The first leg has been told of, and is not told of again when it starts anew.
    #[serde(default)]
    pub begun: bool,
}

impl<D> LineData<D> {
    /// A line about to begin.
    pub fn new(own: D) -> Self {
        Self { own, fault: None, cancel: None, begun: false }
    }
}

/// What a line hears: the events every line knows, and its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LineEvent<E> {
    /// Known to every line.
    Common(Common),
    /// The line's own.
    Own(E),
}

/// The events every line knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Common {
    /// Somebody wishes to call it off.
    CancelAsked(Cancel),
    /// A person says: try once more to undo.
    UndoRetried {
        /// Who.
        by: String,
    },
    /// A person says: leave it as it is.
    Closed {
        /// Who.
        by: String,
    },
}

/// What a line asks a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with", bound = "Leg: Named")]
pub enum LineTask<Leg> {
    /// A leg failed, or nobody knows whether it happened.
    Decide(Leg),
    /// A leg could not be undone.
    UndoStuck(Leg),
}

impl<L: Line> Lined<L> {
    fn following(leg: L::Leg) -> Option<L::Leg> {
        L::Leg::all().into_iter().skip_while(|l| *l != leg).nth(1)
    }

    fn forward(leg: L::Leg, data: &LineData<L::Data>) -> StepOf<Self> {
        Step::Go(Self::following(leg).map_or(At::Completed, At::Doing), Self::tell(Moment::Done(leg), data))
    }

    fn tell(moment: Moment<L::Leg>, data: &LineData<L::Data>) -> Vec<AskOf<Self>> {
        L::notices(moment, &data.own, data.fault.as_ref()).into_iter().map(Ask::Notice).collect()
    }

    /// The nearest leg, from `leg` backwards, that has something to undo; the end when there is none.
    fn back(leg: Option<L::Leg>, data: &LineData<L::Data>) -> StepOf<Self> {
        let upto = leg.map_or(0, |leg| L::Leg::all().iter().position(|l| *l == leg).map_or(0, |at| at + 1));
        let earlier = L::Leg::all().into_iter().take(upto).rev().find(|leg| L::undo(*leg, &data.own).is_some());
        Step::go(match earlier {
            Some(leg) => At::Undoing(leg),
            None if data.cancel.is_some() => At::Cancelled,
            None => At::RolledBack,
        })
    }

    fn before(leg: L::Leg) -> Option<L::Leg> {
        L::Leg::all().into_iter().take_while(|l| *l != leg).last()
    }

    fn onward(leg: L::Leg, onward: Onward, data: &LineData<L::Data>) -> StepOf<Self> {
        match onward {
            Onward::Next => Self::forward(leg, data),
            Onward::Again => Step::go(At::Doing(leg)),
            Onward::Ask => Step::go(At::Asking(leg)),
            Onward::Unexpected => Step::Unexpected,
        }
    }

    fn wished(state: At<L::Leg>, data: &mut LineData<L::Data>, event: &L::Event) -> StepOf<Self> {
        let leg = match state {
            At::Doing(leg) | At::Asking(leg) => Some(leg),
            _ => None,
        };
        match L::wish(leg, &mut data.own, event) {
            Wish::Restart if matches!(state, At::Doing(_)) => Step::go(state),
            Wish::Restart | Wish::Noted => Step::stay(),
            Wish::Refused(why) => Step::Refuse(why),
        }
    }
}

impl<L: Line> Workflow for Lined<L> {
    const KIND: &'static str = L::KIND;
    const VERSION: u32 = L::VERSION;

    type State = At<L::Leg>;
    type Data = LineData<L::Data>;
    type Event = LineEvent<L::Event>;
    type Command = L::Command;
    type Timer = ();
    type Notice = L::Notice;
    type Task = LineTask<L::Leg>;

    fn begin(_: &Self::Data) -> Self::State {
        At::Doing(L::Leg::all()[0])
    }

    fn enter(state: Self::State, data: &Self::Data) -> Vec<AskOf<Self>> {
        let (asks, moment): (Vec<AskOf<Self>>, _) = match state {
            At::Doing(leg) => {
                (vec![Ask::Command(L::command(leg, &data.own))], (!data.begun).then_some(Moment::Started))
            }
            At::Undoing(leg) => (L::undo(leg, &data.own).map(Ask::Command).into_iter().collect(), None),
            At::Asking(leg) => (vec![Ask::Task(LineTask::Decide(leg))], Some(Moment::Asked)),
            At::Stuck(leg) => (vec![Ask::Task(LineTask::UndoStuck(leg))], Some(Moment::Asked)),
            At::Completed => (Vec::new(), Some(Moment::Completed)),
            At::RolledBack => (Vec::new(), Some(Moment::RolledBack)),
            At::Cancelled => (Vec::new(), Some(Moment::Cancelled)),
            At::Failed => (Vec::new(), Some(Moment::Failed)),
        };
        let tell = moment.map_or_else(Vec::new, |moment| Self::tell(moment, data));
        asks.into_iter().chain(tell).collect()
    }

    fn step(state: Self::State, data: &mut Self::Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use At::{Asking, Doing, Stuck, Undoing};
        use Heard::{Event, Fired, GaveUp, Unknown};
        use LineEvent::{Common as Known, Own};

        data.begun = true;
        match (state, heard) {
            (Doing(leg), Event(Own(event))) => match L::answer(leg, &mut data.own, event) {
                Onward::Unexpected => Self::wished(state, data, event),
                onward => Self::onward(leg, onward, data),
            },
            (Doing(leg), GaveUp(_, fault)) => {
                L::failed(leg, &mut data.own, fault);
                data.fault = Some(fault.clone());
                match L::on_failure(leg) {
                    OnFailure::Undo => Self::back(Some(leg), data),
                    OnFailure::Ask => Step::go(Asking(leg)),
                    OnFailure::Skip => Self::forward(leg, data),
                }
            }
            (Doing(leg), Unknown(_, fault)) => {
                L::failed(leg, &mut data.own, fault);
                data.fault = Some(fault.clone());
                Step::go(Asking(leg))
            }
            (Asking(leg), Event(Own(event))) => match L::decided(leg, &mut data.own, event) {
                Onward::Unexpected => Self::wished(state, data, event),
                onward => {
                    if onward == Onward::Again {
                        data.fault = None;
                    }
                    Self::onward(leg, onward, data)
                }
            },
            (Doing(leg) | Asking(leg), Event(Known(Common::CancelAsked(cancel)))) => match L::on_failure(leg) {
                OnFailure::Undo => {
                    data.cancel = Some(cancel.clone());
                    Self::back(Some(leg), data)
                }
                OnFailure::Ask | OnFailure::Skip => Step::Refuse(L::TOO_LATE.to_owned()),
            },
            (Undoing(leg), Event(Own(event))) if L::undone(leg, event) => Self::back(Self::before(leg), data),
            (Undoing(_) | Stuck(_), Event(Own(event))) => Self::wished(state, data, event),
            (Undoing(_) | Stuck(_), Event(Known(Common::CancelAsked(_)))) => {
                Step::Ignore("everything this run has made is being removed already")
            }
            (Undoing(leg), GaveUp(_, fault) | Unknown(_, fault)) => {
                data.fault = Some(fault.clone());
                Step::go(Stuck(leg))
            }
            (Stuck(leg), Event(Known(Common::UndoRetried { .. }))) => Step::go(Undoing(leg)),
            (Stuck(_), Event(Known(Common::Closed { .. }))) => Step::go(At::Failed),
            (_, Event(_) | Fired(()) | GaveUp(..) | Unknown(..)) => Step::Unexpected,
        }
    }

    fn view(state: Self::State, data: &Self::Data) -> View {
        let status = match state {
            At::Doing(_) | At::Undoing(_) => Status::Running,
            At::Asking(_) | At::Stuck(_) => Status::Waiting,
            At::Completed => Status::Completed,
            At::RolledBack => Status::RolledBack,
            At::Cancelled => Status::Cancelled,
            At::Failed => Status::Failed,
        };
        let progress = match state {
            At::Doing(leg) | At::Asking(leg) => Some(L::progress(leg)),
            At::Completed => Some(100),
            _ => None,
        };
        let step = match state {
            At::Asking(leg) => leg.name(),
            At::Undoing(_) | At::Stuck(_) => "rolling_back".to_owned(),
            other => other.name(),
        };
        let error = if state == At::Completed { None } else { data.fault.clone() };
        let mut result = L::result(&data.own, state == At::Completed);
        if let (Some(cancel), Some(fields)) = (&data.cancel, result.as_object_mut()) {
            fields.insert("cancelled".to_owned(), json!(cancel));
        }
        View { status, step, progress, error, result }
    }

    fn entity(data: &Self::Data) -> Option<String> {
        L::entity(&data.own)
    }

    fn undoes(state: Self::State, data: &Self::Data) -> Vec<String> {
        let (At::Undoing(leg) | At::Stuck(leg)) = state else { return Vec::new() };
        let upto = L::Leg::all().into_iter().take_while(|l| *l != leg).chain([leg]);
        let undone = upto.filter(|leg| L::undo(*leg, &data.own).is_some()).map(L::undoing);
        // The last leg is undone first.
        undone.collect::<Vec<_>>().into_iter().rev().collect()
    }

    fn retry(command: &Self::Command) -> Retry {
        L::retry(command)
    }

    fn performer(command: &Self::Command) -> &'static str {
        L::performer(command)
    }

    fn form(task: &Self::Task, data: &Self::Data) -> Form {
        let unclear = || Fault::new(ErrorClass::InternalError, "no reason was recorded");
        let fault = data.fault.clone().unwrap_or_else(unclear);
        match task {
            LineTask::Decide(leg) => L::form(*leg, &data.own, &fault),
            LineTask::UndoStuck(leg) => Form {
                title: format!("Rolling back has stopped at {}", leg.name()),
                text: format!(
                    "What this run had made is being removed, and one part could not be: {}. \
                     Choose retry once the cause is gone, or close to leave what is left and end the run as failed.",
                    fault.message
                ),
                schema: json!({
                    "type": "object",
                    "properties": { "action": { "enum": ["retry", "close"] } },
                    "required": ["action"],
                    "additionalProperties": false,
                }),
                context: json!({ "leg": leg, "fault": fault }),
                open_for: None,
                operators_only: false,
            },
        }
    }

    fn answered(task: &Self::Task, answer: Value, by: &str) -> Result<Self::Event, String> {
        match task {
            LineTask::Decide(leg) => L::answered(*leg, answer, by).map(LineEvent::Own),
            LineTask::UndoStuck(_) => match answer["action"].as_str() {
                Some("retry") => Ok(LineEvent::Common(Common::UndoRetried { by: by.to_owned() })),
                Some("close") => Ok(LineEvent::Common(Common::Closed { by: by.to_owned() })),
                _ => Err("choose an action: retry or close".to_owned()),
            },
        }
    }

    fn signal(name: &str, body: Value) -> Result<Self::Event, String> {
        if name != "cancel" {
            return L::signal(name, body).map(LineEvent::Own);
        }
        let body = if body.is_null() { json!({}) } else { body };
        let cancel: Cancel = serde_json::from_value(body)
            .map_err(|_| "cancel takes {\"reason\": text, \"cancelledBy\": text}".to_owned())?;
        for (what, text) in [("reason", &cancel.reason), ("cancelledBy", &cancel.cancelled_by)] {
            if text.chars().count() > Cancel::LONGEST || text.chars().any(|c| c.is_control() && c != '\n') {
                return Err(format!("{what} may have {} characters, and none that cannot be printed", Cancel::LONGEST));
            }
        }
        Ok(LineEvent::Common(Common::CancelAsked(cancel)))
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        L::signals()
    }

    fn upgrade(from: u32, life: Value) -> Result<Value, String> {
        L::upgrade(from, life)
    }
}
