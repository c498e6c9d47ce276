//! How patiently a command is tried again.

use std::time::Duration;

use tenantry_model::{Fault, Retryable};

/// A policy: how often, and how long between two tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all, the first included; at least 1.
    pub tries: u32,
    /// The wait after the first failure; each later one is twice as long.
    pub first: Duration,
    /// No wait is longer than this, unless the peer asks for more.
    pub longest: Duration,
}

/// What becomes of a command that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The same command again after this wait.
    Again(Duration),
    /// No more: the life hears `GaveUp`.
    GaveUp,
    /// It may have happened: the life hears `Unknown`.
    Unknown,
}

impl Retry {
    /// One try, no second.
    pub const ONCE: Self = Self { tries: 1, first: Duration::ZERO, longest: Duration::ZERO };

    /// `tries` in all, the first wait, the longest wait.
    #[must_use]
    pub const fn new(tries: u32, first: Duration, longest: Duration) -> Self {
        Self { tries, first, longest }
    }

    /// What the `attempt`-th failure (counted from 1) means.
    #[must_use]
    pub fn after(&self, attempt: u32, fault: &Fault) -> Verdict {
        match fault.class.retryable() {
            Retryable::No => Verdict::GaveUp,
            Retryable::Unknown => Verdict::Unknown,
            Retryable::Yes if attempt >= self.tries => Verdict::GaveUp,
            Retryable::Yes => {
                let doubled =
                    self.first.saturating_mul(1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
                let asked = Duration::from_secs(fault.retry_after.unwrap_or(0));
                Verdict::Again(doubled.min(self.longest).max(asked))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tenantry_model::ErrorClass;

    use super::*;

    const THREE: Retry = Retry::new(3, Duration::from_secs(1), Duration::from_secs(30));

    #[test]
    fn a_transient_fault_is_tried_three_times_with_doubling_waits() {
        let fault = Fault::new(ErrorClass::DatabaseError, "gone");
        assert_eq!(THREE.after(1, &fault), Verdict::Again(Duration::from_secs(1)));
        assert_eq!(THREE.after(2, &fault), Verdict::Again(Duration::from_secs(2)));
        assert_eq!(THREE.after(3, &fault), Verdict::GaveUp);
    }

    #[test]
    fn a_permanent_fault_ends_the_retrying_at_once_and_an_unknown_one_is_never_tried_again() {
        assert_eq!(THREE.after(1, &Fault::new(ErrorClass::DuplicateError, "there")), Verdict::GaveUp);
        assert_eq!(THREE.after(1, &Fault::new(ErrorClass::UnknownOutcome, "timed out")), Verdict::Unknown);
    }

    #[test]
    fn a_peer_that_asks_for_patience_gets_it() {
        let fault = Fault::new(ErrorClass::EmailError, "429").after(Duration::from_secs(90));
        assert_eq!(THREE.after(1, &fault), Verdict::Again(Duration::from_secs(90)));
    }

    proptest! {
        #[test]
        fn waits_never_shrink_and_never_pass_the_longest(attempt in 1u32..200, tries in 1u32..300) {
            let retry = Retry { tries, ..THREE };
            let fault = Fault::new(ErrorClass::DatabaseError, "gone");
            if let (Verdict::Again(a), Verdict::Again(b)) = (retry.after(attempt, &fault), retry.after(attempt + 1, &fault)) {
                prop_assert!(a <= b && b <= retry.longest);
            }
            prop_assert_eq!(retry.after(attempt, &fault) == Verdict::GaveUp, attempt >= tries);
        }
    }
}
