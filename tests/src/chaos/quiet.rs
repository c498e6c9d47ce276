//! Afterwards: everything behaves, and it is waited until nothing moves any more.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use tenantry_model::RunId;
use uuid::Uuid;

use super::{callers::Callers, world::World};

/// Longer than any wait that is left: leases, timers, and what "retry now" does not shorten.
const PATIENCE: Duration = Duration::from_secs(90);
/// Nothing must have changed for this long.
const STILL: Duration = Duration::from_millis(1_500);

/// Waits until every run has ended or waits for a person, and nothing is in anybody's hands; the error says what moves
/// on and on.
pub(super) async fn until_nothing_moves(world: &World, callers: &Callers) -> Result<(), String> {
    let sql = world.superuser();
    let began = Instant::now();
    let mut last = (String::new(), Instant::now());
    loop {
        let moving = moving(&sql).await;
        if moving.is_empty() {
            let stand = stand(&sql).await;
            if stand != last.0 {
                last = (stand, Instant::now());
            } else if last.1.elapsed() >= STILL {
                return Ok(());
            }
        } else {
            last.0.clear();
            if began.elapsed() > PATIENCE {
                let list = moving.iter().map(|(run, what)| format!("\n  {run} {what}")).collect::<String>();
                return Err(format!("after {} s of quiet these still move:{list}", PATIENCE.as_secs()));
            }
        }
        for run in waiting_for_a_retry(&sql).await {
            callers.retry_now(run.into()).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Runs that have not come to rest, and commands in somebody's hands.
async fn moving(sql: &PgPool) -> Vec<(RunId, String)> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "select id, 'is running in ' || state from runs where status = 'running'
         union all
         select run_id, name || ' is open' from commands where status = 'open'",
    )
    .fetch_all(sql)
    .await
    .expect("the database is there");
    rows.into_iter().map(|(run, what)| (run.into(), what)).collect()
}

/// Everything that people and time can still change, in a few words.
async fn stand(sql: &PgPool) -> String {
    sqlx::query_scalar(
        "select format('%s %s', (select count(*) from history), (select count(*) from tasks where status = 'open'))",
    )
    .fetch_one(sql)
    .await
    .expect("the database is there")
}

async fn waiting_for_a_retry(sql: &PgPool) -> Vec<Uuid> {
    sqlx::query_scalar(
        "select distinct run_id from commands
         where status = 'open' and lease_token is null and due_at > now() + interval '1 second'",
    )
    .fetch_all(sql)
    .await
    .expect("the database is there")
}
