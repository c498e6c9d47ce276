//! Chaos, for as long as one likes: `cargo run -p tenantry-tests --bin chaos -- --seed 7 --seconds 300`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tenantry_tests::chaos::{self, Carrier, Options, Plan};

/// Kills workers and the database, makes the queue and the mail server misbehave, and checks what must be true then.
#[derive(Debug, Parser)]
struct Arguments {
    /// What everything is drawn from; another one each time when not given.
    #[arg(long)]
    seed: Option<u64>,
    /// For how long things are broken. It takes up to two minutes more until nothing moves any more.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Onboardings started meanwhile.
    #[arg(long, default_value_t = 150)]
    tenants: usize,
    /// Messages sent meanwhile.
    #[arg(long, default_value_t = 150)]
    letters: usize,
    /// Mail goes through Resend, and through the mail server where Resend does not take it.
    #[arg(long)]
    resend: bool,
    /// Worker processes.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Prints what would be done, and does nothing.
    #[arg(long)]
    plan: bool,
    #[command(subcommand)]
    role: Option<Role>,
}

/// What the harness starts this binary as.
#[derive(Debug, Subcommand)]
enum Role {
    /// The functions behind queues.
    #[command(hide = true)]
    Worker,
    /// The sweeper.
    #[command(hide = true)]
    Sweeper,
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "a person reads it")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Worker) => chaos::child::work(chaos::child::WORKER).await?,
        Some(Role::Sweeper) => chaos::child::work(chaos::child::SWEEPER).await?,
        None => {}
    }
    let options = Options {
        seed: arguments.seed.unwrap_or_else(|| fastrand::u64(..)),
        seconds: arguments.seconds,
        tenants: arguments.tenants,
        letters: arguments.letters,
        workers: arguments.workers.into(),
        carrier: if arguments.resend { Carrier::Resend } else { Carrier::Smtp },
    };
    let plan = Plan::draw(options);
    if arguments.plan {
        println!("{plan:#?}");
        return Ok(ExitCode::SUCCESS);
    }
    println!("seed {}", options.seed);
    let report = chaos::live(&plan, std::env::current_exe()?).await;
    println!("{report}");
    Ok(if report.held() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
