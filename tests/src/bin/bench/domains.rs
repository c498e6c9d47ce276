//! What a sweep costs when many domains wait.

use clap::Args;
use tenantry_tests::domain_bench::{Options, run};

/// Measures sweeps over few and many waiting domains.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The many.
    #[arg(long, default_value_t = Options::default().stored[1])]
    stored: u32,
    /// How many of them are due.
    #[arg(long, default_value_t = Options::default().due)]
    due: u32,
    /// Sweeps of each kind.
    #[arg(long, default_value_t = Options::default().rounds)]
    rounds: u32,
}

pub(crate) async fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { stored, due, rounds } = arguments;
    println!("{}", run(&Options { stored: [due.max(1), stored.max(due)], due, rounds }).await?);
    Ok(())
}
