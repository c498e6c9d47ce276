//! How fast mail leaves with full bookkeeping, beside its transport alone.
//!
//! The mail server and Resend's API are stand-ins in this process; who sends is a process of its own each time, so that its
//! memory is its own. Engine and bare transport take turns on the same machine, with the same connections and the same words.

mod bare;
mod engine;
mod report;

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection};
use tenantry_standins::{
    postgres::{Durability, Options as PostgresOptions, Postgres},
    resend::{self, Resend},
    smtp::{self, Smtp},
};
use tokio::process::Command;

pub use self::report::{Compared, Report};

/// How much is measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Options {
    /// Messages of one round.
    pub messages: usize,
    /// Tenants that send them.
    pub tenants: usize,
    /// Connections to the mail server, and requests to the API at once.
    pub connections: usize,
    /// Invocations of `send-email` at once.
    pub invocations: usize,
    /// Messages that one turn takes.
    pub batch: usize,
    /// Rounds.
    pub rounds: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { messages: 10_000, tenants: 50, connections: 16, invocations: 2, batch: 50, rounds: 3 }
    }
}

/// Who carries the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carrier {
    /// The mail server.
    Smtp,
    /// Resend's API, in batches.
    Resend,
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// `send-email`, with every row.
    Engine,
    /// Our provider alone: what it adds to the bare transport, such as sending each command at once.
    Provider,
    /// lettre alone, with its own pool. Not for the API.
    Lettre,
}

impl Side {
    fn of(carrier: Carrier) -> &'static [Self] {
        match carrier {
            Carrier::Smtp => &[Self::Engine, Self::Provider, Self::Lettre],
            Carrier::Resend => &[Self::Engine, Self::Provider],
        }
    }
}

/// What a process that sends is told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    side: Side,
    carrier: Carrier,
    options: Options,
    database: String,
    /// Port of the mail server, URL and key of the API.
    smtp: u16,
    resend: (String, String),
    sealing_key: String,
}

/// What it saw.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Seen {
    /// From the first message to the last.
    pub seconds: f64,
    /// The most memory it had in use, in MiB.
    pub memory: f64,
}

/// The text of every message: a short letter.
const TEXT: &str = "Dear customer,\n\nyour invoice for November is ready. You find it in your portal, together with all earlier \
                    ones. If something is wrong with it, answer this mail, and somebody will look into it today.\n\nKind \
                    regards\n";

const TEMPLATE: &str = "template_of_mail_bench";
const SEALING_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Measures all of it; `sender` is a program that does what [`obey`] does when it is told `send` and an order; `say` is told how far it is.
///
/// # Errors
/// Something cannot start, or a message was lost.
pub async fn run(options: Options, sender: &std::path::Path, say: impl Fn(&str)) -> Result<Report> {
    let postgres = PostgresOptions { durability: Durability::Kept, ..PostgresOptions::temporary() };
    let postgres = Postgres::start(postgres).await?;
    postgres.create_database(TEMPLATE, None).await?;
    tenantry_store::migrate(&postgres.url(TEMPLATE).into()).await?;
    let smtp = Smtp::start(smtp::Options { keep: 100, ..smtp::Options::default() }).await?;
    let resend = resend::Options { any_domain: true, keep_bodies: false, ..resend::Options::default() };
    let resend = Resend::start(resend).await?;
    let mut report = Report { options, compared: Vec::new() };
    for carrier in [Carrier::Smtp, Carrier::Resend] {
        let mut compared = Compared { carrier, seen: Vec::new() };
        for round in 1..=options.rounds {
            let name = format!("mail_{carrier:?}_{round}").to_lowercase();
            postgres.create_database(&name, Some(TEMPLATE)).await?;
            let database = postgres.url(&name);
            for side in Side::of(carrier).iter().copied() {
                let order = Order {
                    side,
                    carrier,
                    options,
                    database: database.clone(),
                    smtp: smtp.address().port(),
                    resend: (resend.url().to_owned(), resend.key().to_owned()),
                    sealing_key: SEALING_KEY.to_owned(),
                };
                if side == Side::Engine {
                    engine::store(&order).await?;
                }
                let seen = send(sender, &order).await?;
                compared.seen.push((side, seen));
                resend.clear();
            }
            let mut sql = PgConnection::connect(&database).await?;
            let sent: i64 = sqlx::query_scalar("select count(*) from sends").fetch_one(&mut sql).await?;
            ensure!(sent == options.messages as i64, "{sent} of {} messages were sent", options.messages);
            sql.close().await?;
            let rates = compared.seen.iter().rev().take(Side::of(carrier).len()).rev();
            let rates: Vec<String> = rates
                .map(|(side, seen)| format!("{side:?} {:.0}/s", options.messages as f64 / seen.seconds).to_lowercase())
                .collect();
            say(&format!("{carrier:?} round {round}: {}", rates.join(", ")));
        }
        report.compared.push(compared);
    }
    postgres.stop().await?;
    Ok(report)
}

async fn send(sender: &std::path::Path, order: &Order) -> Result<Seen> {
    let child = Command::new(sender)
        .arg("send")
        .arg(serde_json::to_string(order)?)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the process that sends")?;
    let output = tokio::time::timeout(Duration::from_secs(600), child.wait_with_output()).await??;
    ensure!(output.status.success(), "the process that sends has failed");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// What a process that sends does: as it is told, and it says what it saw.
///
/// # Errors
/// The order cannot be read, or something could not be sent.
pub async fn obey(order: &str) -> Result<Seen> {
    let order: Order = serde_json::from_str(order)?;
    let took = match (order.side, order.carrier) {
        (Side::Engine, _) => engine::send(&order).await?,
        (Side::Lettre, _) => bare::lettre(&order).await?,
        (Side::Provider, Carrier::Smtp) => bare::smtp(&order).await?,
        (Side::Provider, Carrier::Resend) => bare::resend(&order).await?,
    };
    Ok(Seen { seconds: took.as_secs_f64(), memory: crate::bench::peak_memory() })
}
