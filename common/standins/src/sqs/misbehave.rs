//! What a queue may do to messages and requests, drawn from a seed.

use crate::chance::Chance;
use std::time::Duration;

/// How often what goes wrong; probabilities from 0 (the default, never) to 1 (always).
///
/// Whether a message is dropped, doubled, delayed or moved depends only on the seed, the queue's name, and how many
/// messages the queue was sent before it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Misbehaviour {
    /// The seed of every draw.
    pub seed: u64,
    /// A message is acknowledged and never stored.
    pub drop: f64,
    /// A message is stored twice.
    pub duplicate: f64,
    /// A message becomes visible later, by up to [`Misbehaviour::longest_delay`].
    pub delay: f64,
    /// The longest additional delay.
    pub longest_delay: Duration,
    /// A message is moved ahead of up to a hundred that were sent before it.
    pub reorder: f64,
    /// A request about messages is answered with 500; in half of the cases its effect has happened.
    pub fail_requests: f64,
}

/// What happens to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fate {
    /// How often it is stored, each time with this additional delay and this many places ahead.
    pub(super) copies: Vec<(Duration, u64)>,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    Answer,
    FailBefore,
    FailAfter,
}

impl Misbehaviour {
    /// The fate of a queue's `turn`-th message.
    pub(super) fn fate(&self, queue: &str, turn: u64) -> Fate {
        let mut chance = Chance::of(self.seed, queue, turn);
        let copies = match (chance.happens(self.drop), chance.happens(self.duplicate)) {
            (true, _) => 0,
            (false, doubled) => 1 + usize::from(doubled),
        };
        let mut copy = || {
            let share = chance.fraction();
            let delay = if chance.happens(self.delay) { self.longest_delay.mul_f64(share) } else { Duration::ZERO };
            let places = 1 + chance.draw() % 100;
            (delay, if chance.happens(self.reorder) { places } else { 0 })
        };
        Fate { copies: (0..copies).map(|_| copy()).collect() }
    }

    /// The treatment of the `turn`-th request.
    pub(super) fn treatment(&self, turn: u64) -> Treatment {
        let mut chance = Chance::of(self.seed, "request", turn);
        match (chance.happens(self.fail_requests), chance.happens(0.5)) {
            (false, _) => Treatment::Answer,
            (true, false) => Treatment::FailBefore,
            (true, true) => Treatment::FailAfter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_misbehaviour_every_message_is_stored_once_at_once() {
        let fate = Misbehaviour::default().fate("q", 1);
        assert_eq!(fate.copies, [(Duration::ZERO, 0)]);
        assert_eq!(Misbehaviour::default().treatment(1), Treatment::Answer);
    }

    #[test]
    fn the_same_seed_brings_the_same_fates_and_another_seed_others() {
        let fates = |seed| {
            let longest_delay = Duration::from_secs(3);
            let bad = Misbehaviour {
                seed,
                drop: 0.2,
                duplicate: 0.3,
                delay: 0.5,
                longest_delay,
                reorder: 0.5,
                ..Misbehaviour::default()
            };
            (0..200).map(|turn| bad.fate("q", turn)).collect::<Vec<_>>()
        };
        assert_eq!(fates(1), fates(1));
        assert_ne!(fates(1), fates(2));
        for copies in 0..=2 {
            assert!(fates(1).iter().any(|fate| fate.copies.len() == copies), "{copies}");
        }
        assert!(fates(1).iter().flat_map(|fate| &fate.copies).all(|copy| copy.0 <= Duration::from_secs(3)));
    }
}
