//! Requests per second, counted in windows of one second.

use super::answer::Answer;
use super::error::Refusal;
use std::time::Duration;
use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(1);

/// The window that is open.
#[derive(Debug)]
pub(super) struct Rate {
    limit: u32,
    began: Instant,
    used: u32,
}

/// What the headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    limit: u32,
    remaining: u32,
    /// Seconds until the next window, at least one.
    reset: u64,
    pub(super) over: bool,
}

impl Rate {
    pub(super) fn new(limit: u32) -> Rate {
        Rate { limit, began: Instant::now(), used: 0 }
    }

    /// Counts a request.
    pub(super) fn count(&mut self) -> Allowance {
        if self.began.elapsed() >= WINDOW {
            *self = Rate::new(self.limit);
        }
        let over = self.used >= self.limit;
        self.used = self.limit.min(self.used + 1);
        Allowance { limit: self.limit, remaining: self.limit - self.used, reset: WINDOW.as_secs(), over }
    }
}

impl Allowance {
    /// The answer with the headers about the limit.
    pub(super) fn on(self, answer: Answer) -> Answer {
        answer
            .with("ratelimit-limit", self.limit)
            .with("ratelimit-remaining", self.remaining)
            .with("ratelimit-reset", self.reset)
    }
}

/// 429, to come again after this many seconds.
pub(super) fn too_many(retry_after: u32) -> Answer {
    let message = "Too many requests. Respect the `ratelimit-limit` and `retry-after` response headers.";
    Refusal::new(429, "rate_limit_exceeded", message).answer().with("retry-after", retry_after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_window_lets_through_what_it_holds_and_the_next_one_begins_anew() {
        let mut rate = Rate::new(2);
        let seen: Vec<_> = (0..3).map(|_| rate.count()).map(|seen| (seen.over, seen.remaining)).collect();
        assert_eq!(seen, [(false, 1), (false, 0), (true, 0)]);
        tokio::time::advance(WINDOW).await;
        assert!(!rate.count().over);
    }
}
