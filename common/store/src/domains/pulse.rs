//! How domains are, as far as an alarm wants to know.

use crate::{Db, Result};

/// What waits for the platform's operators.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DomainPulse {
    /// Open tasks about domains that are for operators.
    pub tasks: i64,
    /// For how many seconds the oldest of these questions has been asked. A question that is asked anew, since somebody escalated it
    /// or a try in between came to nothing, is as old as when it was asked first, up to thirty days.
    pub wait_seconds: f64,
}

/// Counts what waits for the operators.
///
/// # Errors
/// The database cannot be reached.
pub async fn pulse(db: &Db) -> Result<DomainPulse> {
    let now = db.clock().now();
    let row = sqlx::query!(
        r#"select count(*) as "tasks!",
                  coalesce(extract(epoch from $1::timestamptz - min(
                      (select min(f.created_at) from tasks f
                       where f.run_id = t.run_id and f.name = t.name and f.created_at > $1::timestamptz - interval '30 days'))), 0)::float8
                      as "wait!"
           from tasks t join runs r on r.id = t.run_id
           where t.status = 'open' and r.kind = 'email_domain' and (t.operators_only or t.name = 'SomethingBroke')"#,
        now,
    )
    .fetch_one(db.pool())
    .await?;
    Ok(DomainPulse { tasks: row.tasks, wait_seconds: row.wait })
}
