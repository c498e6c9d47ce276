//! The operator's command line; see the library.

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tenantry_cli::run(tenantry_cli::args::Cli::parse()).await
}
