//! One event in, one [`Change`] out.

use std::collections::VecDeque;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    life::{
        Change, Entry, EntryKind, Input, Life, NewCommand, NewTask, NewTimer, Outcome, Postponed, Preview, Role, View,
        name_of,
    },
    workflow::{Ask, AskOf, Heard, HeardBy, Named, Step, Workflow},
};

/// The function that performs every notice.
pub const NOTIFY: &str = "notify";

/// Why a life could not hear something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Deaf {
    /// The wish is not accepted; nothing was recorded.
    #[error("{0}")]
    Refused(String),
    /// The stored life, or what it was told, was written by a newer version of the workflow.
    #[error("this is version {known} of {kind}, and the run was written by version {found}; deploy the newer version")]
    Newer {
        /// The workflow.
        kind: &'static str,
        /// The version in the row.
        found: u32,
        /// The version of this code.
        known: u32,
    },
    /// The stored life, or what it was told, cannot be read.
    #[error("a row of {kind} cannot be read: {why}")]
    Unreadable {
        /// The workflow.
        kind: &'static str,
        /// What the reader said.
        why: String,
    },
}

/// A new life, and what its first state asks for.
pub fn start<W: Workflow>(data: W::Data) -> Change {
    let state = W::begin(&data);
    let mut living =
        Living::<W> { state, data, epoch: 0, postponed: Vec::new(), progress: 0, change: Vec::new(), asks: Vec::new() };
    living.arrive(state);
    living.entry(EntryKind::Started, "Started".to_owned(), state.name(), Outcome::Moved, json!({}));
    living.finish(true)
}

/// What one input does to a life.
///
/// # Errors
/// [`Deaf`]: the wish is refused, or the life or the input cannot be read by this version.
pub fn advance<W: Workflow>(life: &Life, input: Input) -> Result<Change, Deaf> {
    let mut living = Living::<W>::wake(life)?;
    let heard: HeardBy<W> = typed::<W>(input.heard.clone())?;
    let before = living.state.name();
    let (name, detail) = describe(&input.heard);
    let ended = W::view(living.state, &living.data).status.ended();

    if input.epoch.is_some_and(|epoch| epoch < living.epoch) || (ended && input.epoch.is_some()) {
        living.entry(input.kind, name, before, Outcome::Late, detail);
        return Ok(living.finish(false));
    }
    if ended && !W::HEARS_AFTER_END {
        return Err(Deaf::Refused(format!("the run has ended ({before}); nothing can be changed any more")));
    }
    let kind = input.kind;
    let (outcome, why) = living.hear(&heard, input)?;
    living.entry(kind, name, before, outcome, with_reason(detail, why));
    let moved = outcome == Outcome::Moved;
    if moved {
        living.replay();
    }
    Ok(living.finish(moved))
}

/// What a wish would do, without its being told: the life is as it was.
///
/// # Errors
/// As [`advance`]; a refusal is what would be answered.
pub fn preview<W: Workflow>(life: &Life, event: Value) -> Result<Preview, Deaf> {
    let change = advance::<W>(life, Input { kind: EntryKind::Signal, epoch: None, heard: Heard::Event(event) })?;
    let after = Living::<W>::wake(&change.life)?;
    Ok(Preview { state: change.state, view: change.view, undoes: W::undoes(after.state, &after.data) })
}

/// A life awake: typed, with what has changed so far.
struct Living<W: Workflow> {
    state: W::State,
    data: W::Data,
    epoch: u32,
    postponed: Vec<Postponed>,
    progress: u8,
    change: Vec<Entry>,
    asks: Vec<AskOf<W>>,
}

impl<W: Workflow> Living<W> {
    fn wake(life: &Life) -> Result<Self, Deaf> {
        let (state, data) = match life.version {
            found if found > W::VERSION => return Err(Deaf::Newer { kind: W::KIND, found, known: W::VERSION }),
            found if found < W::VERSION => {
                let mut old = W::upgrade(found, json!({"state": life.state, "data": life.data}))
                    .map_err(|why| Deaf::Unreadable { kind: W::KIND, why })?;
                (old["state"].take(), old["data"].take())
            }
            _ => (life.state.clone(), life.data.clone()),
        };
        Ok(Self {
            state: read::<W, _>(state)?,
            data: read::<W, _>(data)?,
            epoch: life.epoch,
            postponed: life.postponed.clone(),
            progress: life.progress,
            change: Vec::new(),
            asks: Vec::new(),
        })
    }

    /// Leaves the present state: what it asked for in this very step is withdrawn, but somebody may still be told.
    fn arrive(&mut self, state: W::State) {
        self.asks.retain(|ask| matches!(ask, Ask::Notice(_)));
        self.state = state;
        self.epoch += 1;
        self.asks.extend(W::enter(state, &self.data));
    }

    /// Takes one step; with the outcome comes the reason why something was ignored.
    fn hear(&mut self, heard: &HeardBy<W>, input: Input) -> Result<(Outcome, Option<&'static str>), Deaf> {
        let mut data = self.data.clone();
        let mut reason = None;
        let outcome = match W::step(self.state, &mut data, heard) {
            Step::Go(state, asks) => {
                self.data = data;
                self.arrive(state);
                self.asks.extend(asks);
                Outcome::Moved
            }
            Step::Stay(asks) => {
                self.data = data;
                self.asks.extend(asks);
                Outcome::Stayed
            }
            Step::Postpone => {
                self.postponed.push(Postponed { kind: input.kind, heard: input.heard });
                Outcome::Postponed
            }
            Step::Ignore(why) => {
                reason = Some(why);
                Outcome::Ignored
            }
            Step::Refuse(why) => return Err(Deaf::Refused(why)),
            Step::Unexpected => Outcome::Unexpected,
        };
        Ok((outcome, reason))
    }

    /// After a state change, what was postponed is heard again, oldest first; each further change starts over.
    fn replay(&mut self) {
        let mut waiting: VecDeque<Postponed> = std::mem::take(&mut self.postponed).into();
        while let Some(Postponed { kind, heard: raw }) = waiting.pop_front() {
            let before = self.state.name();
            let (name, detail) = describe(&raw);
            let again =
                typed::<W>(raw.clone()).and_then(|heard| self.hear(&heard, Input { kind, epoch: None, heard: raw }));
            match again {
                Ok((Outcome::Postponed, _)) => {}
                Ok((outcome, why)) => {
                    self.entry(kind, name, before, outcome, with_reason(detail, why));
                    if outcome == Outcome::Moved {
                        let still_waiting = std::mem::take(&mut self.postponed);
                        waiting = still_waiting.into_iter().chain(waiting).collect();
                    }
                }
                // Nobody waits for a refusal any more: the one who wished was told "later".
                Err(deaf) => self.entry(kind, name, before, Outcome::Ignored, json!({ "reason": deaf.to_string() })),
            }
        }
    }

    fn entry(&mut self, kind: EntryKind, name: String, from: String, outcome: Outcome, detail: Value) {
        self.change.push(Entry { kind, name, from, to: self.state.name(), epoch: self.epoch, outcome, detail });
    }

    fn finish(self, left: bool) -> Change {
        let mut view: View = W::view(self.state, &self.data);
        let progress = view.progress.unwrap_or(0).max(self.progress).min(100);
        view.progress = Some(progress);
        let (mut commands, mut timers, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
        for ask in self.asks {
            match ask {
                Ask::Command(command) => commands.push(NewCommand {
                    role: Role::Command,
                    name: name_of(&command),
                    performer: W::performer(&command),
                    command: plain(&command),
                }),
                Ask::Notice(notice) => commands.push(NewCommand {
                    role: Role::Notice,
                    name: name_of(&notice),
                    performer: NOTIFY,
                    command: plain(&notice),
                }),
                Ask::Timer(timer, after) => {
                    timers.push(NewTimer { name: name_of(&timer), timer: plain(&timer), after, lane: W::lane(&timer) })
                }
                Ask::Task(task) => {
                    let form = W::form(&task, &self.data);
                    tasks.push(NewTask { name: name_of(&task), task: plain(&task), form });
                }
            }
        }
        Change {
            state: self.state.name(),
            life: Life {
                version: W::VERSION,
                epoch: self.epoch,
                state: plain(&self.state),
                data: plain(&self.data),
                postponed: self.postponed,
                progress,
            },
            view,
            entity: W::entity(&self.data),
            entries: self.change,
            left,
            commands,
            timers,
            tasks,
        }
    }
}

fn typed<W: Workflow>(heard: Heard<Value, Value, Value>) -> Result<HeardBy<W>, Deaf> {
    Ok(match heard {
        Heard::Event(event) => Heard::Event(read::<W, _>(event)?),
        Heard::Fired(timer) => Heard::Fired(read::<W, _>(timer)?),
        Heard::GaveUp(command, fault) => Heard::GaveUp(read::<W, _>(command)?, fault),
        Heard::Unknown(command, fault) => Heard::Unknown(read::<W, _>(command)?, fault),
    })
}

/// The name and the detail that the history keeps of something heard.
fn describe(heard: &Heard<Value, Value, Value>) -> (String, Value) {
    match heard {
        Heard::Event(event) | Heard::Fired(event) => {
            (name_of(event), event.get("with").cloned().unwrap_or_else(|| json!({})))
        }
        Heard::GaveUp(command, fault) | Heard::Unknown(command, fault) => (name_of(command), json!({ "fault": fault })),
    }
}

/// The detail, with the reason why nothing was done beside it.
fn with_reason(detail: Value, why: Option<&'static str>) -> Value {
    why.map_or(detail.clone(), |why| json!({ "reason": why, "told": detail }))
}

pub(crate) fn read<W: Workflow, T: DeserializeOwned>(value: Value) -> Result<T, Deaf> {
    serde_json::from_value(value).map_err(|error| Deaf::Unreadable { kind: W::KIND, why: error.to_string() })
}

/// The value as JSON. Our enums and structs have string keys only, so this cannot fail for them.
pub(crate) fn plain(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
