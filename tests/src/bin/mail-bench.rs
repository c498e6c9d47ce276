//! How fast mail leaves, beside its transport alone. `cargo run --profile fast -p tenantry-tests --bin mail-bench`

use clap::Parser;
use tenantry_tests::mail_bench::{Options, obey, run};

/// Sends messages through `send-email` and by the transport alone, and compares.
#[derive(Debug, Parser)]
struct Arguments {
    /// Messages of one round.
    #[arg(long, default_value_t = Options::default().messages)]
    messages: usize,
    /// Tenants that send them.
    #[arg(long, default_value_t = Options::default().tenants)]
    tenants: usize,
    /// Connections to the mail server, and requests to the API at once.
    #[arg(long, default_value_t = Options::default().connections)]
    connections: usize,
    /// Invocations of `send-email` at once.
    #[arg(long, default_value_t = Options::default().invocations)]
    invocations: usize,
    /// Messages that one turn takes.
    #[arg(long, default_value_t = Options::default().batch)]
    batch: usize,
    /// Rounds.
    #[arg(long, default_value_t = Options::default().rounds)]
    rounds: usize,
    /// What a process that sends is told; for the benchmark itself.
    #[arg(long, hide = true)]
    obey: Option<String>,
}

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a person reads this")]
async fn main() -> anyhow::Result<()> {
    let Arguments { messages, tenants, connections, invocations, batch, rounds, obey: order } = Arguments::parse();
    if let Some(order) = order {
        println!("{}", serde_json::to_string(&obey(&order).await?)?);
        return Ok(());
    }
    if cfg!(debug_assertions) {
        eprintln!("this is a debug build; for numbers that mean something, add --profile fast");
    }
    let options = Options { messages, tenants, connections, invocations, batch, rounds };
    let report = run(options, &std::env::current_exe()?, |line| eprintln!("{line}")).await?;
    println!("\n{report}");
    Ok(())
}
