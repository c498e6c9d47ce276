//! What Tenantry costs, beside what it could cost. `cargo run --profile fast -p tenantry-tests --bin bench -- onboarding`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a person reads this")]

use clap::Parser;

mod console;
mod domains;
mod mail;
mod onboarding;
mod portals;

#[derive(Debug, Parser)]
#[command(about)]
enum Bench {
    Onboarding(onboarding::Arguments),
    Mail(mail::Arguments),
    #[command(hide = true)]
    Send(mail::Order),
    Domains(domains::Arguments),
    Portals(portals::Arguments),
    Console(console::Arguments),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let bench = Bench::parse();
    if cfg!(debug_assertions) && !matches!(bench, Bench::Send(_)) {
        eprintln!("this is a debug build; for numbers that mean something, add --profile fast");
    }
    match bench {
        Bench::Onboarding(arguments) => onboarding::measure(arguments).await,
        Bench::Mail(arguments) => mail::measure(arguments).await,
        Bench::Send(order) => mail::obey(order).await,
        Bench::Domains(arguments) => domains::measure(arguments).await,
        Bench::Portals(arguments) => portals::measure(arguments).await,
        Bench::Console(arguments) => console::measure(arguments).await,
    }
}
