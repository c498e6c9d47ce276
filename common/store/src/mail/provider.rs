//! The accounts mail is carried by, and how they are.

use serde_json::Value;
use time::OffsetDateTime;

use crate::{Result, Tx, platform::Rate};

/// How an account is.
#[derive(Debug, Clone)]
pub struct ProviderRow {
    /// The provider.
    pub name: String,
    /// The circuit breaker, as it was written; none: nothing was ever wrong.
    pub health: Option<Value>,
    /// When it last told us of an event.
    pub last_event_at: Option<OffsetDateTime>,
}

/// How the accounts are; one that nobody has written about is not in the answer.
///
/// # Errors
/// The database cannot be reached.
pub async fn providers(tx: &mut Tx) -> Result<Vec<ProviderRow>> {
    let rows = sqlx::query!("select name, health, last_event_at from mail_providers order by name")
        .fetch_all(&mut **tx)
        .await?;
    let row = |(name, health, last_event_at)| ProviderRow { name, health, last_event_at };
    Ok(rows.into_iter().map(|r| row((r.name, r.health, r.last_event_at))).collect())
}

/// An account's health, locked until the transaction ends.
///
/// # Errors
/// The database cannot be reached.
pub async fn lock_health(tx: &mut Tx, name: &str, now: OffsetDateTime) -> Result<Option<Value>> {
    let health = sqlx::query_scalar!(
        r#"insert into mail_providers as p (name, updated_at) values ($1, $2)
           on conflict (name) do update set updated_at = p.updated_at returning health"#,
        name,
        now,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(health)
}

/// Writes an account's health.
///
/// # Errors
/// The database cannot be reached.
pub async fn write_health(tx: &mut Tx, name: &str, health: &Value, now: OffsetDateTime) -> Result<()> {
    sqlx::query!("update mail_providers set health = $2, updated_at = $3 where name = $1", name, health, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// How many requests an account takes now by its rate. Whoever asks next waits until this transaction ends, so the rate is
/// exact.
///
/// # Errors
/// The database cannot be reached.
pub async fn account_room(tx: &mut Tx, name: &str, rate: Rate, now: OffsetDateTime) -> Result<u32> {
    let ahead = sqlx::query_scalar!(
        r#"insert into mail_providers as p (name, updated_at) values ($1, $2)
           on conflict (name) do update set updated_at = p.updated_at
           returning extract(epoch from greatest(tat, $2) - $2)::float8 as "ahead!""#,
        name,
        now,
    )
    .fetch_one(&mut **tx)
    .await?;
    let (burst, each) = spread(rate);
    Ok((((burst - 1.0) * each - ahead) / each + 1.0 + 1e-6).floor().max(0.0) as u32)
}

/// How many requests may go at once, and the seconds between those that follow: like this, no window sees more than the rate,
/// wherever it begins.
fn spread(rate: Rate) -> (f64, f64) {
    let quota = rate.quota.max(1);
    let burst = quota.div_ceil(10);
    (f64::from(burst), rate.window.as_secs_f64() / f64::from(quota - burst + 1))
}

/// Takes requests from an account's rate, by GCRA.
///
/// # Errors
/// The database cannot be reached.
pub async fn spend_account(tx: &mut Tx, name: &str, rate: Rate, requests: u32, now: OffsetDateTime) -> Result<()> {
    let seconds = spread(rate).1 * f64::from(requests);
    sqlx::query!(
        r#"insert into mail_providers as p (name, tat, updated_at) values ($1, $2::timestamptz + make_interval(secs => $3), $2)
           on conflict (name) do update set tat = greatest(p.tat, $2) + make_interval(secs => $3)"#,
        name,
        now,
        seconds,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
