//! Turns in the lanes: a function that gives them takes batch after batch, as long as there are any and time is left.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::future::join_all;
use tenantry_store::{
    Db, Result,
    runs::{Hint, lanes_ready, look_again},
};

use super::Worker;
use crate::Hints;

/// Batches at once: while one waits for a peer, another waits for the database.
const AT_ONCE: usize = 2;
/// How long turns are given before the function looks at its queue again: others wait there for something else.
const SLICE: Duration = Duration::from_secs(5);
/// SQS delays a message no longer; the sweeper looks at what is later.
const LONGEST_DELAY: Duration = Duration::from_secs(900);

/// Works turns of the tenants' lanes, a batch at a time.
#[async_trait]
pub trait Draw: Send + Sync + 'static {
    /// Takes a batch and works it; false when there was nothing to take.
    async fn draw(&self, with: &Drawing<'_>) -> Result<bool>;

    /// How long one batch may take.
    fn time_out(&self) -> Duration;
}

/// What a batch is worked with.
pub struct Drawing<'a> {
    /// The database.
    pub db: &'a Db,
    /// The function.
    pub performer: &'static str,
    /// How long handing over may take.
    pub time_out: Duration,
    /// How long its commands are ours.
    pub lease: Duration,
    /// How long answers may take to be written.
    pub answer: Duration,
    /// Where hints go.
    pub hints: &'a dyn Hints,
}

impl Worker {
    /// Takes turns until there are none, or for a while; then somebody looks when the next one is due.
    pub(super) async fn draw(&self, until: Instant) {
        let Some(draw) = &self.function.draw else { return };
        let until = until.min(Instant::now() + SLICE);
        let with = Drawing {
            db: &self.db,
            performer: self.name(),
            time_out: draw.time_out().min(self.limits.operation),
            lease: self.lease(),
            answer: self.limits.answer,
            hints: self.hints.as_ref(),
        };
        let drawers = (0..AT_ONCE).map(|_| async {
            while Instant::now() < until {
                match draw.draw(&with).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(
                            function = self.name(),
                            error,
                            "turns could not be taken; the sweeper looks again"
                        );
                        break;
                    }
                }
            }
        });
        join_all(drawers).await;
        if let Err(error) = self.look_again(Instant::now() >= until).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                function = self.name(),
                error,
                "nobody was told when to look at the lanes again; the sweeper looks"
            );
        }
    }

    async fn look_again(&self, out_of_time: bool) -> Result<()> {
        let (ready, next) = lanes_ready(&self.db).await?;
        if ready > 0 && out_of_time {
            self.hints.send(vec![Hint::to_look(self.name(), Duration::ZERO)]).await;
            return Ok(());
        }
        // A lane that is ready and gave nothing waits for something that a moment may bring: a provider, a lock.
        let wait = if ready > 0 { Some(Duration::from_secs(1)) } else { next };
        let Some(delay) = wait.filter(|wait| *wait <= LONGEST_DELAY) else { return Ok(()) };
        if look_again(&self.db, self.name(), self.db.clock().now() + delay).await? {
            self.hints.send(vec![Hint::to_look(self.name(), delay)]).await;
        }
        Ok(())
    }
}
