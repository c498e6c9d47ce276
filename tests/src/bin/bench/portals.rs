//! What it costs to plan for many hostnames, and what a whole turn takes.

use clap::Args;
use tenantry_tests::portal_bench::{Options, run, turns};

/// Measures what a reconcile does before it talks to anybody, with many hostnames of which one is new; then whole turns, against a
/// database, a repository and the cluster's stand-in.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
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

pub(crate) async fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { hostnames, rounds, planning_only } = arguments;
    println!("{}", run(&Options { hostnames, rounds })?);
    if !planning_only {
        println!("{}", turns(hostnames).await?);
    }
    Ok(())
}
