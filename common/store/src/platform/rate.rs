//! Rate limits by GCRA (the generic cell rate algorithm), in one statement, exact under concurrency.

use std::time::Duration;

use crate::{Db, Result};

/// So many in a window, in a burst or spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1.
    pub quota: u32,
    /// In how long.
    pub window: Duration,
}

/// What became of [`take`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Whether it may go ahead.
    pub allowed: bool,
    /// How many more could go ahead right now.
    pub remaining: u32,
    /// When it is worth trying (refused), or when the whole quota is there again (allowed).
    pub reset: Duration,
}

/// Takes one from the rate of `key`. A refused one takes nothing.
///
/// # Errors
/// The database cannot be reached.
pub async fn take(db: &Db, key: &str, rate: Rate) -> Result<Taken> {
    let now = db.clock().now();
    let window = rate.window.as_secs_f64();
    let each = window / f64::from(rate.quota.max(1));
    // The theoretical arrival time may lie at most one window ahead, this one included.
    let tat = sqlx::query_scalar!(
        r#"insert into rate_limits as r (key, tat) values ($1, $2::timestamptz + make_interval(secs => $3))
           on conflict (key) do update set tat = greatest(r.tat, $2) + make_interval(secs => $3)
               where greatest(r.tat, $2) + make_interval(secs => $3) <= $2 + make_interval(secs => $4)
           returning tat"#,
        key,
        now,
        each,
        window,
    )
    .fetch_optional(db.pool())
    .await?;
    if let Some(tat) = tat {
        let ahead = (tat - now).as_seconds_f64();
        let remaining = ((window - ahead) / each + 1e-6).floor().max(0.0) as u32;
        return Ok(Taken { allowed: true, remaining, reset: Duration::from_secs_f64(ahead.max(0.0)) });
    }
    let tat = sqlx::query_scalar!("select tat from rate_limits where key = $1", key).fetch_optional(db.pool()).await?;
    let wait = tat.map_or(0.0, |tat| (tat - now).as_seconds_f64() + each - window);
    Ok(Taken { allowed: false, remaining: 0, reset: Duration::from_secs_f64(wait.max(0.0)) })
}
