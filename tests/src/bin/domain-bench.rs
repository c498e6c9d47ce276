//! What a sweep costs when many domains wait. `cargo run --profile fast -p tenantry-tests --bin domain-bench`

use clap::Parser;
use tenantry_tests::domain_bench::{Options, run};

/// Measures sweeps over few and many waiting domains.
#[derive(Debug, Parser)]
struct Arguments {
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

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a person reads this")]
async fn main() -> anyhow::Result<()> {
    let Arguments { stored, due, rounds } = Arguments::parse();
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build; for numbers that mean something, add --profile fast");
    }
    println!("{}", run(&Options { stored: [due.max(1), stored.max(due)], due, rounds }).await?);
    Ok(())
}
