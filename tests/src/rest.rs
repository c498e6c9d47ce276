//! Domains that have nothing to do but to wait.

use std::time::Duration;

use tenantry_model::RunId;
use tenantry_standins::resend::{Fault, Route, Rule};
use time::OffsetDateTime;

use crate::{
    TestStack,
    wait::{PATIENCE, until},
};

/// A life as far as it matters for what it waits for: its state, whether somebody works for it, when its next command is due and
/// when it is hinted at again, when its next short timer runs out.
#[derive(Debug, sqlx::FromRow)]
struct Waits {
    state: String,
    busy: bool,
    command: Option<OffsetDateTime>,
    hint: Option<OffsetDateTime>,
    timer: Option<OffsetDateTime>,
    /// A timer has run out that nobody has told to the life yet.
    overdue: bool,
}

impl Waits {
    /// Nothing comes by itself, or not within minutes.
    fn rests(&self) -> bool {
        let passing =
            ["claiming", "creating", "verifying", "activating", "degrading", "stopping", "draining", "deleting"];
        self.command.is_none() && !self.overdue && !passing.contains(&self.state.as_str())
    }
}

impl TestStack {
    /// Turns the clock from try to try and from poll to poll until no domain of this name does anything any more but wait for a
    /// person, or to look for its records again.
    pub async fn rest(&self, name: &str) {
        let mut last = Vec::new();
        let rests = async {
            loop {
                last = self.waits(name).await;
                if last.iter().all(Waits::rests) {
                    return;
                }
                let now = self.db().clock().now();
                let active = last.iter().filter(|waits| !waits.rests());
                let next = active.filter_map(|waits| match (waits.command, waits.hint) {
                    (Some(due), Some(hint)) if due > now => Some(hint.max(due)),
                    (Some(due), _) => Some(due),
                    _ => waits.timer,
                });
                match next.min() {
                    Some(next) if next > now && !last.iter().any(|waits| waits.busy) => {
                        self.pass((next - now).unsigned_abs());
                    }
                    _ => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        let rested = tokio::time::timeout(PATIENCE, rests).await;
        assert!(rested.is_ok(), "{name} does not come to rest: {last:?}");
    }

    /// Waits until nobody works for any domain of this name, whatever they wait for.
    pub async fn idle(&self, name: &str) {
        until("nobody to work for the domain", || async {
            let now = self.db().clock().now();
            let waits = self.waits(name).await;
            waits
                .iter()
                .all(|waits| !waits.busy && !waits.overdue && waits.command.is_none_or(|due| due > now))
                .then_some(())
        })
        .await;
    }

    async fn waits(&self, name: &str) -> Vec<Waits> {
        sqlx::query_as(
            "select r.state,
                    exists (select from commands c where c.run_id = r.id and c.ended_at is null and c.role = 'command'
                            and c.lease_token is not null) as busy,
                    (select min(c.due_at) from commands c where c.run_id = r.id and c.ended_at is null and c.role = 'command') as command,
                    (select min(c.wake_at) from commands c where c.run_id = r.id and c.ended_at is null and c.role = 'command') as hint,
                    (select min(t.due_at) from timers t
                     where t.run_id = r.id and t.name in ('Poll', 'CountAgain', 'DrainOver')) as timer,
                    exists (select from timers t where t.run_id = r.id and t.due_at <= $2) as overdue
             from email_domains d join runs r on r.id = d.id where d.name = $1 and d.released_at is null",
        )
        .bind(name)
        .bind(self.db().clock().now())
        .fetch_all(&self.sql)
        .await
        .expect("what they wait for")
    }

    /// The state of a domain's life.
    pub async fn state(&self, run: RunId) -> String {
        self.run(run).await.state
    }

    /// The provider breaks at this route, so many times or for good.
    pub fn breaks_at(&self, route: Route, times: Option<u32>) {
        let rule = Rule::on(route, Fault::Error(500, "application_error".to_owned()));
        self.resend().misbehave(1, [rule.times(times.unwrap_or(u32::MAX))]);
    }

    /// How many notices of a kind were told about this run: `DomainVerified`, `OperatorAsked`.
    pub async fn notices(&self, run: RunId, name: &str) -> i64 {
        sqlx::query_scalar("select count(*) from commands where run_id = $1 and name = $2")
            .bind(run.0)
            .bind(name)
            .fetch_one(&self.sql)
            .await
            .expect("a count")
    }
}
