//! What it costs to plan for many hostnames. `cargo run --profile fast -p tenantry-tests --bin portal-bench`

use clap::Parser;
use tenantry_tests::portal_bench::{Options, run};

/// Measures what a reconcile does before it talks to anybody, with many hostnames of which one is new.
#[derive(Debug, Parser)]
struct Arguments {
    /// Hostnames that are served.
    #[arg(long, default_value_t = Options::default().hostnames)]
    hostnames: u32,
    /// How often each step is done; the median counts.
    #[arg(long, default_value_t = Options::default().rounds)]
    rounds: u32,
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a person reads this")]
fn main() -> anyhow::Result<()> {
    let Arguments { hostnames, rounds } = Arguments::parse();
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build; for numbers that mean something, add --profile fast");
    }
    println!("{}", run(&Options { hostnames, rounds })?);
    Ok(())
}
