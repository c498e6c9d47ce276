//! The one source of time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;

/// The moment at which a change is written.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// Now.
    pub now: OffsetDateTime,
    /// A hint that nobody has answered is sent again after this long.
    pub hint_patience: Duration,
}

/// What time it is. A test turns it forward; everybody else reads the system's.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Now, in UTC, in whole microseconds (what Postgres keeps).
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let now = OffsetDateTime::now_utc() + time::Duration::milliseconds(self.ahead_ms.load(Ordering::Relaxed));
        now.replace_nanosecond(now.nanosecond() / 1000 * 1000).unwrap_or(now)
    }

    /// Turns the clock forward, for this clock and all its clones.
    pub fn turn(&self, by: Duration) {
        self.ahead_ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}
