//! A tenant's lane, as people read it.

use tenantry_model::TenantId;
use time::OffsetDateTime;

use crate::{Result, Tx};

/// How a tenant's lane stands.
#[derive(Debug, Clone)]
pub struct LaneRow {
    /// The next one may leave at this moment, if one waits.
    pub ready_at: Option<OffsetDateTime>,
    /// The tenant's own limit in any minute; none: the usual one.
    pub per_minute: Option<u32>,
    /// The tenant's own limit on any day (UTC); none: the usual one.
    pub per_day: Option<u32>,
    /// How many have left today (UTC).
    pub today: u32,
    /// Why nothing leaves, for the operators.
    pub paused: Option<String>,
    /// Nothing leaves, since the tenant is suspended, or on its way out.
    pub shut: bool,
    /// How many wait; 1,000 means as many or more.
    pub waiting: u32,
}

/// The lane of a tenant; none when nothing was ever sent.
///
/// # Errors
/// The database cannot be reached.
pub async fn lane(tx: &mut Tx, tenant: TenantId, now: OffsetDateTime) -> Result<Option<LaneRow>> {
    let row = sqlx::query!(
        r#"select l.ready_at, l.per_minute, l.per_day, l.paused, l.shut,
                  case when l.day = ($2 at time zone 'UTC')::date then l.day_count else 0 end as "today!",
                  (select count(*) from (select from timers t where t.tenant_id = $1 and t.in_lane and not t.held limit 1000) w) as "waiting!"
           from lanes l where l.tenant_id = $1"#,
        tenant.0,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| LaneRow {
        ready_at: row.ready_at,
        per_minute: row.per_minute.map(i32::unsigned_abs),
        per_day: row.per_day.map(i32::unsigned_abs),
        today: row.today.unsigned_abs(),
        paused: row.paused,
        shut: row.shut,
        waiting: u32::try_from(row.waiting).unwrap_or(u32::MAX),
    }))
}
