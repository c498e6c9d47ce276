//! One story, told step by step in virtual time.

use std::time::Duration;

use serde_json::Value;
use tenantry_model::Fault;

use super::world::{Act, World};
use crate::{
    advance::{Deaf, plain, start},
    life::{Change, Life, Role, Status, name_of},
    retry::Verdict,
    workflow::{Heard, Workflow},
};

/// A stage on which one life is played: seven days pass in a millisecond.
pub struct Theatre<W: Workflow> {
    world: World,
    now: Duration,
    transcript: Vec<String>,
    notices: Vec<Value>,
    workflow: std::marker::PhantomData<W>,
}

impl<W: Workflow> Theatre<W> {
    /// The curtain rises.
    #[must_use]
    pub fn new(data: W::Data) -> Self {
        let change = start::<W>(data);
        let transcript = vec![format!("{:>8}  {}", "0s", change.state)];
        let notices = notices(&change).collect();
        Self { world: World::new(change), now: Duration::ZERO, transcript, notices, workflow: std::marker::PhantomData }
    }

    /// Virtual time since the start.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.now
    }

    /// The life as it is stored now.
    #[must_use]
    pub fn life(&self) -> &Life {
        &self.world.life
    }

    /// How the run stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.world.view.status
    }

    /// What the run has brought.
    #[must_use]
    pub fn result(&self) -> &Value {
        &self.world.view.result
    }

    /// The names of the open commands.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        self.world.commands.iter().map(|open| name_of(&open.command)).collect()
    }

    /// What somebody was told so far, the oldest first, as the workflow's enum serialises it.
    #[must_use]
    pub fn notices(&self) -> &[Value] {
        &self.notices
    }

    /// Whether anything at all could still move this life.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.world.is_waiting()
    }

    /// The story so far: a line for each thing heard, with its virtual time.
    #[must_use]
    pub fn transcript(&self) -> String {
        self.transcript.join("\n")
    }

    /// A function answers the oldest open command.
    ///
    /// # Errors
    /// No command is open, or the life cannot hear it.
    pub fn answer(&mut self, event: &W::Event) -> Result<(), Deaf> {
        self.play(&Act::Answer(self.first()?, Heard::Event(plain(event))))
    }

    /// The oldest open command fails: again and again, by its policy, until it has given up or is unknown.
    ///
    /// # Errors
    /// No command is open, or the life cannot hear it.
    pub fn fail(&mut self, fault: &Fault) -> Result<(), Deaf> {
        let at = self.first()?;
        let raw = self.world.commands[at].command.clone();
        let command: W::Command =
            serde_json::from_value(raw.clone()).map_err(|error| unplayable::<W>(&error.to_string()))?;
        let retry = W::retry(&command);
        for attempt in 1.. {
            match retry.after(attempt, fault) {
                Verdict::Again(wait) => {
                    self.transcript.push(format!(
                        "{:>7}s  {} failed, again in {wait:?}",
                        self.now.as_secs(),
                        name_of(&raw)
                    ));
                    self.now += wait;
                    self.world.pass(wait);
                }
                Verdict::GaveUp => return self.play(&Act::Answer(at, Heard::GaveUp(raw, fault.clone()))),
                Verdict::Unknown => return self.play(&Act::Answer(at, Heard::Unknown(raw, fault.clone()))),
            }
        }
        Ok(())
    }

    /// The turn of the timer that waits in a lane has come.
    ///
    /// # Errors
    /// Nothing waits in a lane, or the life cannot hear it.
    pub fn turn(&mut self, event: &W::Event) -> Result<(), Deaf> {
        let waits = self.world.timers.iter().position(|(_, timer)| timer.lane.is_some());
        let at = waits.ok_or_else(|| unplayable::<W>("nothing waits for its turn"))?;
        self.now += self.world.timers[at].1.after;
        self.play(&Act::Turn(at, plain(event)))
    }

    /// Somebody wishes something.
    ///
    /// # Errors
    /// The wish is refused.
    pub fn wish(&mut self, event: &W::Event) -> Result<(), Deaf> {
        self.play(&Act::Wish(plain(event)))
    }

    /// A person answers the oldest open task.
    ///
    /// # Errors
    /// No task is open, or the answer cannot be used.
    pub fn reply(&mut self, answer: Value) -> Result<(), Deaf> {
        if self.world.tasks.is_empty() {
            return Err(unplayable::<W>("no task is open"));
        }
        self.play(&Act::Reply(0, answer))
    }

    /// Time passes; timers that run out in it fire in their order.
    ///
    /// # Errors
    /// The life cannot hear a timer.
    pub fn pass(&mut self, time: Duration) -> Result<(), Deaf> {
        let end = self.now + time;
        while let Some(at) = self.world.next_to_fire().filter(|at| self.now + self.world.timers[*at].1.after <= end) {
            self.now += self.world.timers[at].1.after;
            self.play(&Act::Fire(at))?;
        }
        self.world.pass(end - self.now);
        self.now = end;
        Ok(())
    }

    fn first(&self) -> Result<usize, Deaf> {
        if self.world.commands.is_empty() { Err(unplayable::<W>("no command is open")) } else { Ok(0) }
    }

    fn play(&mut self, act: &Act) -> Result<(), Deaf> {
        let change: Change = self.world.act::<W>(act)?;
        for entry in &change.entries {
            self.transcript.push(format!("{:>7}s  {} -> {}", self.now.as_secs(), entry.name, entry.to));
        }
        self.notices.extend(notices(&change));
        Ok(())
    }
}

/// What somebody is to be told.
fn notices(change: &Change) -> impl Iterator<Item = Value> {
    change.commands.iter().filter(|command| command.role == Role::Notice).map(|command| command.command.clone())
}

fn unplayable<W: Workflow>(why: &str) -> Deaf {
    Deaf::Unreadable { kind: W::KIND, why: why.to_owned() }
}
