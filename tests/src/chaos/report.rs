//! What was done, what came of it, and what is broken.

use std::{collections::BTreeMap, fmt, sync::atomic::Ordering, time::Duration};

use sqlx::PgPool;
use tenantry_model::RunId;

use super::{
    invariants::{Seen, Verdict},
    plan::{Blow, Carrier, Options, Plan},
    processes::Lives,
    world::World,
};

/// Histories printed at most: one broken thing often breaks many runs.
const MOST_HISTORIES: usize = 5;

/// The report of one chaos.
#[derive(Debug)]
pub struct Report {
    options: Options,
    took: Duration,
    lines: Vec<(&'static str, String)>,
    verdicts: Vec<Verdict>,
    histories: Vec<(RunId, String)>,
    notes: Vec<String>,
}

impl Report {
    pub(super) async fn write(
        plan: &Plan,
        world: &World,
        seen: &Seen,
        lives: Lives,
        took: Duration,
        verdicts: Vec<Verdict>,
    ) -> Self {
        let count = |wanted: fn(&Blow) -> bool| plan.blows.iter().filter(|(_, blow)| wanted(blow)).count();
        let tally = &world.tally;
        let of = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let by_carrier =
            |name| seen.accepted.iter().filter(|((by, _), _)| *by == name).map(|(_, times)| times).sum::<u32>();
        let lines = vec![
            ("runs", by(&seen.sql, "select kind || ' ' || status, count(*) from runs group by 1 order by 1").await),
            ("processes killed", format!("{}, {} frozen, {} could not start", lives.killed, lives.frozen, lives.ended)),
            ("database killed", format!("{}, stopped {}", of(&tally.database_killed), of(&tally.database_stopped))),
            ("line to it cut", world.cuts().to_string()),
            ("queue changed", format!("{} times: drops, doubles, delays, reorders, fails", count(|b| matches!(b, Blow::Queue(_))))),
            ("mail changed", format!(
                    "{} times, and {} times away; Resend {} times",
                    count(|b| matches!(b, Blow::Mail(..))),
                    of(&tally.mail_away),
                    count(|b| matches!(b, Blow::Resend(..)))
                )),
            ("mails accepted", format!("{} by smtp, {} by resend", by_carrier("smtp"), by_carrier("resend"))),
            ("messages", by(&seen.sql, "select case when m.caused_by is null then '' else 'welcome ' end || r.state, count(*) from messages m join runs r using (id) group by 1 order by 1").await),
            ("batches", by(&seen.sql, "select 'of ' || cardinality(members), count(*) from mail_batches group by 1 order by 1").await),
            ("history", by(&seen.sql, "select outcome, count(*) from history group by 1 order by 1").await),
            ("tried again", by(&seen.sql, "select coalesce(detail -> 'fault' ->> 'class', ''), count(*) from history where kind = 'attempt' group by 1 order by 1").await),
            ("tasks", by(&seen.sql, "select status, count(*) from tasks group by 1 order by 1").await),
            (
                "callers",
                format!(
                    "{} begun, {} messages, {} wishes accepted, {} tasks answered, {} refusals, {} credentials read",
                    seen.told.begun.len(),
                    seen.told.acknowledged.len(),
                    seen.told.accepted.len(),
                    seen.told.answered.len(),
                    seen.told.refused,
                    seen.told.revealed.len()
                ),
            ),
        ];
        let mut concerned: Vec<RunId> =
            verdicts.iter().flat_map(|verdict| &verdict.breaches).filter_map(|breach| breach.run).collect();
        concerned.sort_unstable();
        concerned.dedup();
        let mut histories = Vec::new();
        for run in concerned.into_iter().take(MOST_HISTORIES) {
            histories.push((run, history(&seen.sql, run).await));
        }
        Self { options: plan.options, took, lines, verdicts, histories, notes: Vec::new() }
    }

    /// Adds something a reader should know.
    pub(super) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Whether every invariant held.
    #[must_use]
    pub fn held(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.breaches.is_empty())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { seed, seconds, tenants, letters, workers, carrier } = self.options;
        let carrier = if carrier == Carrier::Resend { " --resend" } else { "" };
        writeln!(
            f,
            "chaos --seed {seed} --seconds {seconds} --tenants {tenants} --letters {letters} --workers {workers}{carrier}"
        )?;
        for (what, how_much) in &self.lines {
            writeln!(f, "  {what:<18}{how_much}")?;
        }
        writeln!(f, "  {:<18}{:.0} s", "took", self.took.as_secs_f64())?;
        let held = self.verdicts.iter().filter(|verdict| verdict.breaches.is_empty()).count();
        writeln!(f, "  {:<18}{held} of {} held", "invariants", self.verdicts.len())?;
        for Verdict { invariant, breaches } in self.verdicts.iter().filter(|verdict| !verdict.breaches.is_empty()) {
            writeln!(f, "\nbroken: {}", invariant.replace('_', " "))?;
            for breach in breaches {
                let run = breach.run.map_or_else(String::new, |run| format!("{run} "));
                writeln!(f, "  {run}{}", breach.what)?;
            }
        }
        for (run, history) in &self.histories {
            writeln!(f, "\nhistory of {run}\n{history}")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "\n{note}"))
    }
}

/// A count by name, in one line.
async fn by(sql: &PgPool, query: &'static str) -> String {
    let rows: Vec<(String, i64)> = sqlx::query_as(query).fetch_all(sql).await.expect("the database is there");
    let counts: BTreeMap<String, i64> = rows.into_iter().collect();
    let words: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

/// A run's history and commands, for a person to read.
async fn history(sql: &PgPool, run: RunId) -> String {
    let lines: Vec<String> = sqlx::query_scalar(
        "select line from (
             select at, 0 as part, seq, format('  %s %s %s %s: %s -> %s, epoch %s, %s %s %s', to_char(at, 'HH24:MI:SS.MS'), seq, kind, name,
                                      from_state, to_state, epoch, outcome, key, left(detail::text, 300)) as line
             from history where run_id = $1
             union all
             select created_at, 1, 0, format('  %s command %s %s: %s, attempt %s, lease until %s, ended %s, %s', to_char(created_at, 'HH24:MI:SS.MS'),
                                      name, id, status, attempt, to_char(lease_until, 'HH24:MI:SS.MS'), to_char(ended_at, 'HH24:MI:SS.MS'),
                                      left(last_error::text, 200))
             from commands where run_id = $1) lines
         order by at, part, seq",
    )
    .bind(run.0)
    .fetch_all(sql)
    .await
    .expect("the database is there");
    lines.join("\n")
}
