//! How fast mail leaves, beside its transport alone.

use clap::Args;
use tenantry_tests::mail_bench::{self, Options, run};

/// Sends messages through `send-email` and by the transport alone, and compares.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
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
}

pub(crate) async fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { messages, tenants, connections, invocations, batch, rounds } = arguments;
    let options = Options { messages, tenants, connections, invocations, batch, rounds };
    let report = run(options, &std::env::current_exe()?, |line| eprintln!("{line}")).await?;
    println!("\n{report}");
    Ok(())
}

/// What a process that sends does, for the benchmark itself.
#[derive(Debug, Args)]
pub(crate) struct Order {
    order: String,
}

pub(crate) async fn obey(Order { order }: Order) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(&mail_bench::obey(&order).await?)?);
    Ok(())
}
