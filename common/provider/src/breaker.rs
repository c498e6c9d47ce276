//! A provider's health, as its row keeps it: a circuit breaker without a clock, a wire or a database.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tenantry_model::{ErrorClass, Fault};
use time::{OffsetDateTime, serde::rfc3339};

/// Faults in a row, none of them about one message only, after which nothing is sent for a while.
pub const FAULTS_TO_OPEN: u32 = 5;
/// How long nothing is sent the first time; twice as long each further time in a row.
pub const FIRST_BREAK: Duration = Duration::from_secs(30);
/// How long nothing is sent at most.
pub const LONGEST_BREAK: Duration = Duration::from_secs(600);
/// How long a provider that asks for patience is left alone at most.
pub const LONGEST_BLOCK: Duration = Duration::from_secs(3600);
/// How long the outcome of a trial is waited for before another message is one: its sender may have died.
pub const TRIAL: Duration = Duration::from_secs(60);

/// Whether a provider is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Breaker {
    /// It is.
    #[default]
    Closed,
    /// It is not, until a moment.
    Open {
        /// Then one message may try it.
        #[serde(with = "rfc3339")]
        until: OffsetDateTime,
    },
    /// One message is trying it.
    HalfOpen {
        /// If nothing is heard of that message until then, another may try.
        #[serde(with = "rfc3339")]
        until: OffsetDateTime,
    },
}

/// The last fault that concerned the provider rather than one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastFault {
    /// Its class.
    pub class: ErrorClass,
    /// Its words for people.
    pub message: String,
    /// When it was heard of.
    #[serde(with = "rfc3339")]
    pub at: OffsetDateTime,
}

/// How a provider has been lately.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Health {
    /// Whether it is used.
    pub breaker: Breaker,
    /// Faults in a row that concern the provider.
    pub failures: u32,
    /// Breaks in a row; each is twice as long as the one before.
    pub breaks: u32,
    /// It asked for patience until then. Says nothing about its health.
    #[serde(default, with = "rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub blocked_until: Option<OffsetDateTime>,
    /// What was last wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_fault: Option<LastFault>,
}

/// Whether messages may be handed to a provider now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// As many as one likes.
    Open,
    /// One, and what becomes of it decides. Whoever is told so has the right to it, so the row must be written back.
    Trial,
    /// None before this moment.
    NotBefore(OffsetDateTime),
}

/// What a piece of news has changed; worth an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It was used and is not any longer.
    Broke,
    /// It was not used and is again.
    Recovered,
}

impl Health {
    /// Whether it would be used now; changes nothing. For routing and for people.
    #[must_use]
    pub fn admits(&self, now: OffsetDateTime) -> Admission {
        let blocked = self.blocked_until.filter(|until| *until > now);
        match (self.breaker, blocked) {
            (Breaker::Open { until } | Breaker::HalfOpen { until }, _) if until > now => {
                Admission::NotBefore(blocked.map_or(until, |blocked| blocked.max(until)))
            }
            (_, Some(until)) => Admission::NotBefore(until),
            (Breaker::Closed, None) => Admission::Open,
            (Breaker::Open { .. } | Breaker::HalfOpen { .. }, None) => Admission::Trial,
        }
    }

    /// [`Health::admits`] for a sender that will act on it: a trial is given to one sender only.
    pub fn admit(&mut self, now: OffsetDateTime) -> Admission {
        let admission = self.admits(now);
        if admission == Admission::Trial {
            self.breaker = Breaker::HalfOpen { until: now + TRIAL };
        }
        admission
    }

    /// Takes in what became of a message or a batch.
    ///
    /// - accepted, or refused or deferred for the message's own sake: the provider is well
    /// - `AccountRefused`: it takes nothing from us, so nothing is sent for a while
    /// - `EmailError`, `TimeoutError`, `UnknownOutcome`: it may be ill; [`FAULTS_TO_OPEN`] in a row, or one in a trial
    /// - `RateLimited`: it is well, and wants patience
    /// - `DatabaseError`, `InternalError`: ours, and no news about it
    ///
    /// News that come late, while nothing is sent, make no break longer.
    pub fn heard(&mut self, now: OffsetDateTime, outcome: Result<(), &Fault>) -> Option<Turn> {
        let Err(fault) = outcome else { return self.well() };
        match fault.class {
            ErrorClass::DatabaseError | ErrorClass::InternalError => None,
            ErrorClass::ValidationError
            | ErrorClass::DuplicateError
            | ErrorClass::EmailRefused
            | ErrorClass::EmailDeferred
            | ErrorClass::SenderRefused => self.well(),
            ErrorClass::RateLimited => {
                let until = now + asked(fault, Duration::from_secs(1), LONGEST_BLOCK);
                self.blocked_until = self.blocked_until.max(Some(until));
                self.note(now, fault);
                self.well()
            }
            ErrorClass::AccountRefused => self.ill(now, fault, FAULTS_TO_OPEN),
            ErrorClass::EmailError | ErrorClass::TimeoutError | ErrorClass::UnknownOutcome => self.ill(now, fault, 1),
        }
    }

    fn well(&mut self) -> Option<Turn> {
        (self.failures, self.breaks) = (0, 0);
        match std::mem::take(&mut self.breaker) {
            Breaker::Closed => None,
            Breaker::Open { .. } | Breaker::HalfOpen { .. } => Some(Turn::Recovered),
        }
    }

    fn ill(&mut self, now: OffsetDateTime, fault: &Fault, weight: u32) -> Option<Turn> {
        self.note(now, fault);
        self.failures = self.failures.saturating_add(weight);
        let used = self.breaker == Breaker::Closed;
        if matches!(self.breaker, Breaker::Open { .. }) || used && self.failures < FAULTS_TO_OPEN {
            return None;
        }
        let usual = FIRST_BREAK.saturating_mul(1 << self.breaks.min(10)).min(LONGEST_BREAK);
        self.breaks = self.breaks.saturating_add(1);
        self.breaker = Breaker::Open { until: now + asked(fault, usual, LONGEST_BREAK) };
        used.then_some(Turn::Broke)
    }

    fn note(&mut self, now: OffsetDateTime, fault: &Fault) {
        self.last_fault = Some(LastFault { class: fault.class, message: fault.message.clone(), at: now });
    }
}

/// How long a fault asks us to wait: not less than usual, not more than can be believed.
fn asked(fault: &Fault, usual: Duration, most: Duration) -> Duration {
    Duration::from_secs(fault.retry_after.unwrap_or(0)).clamp(usual, most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};

    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn fault(class: ErrorClass) -> Fault {
        Fault::new(class, "rehearsed")
    }

    fn at(seconds: u64) -> OffsetDateTime {
        START + Duration::from_secs(seconds)
    }

    #[test]
    fn five_faults_in_a_row_break_it_and_one_success_between_them_does_not() {
        let (mut health, down) = (Health::default(), fault(ErrorClass::EmailError));
        for _ in 0..4 {
            assert_eq!(health.heard(START, Err(&down)), None);
        }
        assert_eq!(health.heard(START, Ok(())), None);
        for _ in 0..4 {
            assert_eq!(health.heard(START, Err(&down)), None);
        }
        assert_eq!(health.admits(START), Admission::Open);
        assert_eq!(health.heard(START, Err(&down)), Some(Turn::Broke));
        assert_eq!(health.admits(START), Admission::NotBefore(at(30)));
    }

    #[test]
    fn a_refused_account_breaks_it_at_once_and_a_refused_message_never() {
        let mut health = Health::default();
        for class in [ErrorClass::EmailRefused, ErrorClass::SenderRefused, ErrorClass::ValidationError] {
            for _ in 0..20 {
                assert_eq!(health.heard(START, Err(&fault(class))), None);
            }
        }
        assert_eq!(health, Health::default());
        assert_eq!(health.heard(START, Err(&fault(ErrorClass::AccountRefused))), Some(Turn::Broke));
        assert_eq!(health.last_fault.unwrap().class, ErrorClass::AccountRefused);
    }

    #[test]
    fn breaks_grow_from_half_a_minute_to_ten() {
        let (mut health, mut now, mut breaks) = (Health::default(), START, Vec::new());
        health.heard(now, Err(&fault(ErrorClass::AccountRefused)));
        for _ in 0..8 {
            let Admission::NotBefore(until) = health.admit(now) else { panic!("{health:?}") };
            breaks.push((until - now).whole_seconds());
            now = until;
            assert_eq!(health.admit(now), Admission::Trial);
            health.heard(now, Err(&fault(ErrorClass::EmailError)));
        }
        assert_eq!(breaks, [30, 60, 120, 240, 480, 600, 600, 600]);
        assert_eq!(health.heard(now, Ok(())), Some(Turn::Recovered));
        assert_eq!((health.admit(now), health.breaks), (Admission::Open, 0));
    }

    #[test]
    fn a_trial_is_given_to_one_sender_and_again_when_that_one_is_lost() {
        let mut health = Health::default();
        health.heard(START, Err(&fault(ErrorClass::AccountRefused)));
        assert_eq!(health.admit(at(30)), Admission::Trial);
        assert_eq!(health.admit(at(31)), Admission::NotBefore(at(90)));
        assert_eq!(health.admit(at(90)), Admission::Trial);
    }

    #[test]
    fn a_wish_for_patience_is_granted_and_is_no_illness() {
        let (mut health, busy) = (Health::default(), fault(ErrorClass::RateLimited));
        health.heard(START, Err(&busy.clone().after(Duration::from_secs(40))));
        health.heard(START, Err(&busy.clone().after(Duration::from_secs(7))));
        assert_eq!(health.admits(at(39)), Admission::NotBefore(at(40)));
        assert_eq!(health.admits(at(40)), Admission::Open);
        health.heard(START, Err(&busy.after(Duration::from_secs(u64::MAX))));
        assert_eq!(health.admits(START), Admission::NotBefore(at(3600)));
    }

    #[test]
    fn it_reads_back_what_a_row_keeps() {
        let mut health = Health::default();
        assert_eq!(
            serde_json::from_str::<Health>(r#"{"breaker":{"is":"closed"},"failures":0,"breaks":0}"#).unwrap(),
            health
        );
        health.heard(START, Err(&fault(ErrorClass::RateLimited)));
        health.heard(START, Err(&fault(ErrorClass::AccountRefused)));
        assert_eq!(serde_json::from_value::<Health>(serde_json::to_value(&health).unwrap()).unwrap(), health);
    }

    fn news() -> impl Strategy<Value = Option<ErrorClass>> {
        prop_oneof![
            Just(None),
            Just(Some(ErrorClass::EmailError)),
            Just(Some(ErrorClass::UnknownOutcome)),
            Just(Some(ErrorClass::AccountRefused)),
            Just(Some(ErrorClass::SenderRefused)),
            Just(Some(ErrorClass::RateLimited)),
            Just(Some(ErrorClass::DatabaseError)),
        ]
    }

    proptest! {
        #[test]
        fn it_is_never_shut_for_ever_nor_open_while_ill(steps in proptest::collection::vec((0..120_u64, news(), 0..9_000_u64), 1..60)) {
            let (mut health, mut now, mut used) = (Health::default(), START, true);
            for (passed, class, wait) in steps {
                now += Duration::from_secs(passed);
                health.admit(now);
                let fault = class.map(|class| fault(class).after(Duration::from_secs(wait)));
                let turn = health.heard(now, fault.as_ref().map_or(Ok(()), Err));
                match turn {
                    Some(Turn::Broke) => prop_assert!(std::mem::replace(&mut used, false), "broke twice"),
                    Some(Turn::Recovered) => prop_assert!(!std::mem::replace(&mut used, true), "recovered twice"),
                    None => {}
                }
                prop_assert_eq!(used, health.breaker == Breaker::Closed);
                prop_assert!(health.failures < FAULTS_TO_OPEN || !used);
                if class == Some(ErrorClass::AccountRefused) {
                    prop_assert!(matches!(health.admits(now), Admission::NotBefore(_)), "{:?}", health);
                }
                if let Admission::NotBefore(until) = health.admits(now) {
                    prop_assert!(until > now && until <= now + LONGEST_BLOCK, "{:?}", health);
                    prop_assert!(!matches!(health.admits(until), Admission::NotBefore(_)), "{:?}", health);
                }
            }
        }
    }
}
