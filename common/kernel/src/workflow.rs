//! The trait a life implements. One file per workflow; all of it pure.

use std::{fmt::Debug, time::Duration};

pub use crate::heard::{Form, Heard};
use crate::{life::View, retry::Retry};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A value with a name that stands in rows, tables and timelines.
pub trait Named: Copy + Eq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Every value, in reading order.
    fn all() -> Vec<Self>;

    /// The name, `snake_case`.
    fn name(&self) -> String;
}

/// Implements [`Named`] for an enum without fields that serialises as a string.
#[macro_export]
macro_rules! named {
    ($type:ty: $($variant:ident),+ $(,)?) => {
        impl $crate::Named for $type {
            fn all() -> Vec<Self> {
                vec![$(Self::$variant),+]
            }

            fn name(&self) -> String {
                $crate::life::name_of(self)
            }
        }
    };
}

/// Data of a life that can be stored, compared and printed.
pub trait Plain: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static> Plain for T {}

/// What a life asks for. What is asked for again in the same state, by the same name, takes the place of what was asked for
/// before: a timer runs anew, a command is begun anew and an answer to the one before is too late, a task is asked once.
/// (A notice is told each time.)
#[derive(Debug, Clone, PartialEq)]
pub enum Ask<Command, Timer, Notice, Task> {
    /// Do this now.
    Command(Command),
    /// Tell me when this long has passed.
    Timer(Timer, Duration),
    /// Tell somebody.
    Notice(Notice),
    /// Ask a person.
    Task(Task),
}

/// Where an event leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<State, Asks> {
    /// To a state (the same one again is a state change too: its timers and commands are asked anew), with asks
    /// beside those of arriving there.
    Go(State, Vec<Asks>),
    /// Nowhere, with more asks.
    Stay(Vec<Asks>),
    /// It is heard again once the state has changed.
    Postpone,
    /// It is recorded, with this reason, and changes nothing.
    Ignore(&'static str),
    /// It is not accepted; the one who wished it reads why. Nothing is recorded.
    Refuse(String),
    /// It should not be possible here: recorded, alarmed, nothing done.
    Unexpected,
}

impl<State, Asks> Step<State, Asks> {
    /// To a state that asks for what arriving there asks for, and nothing else.
    #[must_use]
    pub fn go(state: State) -> Self {
        Self::Go(state, Vec::new())
    }

    /// Nowhere; what was learned is kept.
    #[must_use]
    pub fn stay() -> Self {
        Self::Stay(Vec::new())
    }
}

/// [`Heard`] of a workflow.
pub type HeardBy<W> = Heard<<W as Workflow>::Event, <W as Workflow>::Command, <W as Workflow>::Timer>;
/// [`Ask`] of a workflow.
pub type AskOf<W> =
    Ask<<W as Workflow>::Command, <W as Workflow>::Timer, <W as Workflow>::Notice, <W as Workflow>::Task>;
/// [`Step`] of a workflow.
pub type StepOf<W> = Step<<W as Workflow>::State, AskOf<W>>;

/// A life: its states, what arriving in each asks of the world, where each event leads, how patient each command is.
///
/// Events, commands, timers, notices and tasks are enums with `#[serde(tag = "name", content = "with")]`, so that their
/// variant's name is the name in rows and timelines.
pub trait Workflow: Sized + Send + Sync + 'static {
    /// The kind of run, `snake_case`.
    const KIND: &'static str;
    /// Raised whenever `State` or `Data` changes shape; see [`Workflow::upgrade`].
    const VERSION: u32;
    /// Whether news may still move a life that has ended, to another end: a mail that was sent may bounce.
    const HEARS_AFTER_END: bool = false;

    /// What is.
    type State: Named;
    /// What the life knows. Holds no secret.
    type Data: Plain;
    /// What happened.
    type Event: Plain;
    /// What is asked of the world.
    type Command: Plain;
    /// What is waited for.
    type Timer: Plain;
    /// What somebody is told.
    type Notice: Plain;
    /// What a person is asked.
    type Task: Plain;

    /// The state a new life begins in.
    fn begin(data: &Self::Data) -> Self::State;

    /// What arriving in a state asks of the world.
    fn enter(state: Self::State, data: &Self::Data) -> Vec<AskOf<Self>>;

    /// Where an event leads. Changes of `data` are kept with `Go` and `Stay` and forgotten otherwise.
    fn step(state: Self::State, data: &mut Self::Data, heard: &HeardBy<Self>) -> StepOf<Self>;

    /// What people see of it.
    fn view(state: Self::State, data: &Self::Data) -> View;

    /// What it is about, as a person would type it to find it: a domain, a hostname, the name of a tenant. None for what is only
    /// found by its tenant.
    fn entity(_data: &Self::Data) -> Option<String> {
        None
    }

    /// What is still to be removed or taken back from this state on, each thing in a few words of the product; empty where nothing
    /// is. For whoever is about to cancel.
    fn undoes(_state: Self::State, _data: &Self::Data) -> Vec<String> {
        Vec::new()
    }

    /// How patiently a command is tried again.
    fn retry(command: &Self::Command) -> Retry;

    /// The function (and queue) that performs a command.
    fn performer(command: &Self::Command) -> &'static str;

    /// The function that gives turns, where a timer that is due waits in its tenant's lane until its turn comes. Such a timer
    /// does not fire: whoever gives the turn says with an event what it means.
    fn lane(_timer: &Self::Timer) -> Option<&'static str> {
        None
    }

    /// What a person is shown for a task.
    fn form(task: &Self::Task, data: &Self::Data) -> Form;

    /// The event that a person's answer means. The answer has passed the form's schema already.
    ///
    /// # Errors
    /// A sentence for the person, when the answer fits the schema and still cannot be used.
    fn answered(task: &Self::Task, answer: Value, by: &str) -> Result<Self::Event, String>;

    /// The event that a signal means.
    ///
    /// # Errors
    /// A sentence for the caller: no such signal, or a body that cannot be used.
    fn signal(name: &str, body: Value) -> Result<Self::Event, String>;

    /// The names of the signals that [`Workflow::signal`] knows, each with one line of help.
    fn signals() -> &'static [(&'static str, &'static str)];

    /// A stored life of an older version, brought to this one. `life` is `{"state": ..., "data": ...}`.
    ///
    /// # Errors
    /// What could not be read.
    fn upgrade(from: u32, life: Value) -> Result<Value, String> {
        let _ = life;
        Err(format!("{} has no upgrade from version {from}", Self::KIND))
    }
}
