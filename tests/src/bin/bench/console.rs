//! How soon pages begin to come.

use std::path::PathBuf;

use clap::Args;
use tenantry_tests::console_bench::{Fill, Options, run};

/// Opens every page of the console on a filled database, as an operator and as a tenant's administrator, beside the API's own answers.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Tenants.
    #[arg(long, default_value_t = Fill::default().tenants)]
    tenants: u32,
    /// Messages.
    #[arg(long, default_value_t = Fill::default().messages)]
    messages: u32,
    /// Other runs.
    #[arg(long, default_value_t = Fill::default().runs)]
    runs: u32,
    /// How often each page is opened.
    #[arg(long, default_value_t = Options::default().rounds)]
    rounds: usize,
    /// Keeps the filled database in this folder, and uses it the next time.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The URL of a database that fill.sql has filled already.
    #[arg(long)]
    database: Option<String>,
    /// Only pages whose path contains this.
    #[arg(long)]
    only: Option<String>,
}

pub(crate) async fn measure(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { tenants, messages, runs, rounds, folder, database, only } = arguments;
    let options = Options {
        fill: Fill { tenants, messages, runs, ..Fill::default() },
        rounds,
        folder,
        database,
        only,
        ..Options::default()
    };
    let report = run(&options, |line| eprintln!("{line}")).await?;
    println!("\n{report}");
    Ok(())
}
