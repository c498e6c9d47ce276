//! A life with everything it has asked for and not heard of yet.

use std::time::Duration;

use serde_json::Value;

use crate::{
    advance::{Deaf, advance},
    life::{Change, EntryKind, Input, Life, NewTask, NewTimer, Outcome, Role, View, name_of},
    workflow::{Heard, Workflow},
};

/// A command that nobody has answered yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OpenCommand {
    pub(super) epoch: u32,
    pub(super) command: Value,
}

/// The world as the store would hold it, with timers as time left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) life: Life,
    pub(super) view: View,
    pub(super) commands: Vec<OpenCommand>,
    pub(super) timers: Vec<(u32, NewTimer)>,
    pub(super) tasks: Vec<(u32, NewTask)>,
}

/// Something that may happen next.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Answer(usize, Heard<Value, Value, Value>),
    Fire(usize),
    Turn(usize, Value),
    Reply(usize, Value),
    Wish(Value),
}

impl World {
    pub(super) fn new(change: Change) -> Self {
        let mut world = Self {
            life: change.life.clone(),
            view: change.view.clone(),
            commands: Vec::new(),
            timers: Vec::new(),
            tasks: Vec::new(),
        };
        world.keep(&change);
        world
    }

    fn keep(&mut self, change: &Change) {
        let epoch = change.life.epoch;
        if change.left {
            self.commands.clear();
            self.timers.clear();
            self.tasks.clear();
        }
        let asked = change.commands.iter().filter(|command| command.role == Role::Command);
        let again = |name: &str, new: &[&str]| new.contains(&name);
        let names: Vec<&str> = asked.clone().map(|command| command.name.as_str()).collect();
        self.commands.retain(|open| !again(&name_of(&open.command), &names));
        let names: Vec<&str> = change.timers.iter().map(|timer| timer.name.as_str()).collect();
        self.timers.retain(|(_, timer)| !again(&timer.name, &names));
        let names: Vec<&str> = change.tasks.iter().map(|task| task.name.as_str()).collect();
        self.tasks.retain(|(_, task)| !again(&task.name, &names));
        self.commands.extend(asked.map(|command| OpenCommand { epoch, command: command.command.clone() }));
        self.timers.extend(change.timers.iter().map(|timer| (epoch, timer.clone())));
        self.tasks.extend(change.tasks.iter().map(|task| (epoch, task.clone())));
        self.life = change.life.clone();
        self.view = change.view.clone();
    }

    /// The timer that runs out first.
    pub(super) fn next_timer(&self) -> Option<usize> {
        (0..self.timers.len()).min_by_key(|at| self.timers[*at].1.after)
    }

    /// The same, of those that fire by themselves.
    pub(super) fn next_to_fire(&self) -> Option<usize> {
        (0..self.timers.len()).filter(|at| self.timers[*at].1.lane.is_none()).min_by_key(|at| self.timers[*at].1.after)
    }

    /// Lets time pass, without firing anything.
    pub(super) fn pass(&mut self, time: Duration) {
        for (_, timer) in &mut self.timers {
            timer.after = timer.after.saturating_sub(time);
        }
    }

    pub(super) fn input<W: Workflow>(&self, act: &Act) -> Result<Input, String> {
        Ok(match act {
            Act::Answer(at, heard) => {
                let kind = match heard {
                    Heard::GaveUp(..) => EntryKind::GaveUp,
                    Heard::Unknown(..) => EntryKind::Unknown,
                    _ => EntryKind::Answer,
                };
                Input { kind, epoch: Some(self.commands[*at].epoch), heard: heard.clone() }
            }
            Act::Fire(at) => {
                let (epoch, timer) = &self.timers[*at];
                Input { kind: EntryKind::Timer, epoch: Some(*epoch), heard: Heard::Fired(timer.timer.clone()) }
            }
            Act::Turn(at, event) => {
                Input { kind: EntryKind::Timer, epoch: Some(self.timers[*at].0), heard: Heard::Event(event.clone()) }
            }
            Act::Reply(at, answer) => {
                let (epoch, task) = &self.tasks[*at];
                let task: W::Task = serde_json::from_value(task.task.clone()).map_err(|error| error.to_string())?;
                let event = W::answered(&task, answer.clone(), "operator")?;
                let heard = Heard::Event(crate::advance::plain(&event));
                Input { kind: EntryKind::TaskAnswer, epoch: Some(*epoch), heard }
            }
            Act::Wish(event) => Input { kind: EntryKind::Signal, epoch: None, heard: Heard::Event(event.clone()) },
        })
    }

    /// Does one thing, and keeps what follows. What was answered is no longer open.
    pub(super) fn act<W: Workflow>(&mut self, act: &Act) -> Result<Change, Deaf> {
        let unreadable = |why| Deaf::Unreadable { kind: W::KIND, why };
        let input = self.input::<W>(act).map_err(unreadable)?;
        let change = advance::<W>(&self.life, input)?;
        match act {
            Act::Answer(at, _) => drop(self.commands.remove(*at)),
            Act::Fire(at) | Act::Turn(at, _) => {
                let (_, timer) = self.timers.remove(*at);
                self.pass(timer.after);
            }
            Act::Reply(at, _) => drop(self.tasks.remove(*at)),
            Act::Wish(_) => {}
        }
        self.keep(&change);
        Ok(change)
    }

    /// Whether anything at all could still move this life.
    pub(super) fn is_waiting(&self) -> bool {
        !self.commands.is_empty() || !self.timers.is_empty() || !self.tasks.is_empty()
    }
}

/// The outcome of the input itself, which is always the first entry.
pub(super) fn outcome(change: &Change) -> Option<Outcome> {
    change.entries.first().map(|entry| entry.outcome)
}
