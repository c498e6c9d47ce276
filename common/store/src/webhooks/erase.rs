//! What endpoints were told is not kept for ever.

use time::Duration;

use crate::{Db, Result};

/// So long it can be looked up what became of an event.
const LOOKED_UP: Duration = Duration::days(90);
/// So many are looked at in one sweep, oldest first.
const AT_ONCE: i64 = 2_000;

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

/// Forgets deliveries that began a quarter of a year ago and are over, with their tries, and events that nobody is told of any more;
/// up to 2,000 of each at once. Says how many rows are gone. The runs stay, as every history does.
///
/// # Errors
/// The database cannot be reached.
pub async fn forget_deliveries(db: &Db) -> Result<u64> {
    let old = db.clock().now() - LOOKED_UP;
    // Ids are made in the order of time, so the oldest are found without looking at all of them.
    let deliveries = sqlx::query!(
        r#"with old as (
               select d.id from (select id, created_at from webhook_deliveries order by id limit $2) d join runs r on r.id = d.id
               where d.created_at < $1 and r.ended_at is not null),
           tries as (delete from webhook_attempts where delivery_id in (select id from old))
           delete from webhook_deliveries where id in (select id from old)"#,
        old,
        AT_ONCE,
    )
    .execute(db.pool())
    .await?
    .rows_affected();
    let events = sqlx::query!(
        r#"delete from webhook_events where id in (
               select e.id from (select id, created_at from webhook_events order by id limit $2) e
               where e.created_at < $1 and not exists (select from webhook_deliveries d where d.event_id = e.id))"#,
        old,
        AT_ONCE,
    )
    .execute(db.pool())
    .await?
    .rows_affected();
    Ok(deliveries + events)
}
