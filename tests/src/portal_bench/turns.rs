//! Whole turns of a reconcile over many hostnames: database, repository and cluster's stand-in included.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tenantry_standins::cluster::{Issuance, Kind};
use tenantry_workflows::portal_sync::Event;

use crate::{
    TestStack,
    bench::usage,
    portals::by_hand::{BY_HAND, NOBODY, WHOLE},
};

/// What was to be done, and what it took.
#[derive(Debug, Clone)]
pub struct Turn {
    /// What had changed before.
    pub what: &'static str,
    /// How often the reconcile had to come.
    pub turns: u32,
    /// How long that took.
    pub took: Duration,
    /// Objects that were applied.
    pub applied: usize,
    /// Commits that were pushed.
    pub commits: usize,
    /// What this process holds afterwards, the stand-in with all its objects included, in MiB.
    pub holds: f64,
}

/// All turns.
#[derive(Debug, Clone)]
pub struct Turns {
    /// Hostnames that were served.
    pub hostnames: u32,
    /// One after the other.
    pub turns: Vec<Turn>,
    /// The most that the process ever held, in MiB.
    pub peak: f64,
}

/// So many hostnames are wanted at once; then nothing has changed; then one is new; then an object was deleted by hand; then one hostname is
/// not wanted any more.
///
/// # Errors
/// A reconcile that does not end as it must.
pub async fn turns(hostnames: u32) -> Result<Turns> {
    let stack = TestStack::with(&BY_HAND, NOBODY).await;
    // What a certificate authority does is not the question.
    stack.cluster().issue_all(Issuance::Pending("not now".to_owned()));
    let runs = stack.wanted_portals(hostnames.max(2)).await;
    let mut all = vec![turn(&stack, "all are new").await?];
    all.push(turn(&stack, "nothing").await?);
    stack.portals_from(hostnames.max(2) + 1, 1).await;
    all.push(turn(&stack, "one is new").await?);
    stack.cluster().delete(&stack.object(runs[0], Kind::Gateway));
    all.push(turn(&stack, "an object was deleted by hand").await?);
    stack.retire_portals(&runs[1..2]).await;
    all.push(turn(&stack, "one is gone").await?);
    Ok(Turns { hostnames, turns: all, peak: usage::peak() })
}

async fn turn(stack: &TestStack, what: &'static str) -> Result<Turn> {
    // As a function has it that was just started: nothing is connected yet, but the copy of the repository is there.
    let parts = stack.reconciler(&[]).await;
    stack.cluster().forget();
    let commits = stack.subjects("main").len();
    let began = Instant::now();
    let mut turns = 0;
    loop {
        turns += 1;
        match stack.reconcile(&parts, WHOLE, None).await {
            Event::Reconciled { more: false, held: None, .. } => break,
            Event::Reconciled { more: true, held: None, .. } => {}
            other => bail!("{what}: {other:?}"),
        }
    }
    Ok(Turn {
        what,
        turns,
        took: began.elapsed(),
        applied: stack.applies(),
        commits: stack.subjects("main").len() - commits,
        holds: usage::kilobytes("self", "status", "VmRSS:") / 1024.0,
    })
}

impl fmt::Display for Turns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| {} hostnames; what has changed | turns | take | applied | commits | MiB |\n|---|---|---|---|---|---|",
            self.hostnames
        )?;
        for Turn { what, turns, took, applied, commits, holds } in &self.turns {
            writeln!(f, "| {what} | {turns} | {:.2} s | {applied} | {commits} | {holds:.0} |", took.as_secs_f64())?;
        }
        writeln!(f, "\nmemory, with the cluster's stand-in in the same process: {:.0} MiB at most", self.peak)
    }
}
