//! The one-command start: everything local, embedded defaults, no account.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use local::{Parts, PartsOptions, Ports, Stack, StackOptions, announce, forward, laptop};
use tenantry_runtime::{
    config::{Environment, Reader},
    telemetry,
};

/// Runs Tenantry whole on this machine: Postgres, queues, functions, sweeper, API, console, a mailbox.
///
/// Every part can be replaced by a real one through the environment: DATABASE_URL, AWS_ENDPOINT_URL, EMAIL_HOST,
/// OIDC_ISSUER. Where EMAIL_PROVIDER or EMAIL_FALLBACK_PROVIDER is resend, RESEND_API_KEY; without it, a stand-in is started.
/// Where nothing says what carries mail, that stand-in is the second provider, at which tenants' domains are made.
#[derive(Parser)]
#[command(name = "tenantry-local", version)]
struct Arguments {
    /// Where data is kept between starts.
    #[arg(long, env = "TENANTRY_DATA", default_value = ".local")]
    data: PathBuf,
    /// Take any free ports, so that several stacks can run side by side (on different folders).
    #[arg(long)]
    free_ports: bool,
    /// Send the work to functions behind this URL (`cargo lambda watch` serves them on http://127.0.0.1:9000).
    #[arg(long, value_name = "URL")]
    functions: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the database that DATABASE_URL names to the schema of this version, and stop.
    Migrate,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    telemetry::init();
    let ended = match arguments.command {
        Some(Command::Migrate) => migrate().await,
        None => run(arguments).await,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Says what went wrong, and why, each thing once.
#[allow(clippy::print_stderr, reason = "a person reads this")]
fn complain(error: &anyhow::Error) {
    eprintln!("error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            eprintln!("  because: {cause}");
            said = cause;
        }
    }
}

async fn migrate() -> Result<()> {
    let mut read = Reader::new(Environment::process());
    let url = read.secret("DATABASE_URL").await;
    read.finish()?;
    tenantry_store::migrate(&url).await.context("the database could not be migrated")
}

async fn run(arguments: Arguments) -> Result<()> {
    let ports = if arguments.free_ports { Ports::default() } else { Ports::usual() };
    let environment = laptop(Environment::process());
    let parts = PartsOptions { environment: Some(environment.clone()), folder: Some(arguments.data.clone()), ports };
    let parts = Parts::start(&parts).await?;
    let options = StackOptions {
        folder: Some(arguments.data.clone()),
        ports,
        functions: arguments.functions,
        ..StackOptions::new(environment)
    };
    let stack = Stack::start(&parts, options).await?;
    let said = announce::announce(&stack, &parts, &arguments.data)?;
    #[allow(clippy::print_stdout, reason = "this is what a person has started it for")]
    {
        println!("{said}");
    }
    let ended = tokio::select! {
        signal = stopped() => signal,
        trouble = trouble(&parts) => Err(trouble),
        never = forward(&parts) => match never {},
    };
    stack.stop().await;
    parts.stop().await;
    ended
}

/// Waits for Ctrl-C or a polite kill.
async fn stopped() -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => Ok(pressed?),
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits for the database to be in trouble: a full disk, a process that died.
async fn trouble(parts: &Parts) -> anyhow::Error {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        if let Some(trouble) = parts.postgres.as_ref().and_then(tenantry_standins::postgres::Postgres::trouble) {
            return anyhow::Error::new(trouble)
                .context("the database is in trouble, and the stack stops; nothing that was answered is lost");
        }
    }
}
