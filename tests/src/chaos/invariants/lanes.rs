//! Lanes: nobody is forgotten in them, and nobody gets more than it may.

use super::{Breach, Seen, found};

/// A lane in which somebody waits knows when it is to be looked at.
pub(super) async fn no_lane_forgets_a_turn(seen: &Seen) -> Vec<Breach> {
    found(
        seen,
        "select t.run_id, format('waits in the lane of %s, which nobody will look at', t.tenant_id)
         from timers t left join lanes l on l.tenant_id = t.tenant_id where t.in_lane and l.ready_at is null",
    )
    .await
}

/// However many give turns at once: no minute sees more of them than the tenant may have, nor do five seconds see more than a
/// tenth of it and what five seconds add.
pub(super) async fn no_lane_gives_more_than_it_may(seen: &Seen) -> Vec<Breach> {
    let Some(per_minute) = seen.per_minute else { return Vec::new() };
    // As the lanes do it: a tenth at once, and the rest evenly over the minute.
    let burst = per_minute.div_ceil(10);
    let five_seconds = burst + (5 * (per_minute - burst + 1)).div_ceil(60);
    let rows: Vec<String> = sqlx::query_scalar(
        "with turns as (select tenant_id, at from history where name in ('Admitted', 'Suppressed', 'Refused', 'Held') and kind = 'timer'),
         windows as (
             select tenant_id, at, count(*) over (partition by tenant_id order by at range between current row and interval '59.999 seconds' following) as minute,
                    count(*) over (partition by tenant_id order by at range between current row and interval '4.999 seconds' following) as seconds
             from turns)
         select format('in the minute from %s on %s messages of the tenant %s left, in its first five seconds %s', at, minute, tenant_id, seconds)
         from windows where minute > $1 or seconds > $2",
    )
    .bind(i64::from(per_minute))
    .bind(i64::from(five_seconds))
    .fetch_all(&seen.sql)
    .await
    .expect("the database is there");
    rows.into_iter().map(|what| Breach { run: None, what }).collect()
}
