//! One queue: messages that are ready, delayed or in flight. Pure: the time is an argument.

use super::error::Fault;
use super::settings::Settings;
use super::wire::Attributes;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// A stored message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) message_id: String,
    pub(super) body: String,
    pub(super) md5_of_body: String,
    pub(super) attributes: Attributes,
    pub(super) system: BTreeMap<&'static str, String>,
    pub(super) sent_at: SystemTime,
    pub(super) expires: Instant,
    pub(super) receives: u32,
    pub(super) first_received: Option<SystemTime>,
    place: Place,
}

impl Message {
    pub(super) fn new(
        message_id: String,
        body: String,
        md5_of_body: String,
        attributes: Attributes,
        now: Now,
    ) -> Message {
        Message {
            message_id,
            body,
            md5_of_body,
            attributes,
            system: BTreeMap::new(),
            sent_at: now.wall,
            expires: now.instant,
            receives: 0,
            first_received: None,
            place: Place::Ready(0),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Can be received; the number is its turn.
    Ready(u64),
    Delayed(Instant),
    InFlight(Instant),
}

/// The time on both clocks: one to measure with, one to show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) wall: SystemTime,
}

impl Now {
    pub(super) fn read() -> Now {
        Now { instant: Instant::now(), wall: SystemTime::now() }
    }
}

/// How many messages are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Depth {
    /// Can be received now.
    pub visible: usize,
    /// Received, neither deleted nor visible again.
    pub in_flight: usize,
    /// Not yet visible for the first time.
    pub delayed: usize,
}

impl Depth {
    /// All of them.
    #[must_use]
    pub fn total(self) -> usize {
        self.visible + self.in_flight + self.delayed
    }
}

/// What a receive found.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// With the key that goes into the receipt handle.
    pub(super) messages: Vec<(u64, Message)>,
    /// Were received too often: for the dead-letter queue.
    pub(super) dead: Vec<Message>,
}

/// The messages of one queue.
#[derive(Debug, Default)]
pub(super) struct Messages {
    all: HashMap<u64, Message>,
    ready: BTreeSet<(u64, u64)>,
    hidden: BTreeSet<(Instant, u64)>,
    delayed: usize,
    next: u64,
}

impl Messages {
    /// Stores a message, visible after `delay`. `earlier` moves it ahead of up to that many others.
    pub(super) fn put(&mut self, mut message: Message, settings: &Settings, delay: Duration, earlier: u64, now: Now) {
        self.next += 1;
        let key = self.next;
        let age = now.wall.duration_since(message.sent_at).unwrap_or_default();
        message.expires = now.instant + settings.retention.saturating_sub(age);
        if delay.is_zero() {
            message.place = Place::Ready(key.saturating_sub(earlier));
            self.ready.insert((key.saturating_sub(earlier), key));
        } else {
            message.place = Place::Delayed(now.instant + delay);
            self.hidden.insert((now.instant + delay, key));
            self.delayed += 1;
        }
        self.all.insert(key, message);
    }

    /// Takes up to `most` visible messages and hides them for `visibility`; those received `too_often` already are
    /// handed over instead.
    pub(super) fn take(&mut self, most: usize, visibility: Duration, too_often: Option<u32>, now: Now) -> Taken {
        self.advance(now.instant);
        let mut taken = Taken::default();
        while taken.messages.len() < most {
            let Some((_, key)) = self.ready.pop_first() else { break };
            let Some(message) = self.all.get_mut(&key) else { continue };
            if message.expires <= now.instant {
                self.all.remove(&key);
                continue;
            }
            if too_often.is_some_and(|receives| message.receives >= receives) {
                taken.dead.extend(self.all.remove(&key));
                continue;
            }
            message.receives += 1;
            message.first_received.get_or_insert(now.wall);
            message.place = Place::InFlight(now.instant + visibility);
            self.hidden.insert((now.instant + visibility, key));
            taken.messages.push((key, message.clone()));
        }
        taken
    }

    /// Deletes a message by the receive it was handed out with. An older receive, or a message that is gone, changes
    /// nothing and is no error.
    pub(super) fn delete(&mut self, key: u64, receive: u32) {
        if self.all.get(&key).is_some_and(|message| message.receives == receive) {
            self.remove(key);
        }
    }

    /// Hides a message in flight for `visibility` from now.
    pub(super) fn change(&mut self, key: u64, receive: u32, visibility: Duration, now: Now) -> Result<(), Fault> {
        self.advance(now.instant);
        let message = self.all.get_mut(&key).filter(|message| message.receives == receive).ok_or_else(gone)?;
        let Place::InFlight(until) = message.place else { return Err(Fault::not_in_flight()) };
        self.hidden.remove(&(until, key));
        message.place = Place::InFlight(now.instant + visibility);
        self.hidden.insert((now.instant + visibility, key));
        // A visibility of nothing makes it ready at once.
        self.advance(now.instant);
        Ok(())
    }

    /// Deletes everything.
    pub(super) fn purge(&mut self) {
        *self = Messages { next: self.next, ..Messages::default() };
    }

    /// How many messages are where.
    pub(super) fn depth(&mut self, now: Now) -> Depth {
        self.advance(now.instant);
        let expired: Vec<u64> =
            self.all.iter().filter(|(_, message)| message.expires <= now.instant).map(|(key, _)| *key).collect();
        for key in expired {
            self.remove(key);
        }
        Depth { visible: self.ready.len(), in_flight: self.hidden.len() - self.delayed, delayed: self.delayed }
    }

    /// When the next hidden message becomes visible.
    pub(super) fn next_change(&self) -> Option<Instant> {
        self.hidden.first().map(|(at, _)| *at)
    }

    /// How many can be received now, without looking at the clock.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    fn advance(&mut self, now: Instant) {
        while self.hidden.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, key)) = self.hidden.pop_first() else { break };
            let Some(message) = self.all.get_mut(&key) else { continue };
            if matches!(message.place, Place::Delayed(_)) {
                self.delayed -= 1;
            }
            message.place = Place::Ready(key);
            self.ready.insert((key, key));
        }
    }

    fn remove(&mut self, key: u64) {
        let Some(message) = self.all.remove(&key) else { return };
        match message.place {
            Place::Ready(turn) => drop(self.ready.remove(&(turn, key))),
            Place::InFlight(until) => drop(self.hidden.remove(&(until, key))),
            Place::Delayed(until) => {
                self.hidden.remove(&(until, key));
                self.delayed -= 1;
            }
        }
    }
}

fn gone() -> Fault {
    Fault::bad_parameter(
        "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility \
         timeout change.",
    )
}

#[cfg(test)]
mod tests;
