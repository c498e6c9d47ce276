//! How portals are, as far as an alarm wants to know.

use crate::{Db, Result};

/// What waits for the platform's operators, and what does not get on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PortalPulse {
    /// Open tasks about hostnames and reconciles.
    pub tasks: i64,
    /// For how many seconds the oldest of them is open.
    pub wait_seconds: f64,
    /// For how many seconds the cluster has not heard of the oldest wish.
    pub behind_seconds: f64,
}

/// Counts what waits for the operators.
///
/// # Errors
/// The database cannot be reached.
pub async fn pulse(db: &Db) -> Result<PortalPulse> {
    let now = db.clock().now();
    let row = sqlx::query!(
        r#"select count(*) as "tasks!",
                  coalesce(extract(epoch from $1::timestamptz - min(t.created_at)), 0)::float8 as "wait!",
                  (select coalesce(extract(epoch from $1::timestamptz - min(wished_at)), 0)::float8
                   from portal_domains where (serves or retired) and synced < revision) as "behind!"
           from tasks t join runs r on r.id = t.run_id
           where t.status = 'open' and r.kind in ('portal_domain', 'portal_sync')"#,
        now,
    )
    .fetch_one(db.pool())
    .await?;
    Ok(PortalPulse { tasks: row.tasks, wait_seconds: row.wait, behind_seconds: row.behind })
}
