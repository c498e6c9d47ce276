//! How fast onboarding is, beside plain transactions. `cargo run --profile fast -p tenantry-tests --bin bench`

use clap::Parser;
use tenantry_tests::bench::{Options, run};

/// Measures onboarding beside the floor: the same rows by plain transactions.
#[derive(Debug, Parser)]
struct Arguments {
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

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a person reads this")]
async fn main() -> anyhow::Result<()> {
    let Arguments { concurrency, busy, idle, rounds, pumps } = Arguments::parse();
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build; for numbers that mean something, add --profile fast");
    }
    let report = run(Options { concurrency, busy, idle, rounds, pumps }, |line| eprintln!("{line}")).await?;
    println!("\n{report}");
    Ok(())
}
