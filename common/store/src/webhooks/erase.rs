//! What endpoints were told is not kept for ever.

use crate::{Db, Result};

/// Erases the words of events whose time is over, up to 10,000 at once, and says how many. Secrets that a rotation has left behind go
/// as well.
///
/// # Errors
/// The database cannot be reached.
pub async fn erase_events(db: &Db) -> Result<u64> {
    let now = db.clock().now();
    let erased = sqlx::query!(
        "update webhook_events set body = null
         where id in (select id from webhook_events where body is not null and erase_at <= $1 limit 10000)",
        now
    )
    .execute(db.pool())
    .await?;
    sqlx::query!(
        "update webhook_endpoints set previous_secret = null, previous_until = null where previous_until <= $1",
        now
    )
    .execute(db.pool())
    .await?;
    Ok(erased.rows_affected())
}
