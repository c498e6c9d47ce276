//! How fast onboarding is, beside the floor: the same rows by plain transactions, with no engine at all.
//!
//! Engine and floor take turns, round by round, on one Postgres that keeps what it promises (`fsync` on), so that
//! whatever else the machine does falls on both. No timing decides anything; the report says what was seen.

mod count;
mod engine;
mod floor;
mod measure;
mod report;
pub(crate) mod usage;

use std::time::Duration;

use anyhow::{Context as _, Result};
use tenantry_standins::postgres::{Durability, Options as PostgresOptions, Postgres};

pub use self::{
    count::Counted,
    report::{Compared, Report, Side},
};
use self::{engine::Engine, floor::Floor, measure::Onboards};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Onboardings at once.
    pub concurrency: usize,
    /// Onboardings of one round, at that concurrency.
    pub busy: usize,
    /// Onboardings of one round, one after the other.
    pub idle: usize,
    /// Rounds.
    pub rounds: usize,
    /// Receives at once for each queue.
    pub pumps: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { concurrency: 50, busy: 1000, idle: 60, rounds: 5, pumps: local::StackOptions::PUMPS }
    }
}

/// What carries the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The SMTP stand-in, over a socket.
    Smtp,
    /// Nothing: every mail is accepted and thrown away.
    Discard,
}

impl Transport {
    /// Its name, as `EMAIL_PROVIDER` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Discard => "discard",
        }
    }
}

/// Connections of each side to the database.
const CONNECTIONS: u32 = 20;
/// The migrated database that each side gets a copy of.
const TEMPLATE: &str = "template_of_bench";

/// Measures all of it; `say` is told how far it is.
///
/// # Errors
/// Something cannot start, or an onboarding did not come to its end.
pub async fn run(options: Options, say: impl Fn(&str)) -> Result<Report> {
    let postgres = PostgresOptions { durability: Durability::Kept, ..PostgresOptions::temporary() };
    let postgres = Postgres::start(postgres).await?;
    postgres.create_database(TEMPLATE, None).await?;
    tenantry_store::migrate(&postgres.url(TEMPLATE).into()).await?;
    let mut report = Report { options, compared: Vec::new() };
    for transport in [Transport::Smtp, Transport::Discard] {
        report.compared.push(compare(&postgres, transport, options, &say).await.context(transport.name())?);
    }
    postgres.stop().await?;
    Ok(report)
}

async fn compare(postgres: &Postgres, transport: Transport, options: Options, say: &impl Fn(&str)) -> Result<Compared> {
    let database = async |of: &str| {
        let name = format!("{of}_{}", transport.name());
        postgres.create_database(&name, Some(TEMPLATE)).await.map(|()| postgres.url(&name))
    };
    let engine = Engine::start(&database("engine").await?, transport, options).await?;
    let floor = Floor::start(&database("floor").await?, &engine).await?;
    let (mut at_engine, mut at_floor) = (Side::default(), Side::default());
    say(&format!("{}: warming up", transport.name()));
    measure::busy(&engine, options.concurrency, options.concurrency * 2).await?;
    measure::busy(&floor, options.concurrency, options.concurrency * 2).await?;
    at_engine.counted = engine.counted(options).await?;
    at_floor.counted = floor.counted(options).await?;
    for round in 1..=options.rounds {
        round_of(&engine, postgres, options, &mut at_engine).await?;
        round_of(&floor, postgres, options, &mut at_floor).await?;
        let last = |side: &Side| side.per_second.last().copied().unwrap_or_default();
        let (engine, floor) = (last(&at_engine), last(&at_floor));
        say(&format!("{} round {round}: engine {engine:.0}/s, floor {floor:.0}/s", transport.name()));
    }
    let memory = usage::memory(postgres);
    let sizes = engine.sizes().await?;
    floor.stop().await;
    engine.stop().await;
    Ok(Compared { transport, engine: at_engine, floor: at_floor, memory, sizes })
}

async fn round_of(side: &impl Onboards, postgres: &Postgres, options: Options, into: &mut Side) -> Result<()> {
    let before = usage::cpu(postgres);
    let took = measure::busy(side, options.concurrency, options.busy).await?;
    let spent = usage::cpu(postgres) - before;
    into.per_second.push(options.busy as f64 / took.as_secs_f64());
    into.cpu.push(spent.each(options.busy));
    // What the busy part has left behind (notices, checkpoints) is not the idle part's to pay for.
    side.settled().await?;
    into.idle.extend(measure::idle(side, options.idle).await?);
    side.settled().await
}

/// The most memory that this process ever had in use, in MiB.
pub(crate) fn peak_memory() -> f64 {
    usage::peak()
}

/// As milliseconds.
fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
