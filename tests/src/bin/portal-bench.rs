//! What it costs to plan for many hostnames, and what a whole turn takes. `cargo run --profile fast -p tenantry-tests --bin portal-bench`

use clap::Parser;
use tenantry_tests::portal_bench::{Options, run, turns};

/// Measures what a reconcile does before it talks to anybody, with many hostnames of which one is new; then whole turns, against a
/// database, a repository and the cluster's stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// Hostnames that are served.
    #[arg(long, default_value_t = Options::default().hostnames)]
    hostnames: u32,
    /// How often each step is done; the median counts.
    #[arg(long, default_value_t = Options::default().rounds)]
    rounds: u32,
    /// Without the whole turns, which take minutes.
    #[arg(long)]
    planning_only: bool,
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a person reads this")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { hostnames, rounds, planning_only } = Arguments::parse();
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build; for numbers that mean something, add --profile fast");
    }
    println!("{}", run(&Options { hostnames, rounds })?);
    if !planning_only {
        println!("{}", turns(hostnames).await?);
    }
    Ok(())
}
