//! Chaos: worker processes that are killed, a database that goes away, a queue and a mail server that misbehave; and
//! what must be true whatever was done to them.
//!
//! ```text
//! cargo run -p tenantry-tests --bin chaos -- --seed 7 --seconds 300 --tenants 500 --letters 500 --workers 4 --resend
//! ```
//!
//! | file | idea |
//! |---|---|
//! | `plan.rs`, `plan/` | everything that will be done, drawn from a seed: the same seed, the same plan |
//! | `world.rs` | what is outside of the workers: Postgres, queue, mail server, and how each misbehaves |
//! | `wire.rs` | the line to the database, which is cut before or after a statement |
//! | `processes.rs`, `child.rs` | the workers and sweepers, as processes that are killed with SIGKILL |
//! | `callers.rs` | those who start onboardings, cancel and update them, and read the credential |
//! | `writers.rs` | those who send messages, some for later, and call some of them off |
//! | `operator.rs` | the person who answers tasks |
//! | `haste.rs` | waits for minutes and hours are over after a moment |
//! | `quiet.rs` | afterwards: everything behaves, until nothing moves any more |
//! | `invariants/` | what must be true then, each a function with a name |
//! | `report.rs` | what was done, what came of it, and what is broken |

mod callers;
pub mod child;
mod haste;
pub mod invariants;
mod operator;
mod plan;
mod processes;
mod quiet;
mod report;
mod wire;
mod world;
mod writers;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use self::{
    callers::Callers,
    invariants::Seen,
    operator::Operator,
    plan::Blow,
    processes::{Processes, Role},
    world::World,
};
pub use self::{
    plan::{Carrier, Options, Plan},
    report::Report,
};

/// Sweepers beside the workers: two, so that they get into each other's way.
const SWEEPERS: usize = 2;

/// Lives through a plan, and says what was left of the world. `binary` is the chaos binary, which is also the workers'.
pub async fn live(plan: &Plan, binary: PathBuf) -> Report {
    let began = Instant::now();
    let logs = tempfile::tempdir().expect("a folder for the workers' logs");
    let world = Arc::new(World::start(plan).await);
    let processes = |role, count| {
        Arc::new(Processes::start(&binary, role, count, world.environment(), logs.path()).expect("worker processes"))
    };
    let (workers, sweepers) = (processes(Role::Worker, plan.options.workers), processes(Role::Sweeper, SWEEPERS));
    let callers = Arc::new(Callers::new(&world).await);
    let operator = Operator::start(&world, callers.clone(), plan.options.seed);

    // Those who write need a tenant to write for.
    let houses = callers.found(plan.houses()).await;
    world.nobody_writes_to_the_gone(&houses).await;
    let haste = haste::Haste::start(&world);
    let (guests, writers) = (callers.come(plan), callers.write(plan, &houses));
    let mut blows = tokio::task::JoinSet::new();
    for (at, blow) in plan.blows.clone() {
        let (world, workers, sweepers) = (world.clone(), workers.clone(), sweepers.clone());
        blows.spawn(async move {
            tokio::time::sleep(at).await;
            match blow {
                Blow::KillWorker(which) => workers.kill(which),
                Blow::KillSweeper(which) => sweepers.kill(which),
                Blow::FreezeWorker(which, long) => workers.freeze(which, long),
                blow => world.suffer(blow).await,
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(plan.options.seconds)).await;
    blows.join_all().await;
    world.behave().await;
    guests.join_all().await;
    writers.join_all().await;
    let rest = quiet::until_nothing_moves(&world, &callers).await;
    haste.stop().await;
    operator.stop().await;
    // Nobody is at work while we look.
    let (killed, restarted) = (workers.stop().await, sweepers.stop().await);

    let sql = world.superuser();
    let panics = processes::panics(logs.path());
    let (accepted, told) = (world.accepted(), callers.told());
    let per_minute = Some(world::PER_MINUTE);
    let seen = Seen { sql: sql.clone(), accepted, told, panics, per_minute, at_rest: rest.is_ok() };
    let verdicts = invariants::check(&seen).await;
    let mut report = Report::write(plan, &world, &seen, killed + restarted, began.elapsed(), verdicts).await;
    if !report.held() {
        report.note(format!("the logs of workers and sweepers are in {}", logs.keep().display()));
    }
    if let Err(moving) = rest {
        report.note(moving);
    }
    sql.close().await;
    report
}
