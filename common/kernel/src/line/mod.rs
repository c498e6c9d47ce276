//! A finite line of work: legs, one after the other, each with what happens when it fails.
//!
//! The legs that can be undone come first. From the first leg that cannot be undone on, nothing is removed any more:
//! a failure asks a person or is skipped, and a cancel is refused.

mod life;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::Fault;

pub use self::life::{At, Common, LineData, LineEvent, LineTask, Lined};
use crate::{
    retry::Retry,
    workflow::{Form, Named, Plain},
};

/// What happens when a leg's command has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// This leg and all before it are undone, last first.
    Undo,
    /// A person is asked.
    Ask,
    /// It is noted, and the line goes on.
    Skip,
}

/// What an answer means for the leg it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// The leg is done.
    Next,
    /// The leg is done once more; `command` may ask for something else now.
    Again,
    /// A person is asked, though nothing failed.
    Ask,
    /// The event does not belong here.
    Unexpected,
}

/// What a wish means for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// The data was changed; the leg under way starts again with it.
    Restart,
    /// The data was changed; no leg under way uses it.
    Noted,
    /// Not accepted; the caller reads why.
    Refused(String),
}

/// A moment in a line's life at which somebody may be told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<Leg> {
    /// The first leg begins.
    Started,
    /// A leg is done (or skipped).
    Done(Leg),
    /// A person is asked.
    Asked,
    /// Every leg is done.
    Completed,
    /// It failed, and everything was undone.
    RolledBack,
    /// It was cancelled, and everything was undone.
    Cancelled,
    /// It could not be undone whole.
    Failed,
}

/// Who called a line off, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cancel {
    /// Why, in the words of the one who cancels.
    #[serde(default)]
    pub reason: String,
    /// Who.
    #[serde(default)]
    pub cancelled_by: String,
}

impl Cancel {
    /// The most characters of each text: it stays in the run, its history and the audit log.
    pub const LONGEST: usize = 1000;
}

/// A line of legs. [`Lined`] turns it into a [`Workflow`](crate::Workflow).
pub trait Line: Sized + Send + Sync + 'static {
    /// The kind of run, `snake_case`.
    const KIND: &'static str;
    /// Raised whenever a stored shape changes.
    const VERSION: u32;
    /// Why a cancel is refused once nothing can be undone, and what to do instead.
    const TOO_LATE: &'static str;

    /// The legs' names, in order.
    type Leg: Named;
    /// What the line knows. Holds no secret.
    type Data: Plain;
    /// What its commands, people and signals say.
    type Event: Plain;
    /// What it asks of the world.
    type Command: Plain;
    /// What it tells.
    type Notice: Plain;

    /// What happens when this leg fails. After the first leg that is not `Undo`, none is.
    fn on_failure(leg: Self::Leg) -> OnFailure;

    /// What a leg asks of the world.
    fn command(leg: Self::Leg, data: &Self::Data) -> Self::Command;

    /// What undoes a leg. It must be right also when the leg never happened, or only half.
    fn undo(leg: Self::Leg, data: &Self::Data) -> Option<Self::Command>;

    /// What [`Line::undo`] of a leg removes, in a few words of the product: for whoever is about to cancel.
    fn undoing(leg: Self::Leg) -> String {
        format!("what {} has made", leg.name().replace('_', " "))
    }

    /// See [`Workflow::entity`](crate::Workflow::entity).
    fn entity(_data: &Self::Data) -> Option<String> {
        None
    }

    /// An answer to the leg's command.
    fn answer(leg: Self::Leg, data: &mut Self::Data, event: &Self::Event) -> Onward;

    /// Whether the event says that the leg was undone.
    fn undone(leg: Self::Leg, event: &Self::Event) -> bool;

    /// A wish while `leg` is under way (none: being undone).
    fn wish(leg: Option<Self::Leg>, data: &mut Self::Data, event: &Self::Event) -> Wish;

    /// The leg has failed for good, or nobody knows whether it happened.
    fn failed(leg: Self::Leg, data: &mut Self::Data, fault: &Fault);

    /// What a person is asked when a leg with `Ask` fails, or an outcome is unknown.
    fn form(leg: Self::Leg, data: &Self::Data, fault: &Fault) -> Form;

    /// The event that a person's answer to [`Line::form`] means.
    ///
    /// # Errors
    /// A sentence for the person.
    fn answered(leg: Self::Leg, answer: Value, by: &str) -> Result<Self::Event, String>;

    /// What that event means: [`Onward::Next`] leaves the leg as it is and goes on.
    fn decided(leg: Self::Leg, data: &mut Self::Data, event: &Self::Event) -> Onward;

    /// The event that a signal means (`cancel` is the line's own).
    ///
    /// # Errors
    /// A sentence for the caller.
    fn signal(name: &str, body: Value) -> Result<Self::Event, String>;

    /// The names of the signals, each with one line of help; `cancel` included.
    fn signals() -> &'static [(&'static str, &'static str)];

    /// What is told at a moment.
    fn notices(moment: Moment<Self::Leg>, data: &Self::Data, fault: Option<&Fault>) -> Vec<Self::Notice>;

    /// How far the run is when a leg begins, 0 to 100.
    fn progress(leg: Self::Leg) -> u8;

    /// What the line has brought so far.
    fn result(data: &Self::Data, completed: bool) -> Value;

    /// How patiently a command is tried again.
    fn retry(command: &Self::Command) -> Retry;

    /// The function that performs a command.
    fn performer(command: &Self::Command) -> &'static str;

    /// A stored line of an older version: `{"state": ..., "data": ...}` of [`Lined`].
    ///
    /// # Errors
    /// What could not be read.
    fn upgrade(from: u32, _life: Value) -> Result<Value, String> {
        Err(format!("{} has no upgrade from version {from}", Self::KIND))
    }
}
