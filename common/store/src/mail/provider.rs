//! The accounts mail is carried by, and how they are.

use serde_json::Value;
use time::OffsetDateTime;

use crate::{Db, Result, Tx, platform::Rate};

/// How an account is.
#[derive(Debug, Clone)]
pub struct ProviderRow {
    /// The provider.
    pub name: String,
    /// The circuit breaker, as it was written.
    pub health: Value,
    /// Until when it is not asked.
    pub blocked_until: Option<OffsetDateTime>,
    /// When it last told us of an event.
    pub last_event_at: Option<OffsetDateTime>,
}

/// How these accounts are; one that nobody has written about is not in the answer.
///
/// # Errors
/// The database cannot be reached.
pub async fn providers(tx: &mut Tx) -> Result<Vec<ProviderRow>> {
    let rows = sqlx::query!("select name, health, blocked_until, last_event_at from mail_providers order by name")
        .fetch_all(&mut **tx)
        .await?;
    let row = |row| {
        let (name, health, blocked_until, last_event_at) = row;
        ProviderRow { name, health, blocked_until, last_event_at }
    };
    Ok(rows.into_iter().map(|r| row((r.name, r.health, r.blocked_until, r.last_event_at))).collect())
}

/// Changes how an account is: read, changed by `change`, and written, while nobody else does. `change` gives the new health and
/// until when it is not asked, or nothing when all is as it was.
///
/// # Errors
/// The database cannot be reached.
pub async fn note_health(
    db: &Db,
    name: &str,
    change: impl FnOnce(Value) -> Option<(Value, Option<OffsetDateTime>)>,
) -> Result<()> {
    let now = db.clock().now();
    let mut tx = db.begin().await?;
    let health = sqlx::query_scalar!(
        r#"insert into mail_providers (name, updated_at) values ($1, $2)
           on conflict (name) do update set updated_at = excluded.updated_at
           returning health"#,
        name,
        now,
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some((health, blocked_until)) = change(health) {
        sqlx::query!(
            "update mail_providers set health = $2, blocked_until = $3 where name = $1",
            name,
            health,
            blocked_until
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(tx.commit().await?)
}

/// Takes up to `most` from an account's rate, and says how many may go now. Takes turns with whoever else asks, so the rate is
/// exact.
///
/// # Errors
/// The database cannot be reached.
pub async fn take_account(tx: &mut Tx, name: &str, rate: Rate, most: u32, now: OffsetDateTime) -> Result<u32> {
    let window = rate.window.as_secs_f64();
    let each = window / f64::from(rate.quota.max(1));
    let taken = sqlx::query_scalar!(
        r#"with was as (
               insert into mail_providers as p (name, updated_at) values ($1, $2) on conflict (name) do update set updated_at = p.updated_at
               returning greatest(p.tat, $2) as tat),
           may as (
               select tat, greatest(0, least($5::int, floor(($4::float8 - extract(epoch from tat - $2)::float8) / $3::float8 + 1e-6)::int)) as n from was),
           taken as (
               update mail_providers p set tat = may.tat + make_interval(secs => may.n * $3::float8) from may where p.name = $1 and may.n > 0)
           select n as "n!" from may"#,
        name,
        now,
        each,
        window,
        i32::try_from(most).unwrap_or(i32::MAX),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(taken.unsigned_abs())
}
