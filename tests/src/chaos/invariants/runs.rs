//! Runs: each ended, or has something that will move it on.

use super::{Breach, Seen, found};

/// A run that has not ended has an open command, a timer or a task; one that has ended has none of them.
pub(super) async fn every_run_ended_or_is_due(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "with holds as (
             select r.id, r.status, r.state, r.ended_at,
                    exists (select from commands c where c.run_id = r.id and c.status = 'open' and c.role = 'command') as command,
                    exists (select from timers t where t.run_id = r.id) as timer,
                    exists (select from tasks k where k.run_id = r.id and k.status = 'open') as task
             from runs r)
         select id, format('is %s in %s, and nothing will ever move it on', status, state)
         from holds where ended_at is null and not (command or timer or task)
         union all
         select id, format('waits in %s, and nobody is asked', state) from holds where status = 'waiting' and not task
         union all
         select id, format('has ended (%s), and still holds a command, a timer or a task', status)
         from holds where ended_at is not null and (command or timer or task)",
    )
    .await
}

/// After the quiet no run is under way and nothing is in anybody's hands.
pub(super) async fn everything_came_to_rest(seen: &Seen) -> Vec<Breach> {
    if !seen.at_rest {
        return vec![Breach { run: None, what: "something still moved when patience was over".to_owned() }];
    }
    found(
        seen,
        "select id, format('is still running in %s', state) from runs where status = 'running'
         union all
         select run_id, format('its %s is still %s', name, case when lease_token is null then 'open' else 'leased' end)
         from commands where status = 'open'
         union all
         select run_id, format('its timer %s was due at %s', name, due_at) from timers where due_at < now() - interval '5 seconds'",
    )
    .await
}

/// Whatever the world does, it is no mistake of ours.
pub(super) async fn no_worker_panicked(seen: &Seen) -> Vec<Breach> {
    seen.panics.iter().map(|words| Breach { run: None, what: format!("a process said: {words}") }).collect()
}

/// A caller is told that it was done, or why it was not; never something that only we could understand.
pub(super) async fn every_caller_got_an_answer(seen: &Seen) -> Vec<Breach> {
    let puzzled = seen.told.puzzled.iter();
    puzzled.map(|words| Breach { run: None, what: format!("a caller was told {words}") }).collect()
}

/// What a caller was told has happened: the run exists, the wish stands in its history, the task is answered, and no
/// credential was given out twice.
pub(super) async fn nothing_promised_is_lost(seen: &Seen) -> Vec<Breach> {
    let (mut breaches, told) = (Vec::new(), &seen.told);
    let exists = async |sql: &'static str, run: uuid::Uuid, key: &str| -> bool {
        sqlx::query_scalar(sql).bind(run).bind(key).fetch_one(&seen.sql).await.expect("the database is there")
    };
    for run in &told.begun {
        if !exists("select exists (select from runs where id = $1 and $2 = '')", run.0, "").await {
            breaches.push(Breach { run: Some(*run), what: "was said to have begun, and is not there".to_owned() });
        }
    }
    for (run, key) in &told.accepted {
        if !exists("select exists (select from history where run_id = $1 and key = $2)", run.0, key).await {
            let what = format!("the wish {key} was said to be accepted, and is not in the history");
            breaches.push(Breach { run: Some(*run), what });
        }
    }
    for task in &told.answered {
        if !exists("select exists (select from tasks where id = $1 and status = 'answered' and $2 = '')", *task, "")
            .await
        {
            breaches.push(Breach { run: None, what: format!("the task {task} was said to be answered, and is not") });
        }
    }
    for (run, times) in told.revealed.iter().filter(|(_, times)| **times > 1) {
        breaches.push(Breach { run: Some(*run), what: format!("its credential was given out {times} times") });
    }
    breaches.extend(
        found(
            seen,
            "select r.id, format('a cancel was accepted, and it ended %s', r.status)
             from runs r join history h on h.run_id = r.id
             where h.kind = 'signal' and h.name = 'CancelAsked' and h.outcome = 'moved' and r.status in ('completed', 'rolled_back')",
        )
        .await,
    );
    breaches
}
