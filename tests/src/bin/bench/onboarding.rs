//! How fast onboarding is, beside plain transactions.

use clap::Args;
use tenantry_tests::bench::{Options, run};

/// Measures onboarding beside the floor: the same rows by plain transactions.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Onboardings at once.
    #[arg(long, default_value_t = Options::default().concurrency)]
    concurrency: usize,
    /// Onboardings of one round at that concurrency.
    #[arg(long, default_value_t = Options::default().busy)]
    busy: usize,
    /// Onboardings of one round, one after the other.
    #[arg(long, default_value_t = Options::default().idle)]
    idle: usize,
    /// Rounds.
    #[arg(long, default_value_t = Options::default().rounds)]
    rounds: usize,
    /// Receives at once for each queue.
    #[arg(long, default_value_t = Options::default().pumps)]
    pumps: usize,
}

pub(crate) async fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { concurrency, busy, idle, rounds, pumps } = arguments;
    let report = run(Options { concurrency, busy, idle, rounds, pumps }, |line| eprintln!("{line}")).await?;
    println!("\n{report}");
    Ok(())
}
