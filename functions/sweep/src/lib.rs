#![doc = include_str!("../README.md")]

mod timers;

use std::time::{Duration, Instant};

use serde::Serialize;
use tenantry_runtime::Hints;
use tenantry_store::{
    Db, Result, export, mail,
    runs::{self, Hint, Housekept},
    webhooks,
};
use tenantry_workflows::email_delivery::SENDER;

/// Hints taken by one statement.
const BATCH: i64 = 500;

/// What one sweep did.
#[derive(Debug, Default, Serialize)]
pub struct Swept {
    /// Hints sent again.
    pub hints: usize,
    /// Timers fired.
    pub timers: usize,
    /// By how many seconds the oldest due row was overdue when the sweep began.
    pub overdue_seconds: f64,
    /// Messages whose words were erased, since their time is over.
    pub erased: u64,
    /// Events of providers that have found their message.
    pub matched: u64,
    /// Events of webhooks whose words were erased.
    pub webhook_events: u64,
    /// Deliveries and events of webhooks that nobody looks up any more.
    pub webhooks_forgotten: u64,
    /// Exports of tenants whose time is over.
    pub exports: u64,
    /// What was destroyed.
    pub housekept: Housekept,
}

/// Sweeps until nothing is due, or until `until`. Two sweepers at once do not disturb each other.
///
/// # Errors
/// The database cannot be reached, or is behind this code.
pub async fn sweep(db: &Db, hints: &dyn Hints, until: Instant) -> Result<Swept> {
    let mut swept = Swept { overdue_seconds: runs::overdue(db).await?.as_secs_f64(), ..Swept::default() };
    swept.timers = timers::fire(db, hints, until).await?;
    while Instant::now() < until {
        let due = runs::due_hints(db, BATCH).await?;
        let (sent, full) = (due.len(), due.len() as i64 == BATCH);
        swept.hints += sent;
        hints.send(due).await;
        if !full {
            break;
        }
    }
    if runs::lanes_ready(db).await?.0 > 0 {
        hints.send(vec![Hint::to_look(SENDER, Duration::ZERO)]).await;
        swept.hints += 1;
    }
    swept.housekept = runs::housekeep(db).await?;
    swept.erased = mail::erase_old(db).await?;
    swept.exports = export::sweep_exports(db).await?;
    swept.webhook_events = webhooks::erase_events(db).await?;
    swept.webhooks_forgotten = webhooks::forget_deliveries(db).await?;
    let (matched, due) = mail::match_events(db).await?;
    swept.matched = matched;
    hints.send(due).await;
    Ok(swept)
}
