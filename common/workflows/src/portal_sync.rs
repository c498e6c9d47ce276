//! The cluster is brought to what the rows say: again and again by the standing run, or once, when an operator asks.
//!
//! The standing run begins with the first hostname that is wanted. It asks before many objects go, or any that nobody knows.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenantry_kernel::{
    Form, Heard, Retry, Status, Step, View, Workflow, named,
    workflow::{Ask, AskOf, HeardBy, StepOf},
};
use tenantry_model::Fault;

/// The key of the standing run.
pub const STANDING: &str = "standing";

/// Another reconcile is at work: so long until the next try.
const BUSY: Duration = Duration::from_secs(5);

/// The workflow.
pub struct PortalSync;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It compares, and carries out what it may.
    Reconciling,
    /// The standing run waits for its next turn.
    Resting,
    /// Something would go, and an operator is asked first.
    Held,
    /// It was done.
    Done,
    /// It could not be done.
    Failed,
    /// Somebody wants no more of it.
    Stopped,
}
named!(State: Reconciling, Resting, Held, Done, Failed, Stopped);

/// What is to be done with the plan. Nothing of it: it is only shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Carry {
    /// Commit the manifests, and push them.
    pub commit: bool,
    /// ... to a branch of their own, for a pull request.
    pub pull_request: bool,
    /// Apply them to the cluster, and prune.
    pub apply: bool,
}

impl Carry {
    /// All of it, as far as there is a repository and a cluster.
    pub const ALL: Self = Self { commit: true, pull_request: false, apply: true };
}

/// What a run knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Data {
    /// Seconds between two turns of the standing run; none: it is done once.
    pub every: Option<u64>,
    /// What is done with the plan.
    pub carry: Carry,
    /// What was done last.
    #[serde(default)]
    pub last: Option<Summary>,
    /// What would go, and was not let go yet.
    #[serde(default)]
    pub held: Option<Held>,
    /// What an operator has let go.
    #[serde(default)]
    pub released: Option<String>,
    /// What an operator wants kept, and is not asked about again.
    #[serde(default)]
    pub kept: Option<String>,
    /// It was asked for again while it was at work.
    #[serde(default)]
    pub again: bool,
    /// What stands in the way.
    #[serde(default)]
    pub fault: Option<Fault>,
}

/// What a reconcile has found and done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Summary {
    /// Objects that were, or would be, created.
    pub created: u32,
    /// ... changed.
    pub changed: u32,
    /// ... deleted.
    pub deleted: u32,
    /// Objects that are as they should be.
    pub unchanged: u32,
    /// Objects that the cluster has refused, or that are not ours to write.
    pub refused: u32,
    /// Objects of ours that no row knows.
    pub orphans: u32,
    /// Files that were, or would be, written or removed.
    pub files: u32,
    /// The commit that was pushed.
    pub commit: Option<String>,
    /// The branch it was pushed to, where that is one for a pull request.
    pub branch: Option<String>,
}

/// What would go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How many objects.
    pub objects: u32,
    /// Stands for exactly these.
    pub digest: String,
    /// Which, and why we ask, for operators.
    pub words: String,
}

/// What a run hears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Event {
    /// It was compared, and carried out as far as it may be.
    Reconciled {
        /// What was found and done.
        summary: Summary,
        /// What would go.
        held: Option<Held>,
        /// There is more to do than one turn takes.
        more: bool,
        /// Why it was broken off, if it was.
        #[serde(default)]
        broken_off: Option<Fault>,
    },
    /// Another reconcile is at work.
    Busy,
    /// Somebody wants a turn now.
    RefreshAsked {
        /// Who.
        by: String,
    },
    /// An operator lets go what is held.
    ReleaseAsked {
        /// Who.
        by: String,
    },
    /// An operator wants it kept.
    KeepAsked {
        /// Who.
        by: String,
    },
    /// Somebody wants no more of it.
    StopAsked,
}

/// What a run asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Command {
    /// `reconcile-cluster`.
    Reconcile {
        /// What to do with the plan.
        carry: Carry,
        /// These objects may go: [`Held::digest`].
        released: Option<String>,
    },
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Timer {
    /// Its next turn.
    NextTurn,
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "with")]
pub enum Notice {
    /// The platform's operators are told something.
    OperatorAsked {
        /// What.
        title: String,
        /// What happened.
        text: String,
    },
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name")]
pub enum Task {
    /// May these objects go?
    ReleaseBrake,
}

impl Workflow for PortalSync {
    const KIND: &'static str = "portal_sync";
    const VERSION: u32 = 1;

    type State = State;
    type Data = Data;
    type Event = Event;
    type Command = Command;
    type Timer = Timer;
    type Notice = Notice;
    type Task = Task;

    fn begin(_: &Data) -> State {
        State::Reconciling
    }

    fn enter(state: State, data: &Data) -> Vec<AskOf<Self>> {
        match state {
            State::Reconciling => vec![reconcile(data)],
            State::Resting => vec![turn(data)],
            State::Held => vec![Ask::Task(Task::ReleaseBrake), turn(data)],
            State::Done | State::Failed | State::Stopped => Vec::new(),
        }
    }

    fn step(state: State, data: &mut Data, heard: &HeardBy<Self>) -> StepOf<Self> {
        use State as S;
        match (state, heard) {
            (S::Reconciling | S::Held, Heard::Event(Event::Reconciled { summary, broken_off: Some(fault), .. })) => {
                data.last = Some(summary.clone());
                cannot(state, data, fault)
            }
            (S::Reconciling | S::Held, Heard::Event(Event::Reconciled { summary, held, more, .. })) => {
                (data.last, data.fault, data.released) = (Some(summary.clone()), None, None);
                done(state, data, held.as_ref(), *more)
            }
            (S::Reconciling | S::Held, Heard::Event(Event::Busy)) => {
                Step::Stay(vec![Ask::Timer(Timer::NextTurn, BUSY)])
            }
            (S::Resting, Heard::Fired(Timer::NextTurn) | Heard::Event(Event::RefreshAsked { .. })) => {
                Step::go(S::Reconciling)
            }
            (S::Reconciling | S::Held, Heard::Fired(Timer::NextTurn))
            | (S::Held, Heard::Event(Event::RefreshAsked { .. })) => Step::Stay(vec![reconcile(data)]),
            (S::Reconciling, Heard::Event(Event::RefreshAsked { .. })) => {
                data.again = data.every.is_some();
                Step::stay()
            }
            (S::Held, Heard::Event(Event::ReleaseAsked { .. })) => {
                data.released = data.held.take().map(|held| held.digest);
                Step::go(S::Reconciling)
            }
            (S::Held, Heard::Event(Event::KeepAsked { .. })) => {
                data.kept = data.held.take().map(|held| held.digest);
                Step::go(S::Resting)
            }
            (S::Reconciling | S::Held, Heard::GaveUp(_, fault) | Heard::Unknown(_, fault)) => {
                cannot(state, data, fault)
            }
            (S::Done | S::Failed | S::Stopped, _) => Step::Ignore("it is over"),
            (_, Heard::Event(Event::StopAsked)) => Step::go(S::Stopped),
            (_, Heard::Event(Event::ReleaseAsked { .. } | Event::KeepAsked { .. })) => {
                Step::Refuse("Nothing is held any more; look at the newest plan.".to_owned())
            }
            _ => Step::Unexpected,
        }
    }

    fn view(state: State, data: &Data) -> View {
        let (status, step) = match state {
            State::Reconciling => (Status::Running, "reconciling"),
            State::Resting => (Status::Running, "resting"),
            State::Held => (Status::Waiting, "held"),
            State::Done => (Status::Completed, "done"),
            State::Failed => (Status::Failed, "failed"),
            State::Stopped => (Status::Cancelled, "stopped"),
        };
        let held = data.held.as_ref().map(|held| json!({ "objects": held.objects, "words": held.words }));
        let result =
            json!({ "carry": data.carry, "standing": data.every.is_some(), "summary": data.last, "held": held });
        View { status, step: step.to_owned(), progress: None, error: data.fault.clone(), result }
    }

    fn retry(_: &Command) -> Retry {
        Retry::new(6, Duration::from_secs(2), Duration::from_secs(120))
    }

    fn performer(_: &Command) -> &'static str {
        "reconcile-cluster"
    }

    fn form(Task::ReleaseBrake: &Task, data: &Data) -> Form {
        let (objects, words) = data.held.as_ref().map_or((0, ""), |held| (held.objects, held.words.as_str()));
        Form {
            title: format!("{objects} objects of portals would be deleted"),
            text: format!(
                "The brake holds them; everything else is carried out. {words} Your choice: release deletes exactly these; keep leaves \
                 them where they are, and does not ask about the same ones again."
            ),
            schema: json!({
                "type": "object",
                "properties": {
                    "action": {
                        "type": "string",
                        "title": "May they go?",
                        "oneOf": [{ "const": "keep", "title": "Keep them" }, { "const": "release", "title": "Delete them" }]
                    },
                    "note": { "type": "string", "title": "A note for the record", "maxLength": 1000 }
                },
                "required": ["action"],
                "additionalProperties": false
            }),
            context: json!({ "objects": objects }),
            open_for: None,
            operators_only: true,
        }
    }

    fn answered(_: &Task, answer: Value, by: &str) -> Result<Event, String> {
        let by = by.to_owned();
        match answer["action"].as_str() {
            Some("release") => Ok(Event::ReleaseAsked { by }),
            Some("keep") => Ok(Event::KeepAsked { by }),
            _ => Err("choose an action: keep, release".to_owned()),
        }
    }

    fn signal(name: &str, body: Value) -> Result<Event, String> {
        match name {
            "refresh" => Ok(Event::RefreshAsked { by: body["by"].as_str().unwrap_or("somebody").to_owned() }),
            "cancel" => Ok(Event::StopAsked),
            _ => Err(format!("a reconcile knows no signal {name:?}; it knows: refresh, cancel")),
        }
    }

    fn signals() -> &'static [(&'static str, &'static str)] {
        &[("refresh", "compare now"), ("cancel", "no more of it; the next hostname begins another")]
    }
}

fn reconcile(data: &Data) -> AskOf<PortalSync> {
    Ask::Command(Command::Reconcile { carry: data.carry, released: data.released.clone() })
}

fn turn(data: &Data) -> AskOf<PortalSync> {
    Ask::Timer(Timer::NextTurn, Duration::from_secs(data.every.unwrap_or(0)))
}

/// It could not be done, or not to its end: the operators are told when that begins, and the next turn tries again.
fn cannot(state: State, data: &mut Data, fault: &Fault) -> StepOf<PortalSync> {
    let first = data.fault.is_none();
    data.fault = Some(fault.clone());
    (data.again, data.released) = (false, None);
    if data.every.is_none() {
        return Step::go(State::Failed);
    }
    let told = Vec::from_iter(first.then(|| {
        let title = "The cluster cannot be brought to what the rows say".to_owned();
        Ask::Notice(Notice::OperatorAsked { title, text: fault.message.clone() })
    }));
    if state == State::Held { Step::Stay([told, vec![turn(data)]].concat()) } else { Step::Go(State::Resting, told) }
}

/// What follows from a reconcile: rest, ask, or go on.
fn done(state: State, data: &mut Data, held: Option<&Held>, more: bool) -> StepOf<PortalSync> {
    let again = std::mem::take(&mut data.again) || more;
    if data.every.is_none() {
        data.held = held.cloned();
        return Step::go(if more { State::Reconciling } else { State::Done });
    }
    let asked = data.held.as_ref().map(|held| held.digest.as_str());
    match held.filter(|held| data.kept.as_ref() != Some(&held.digest)) {
        Some(held) if state == State::Held && asked == Some(&held.digest) => {
            Step::Stay(vec![if again { reconcile(data) } else { turn(data) }])
        }
        Some(held) => {
            data.held = Some(held.clone());
            let title = format!("{} objects of portals would be deleted, and are held", held.objects);
            let told = Ask::Notice(Notice::OperatorAsked { title, text: held.words.clone() });
            Step::Go(State::Held, if again { vec![told, reconcile(data)] } else { vec![told] })
        }
        None => {
            data.held = None;
            Step::go(if again { State::Reconciling } else { State::Resting })
        }
    }
}
