//! How mail is, in a few numbers for alarms. What they cost follows what happened lately, not what is stored.

use std::time::Duration;

use serde::Serialize;

use crate::{Db, Result};

/// So many messages without a single event of a provider that tells events, and something is wrong with them.
pub const SILENT_AFTER: i64 = 50;
/// Events take a while: younger messages are not counted.
pub const EVENTS_TAKE: Duration = Duration::from_secs(30 * 60);

/// The time over which messages are counted.
const HOUR: Duration = Duration::from_secs(3600);
/// Below this many messages a rate says nothing.
const MINIMUM_VOLUME: i64 = tenantry_mail::reputation::MINIMUM_VOLUME as i64;

/// How mail is, of all tenants together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Pulse {
    /// Messages whose outcome nobody knows, and of which nobody has said yet what became.
    pub unknown: i64,
    /// Accepted by a provider within the last hour.
    pub sent: i64,
    /// Told within the last hour to have come back for good (hard bounces).
    pub bounced: i64,
    /// Told within the last hour to have been called spam.
    pub complained: i64,
    /// Providers that have told events before, and none for the last [`SILENT_AFTER`] messages.
    pub silent_providers: Vec<String>,
    /// Providers that are not used for a while, or are being tried again.
    pub open_breakers: Vec<String>,
    /// For how many seconds the oldest lane has been ready without a turn; 0 when none is.
    pub lane_wait_seconds: f64,
}

impl Pulse {
    /// Hard bounces in a hundred messages; 0 where there were too few messages to say.
    #[must_use]
    pub fn bounce_percent(&self) -> f64 {
        self.percent(self.bounced)
    }

    /// Complaints in a hundred messages; 0 where there were too few messages to say.
    #[must_use]
    pub fn complaint_percent(&self) -> f64 {
        self.percent(self.complained)
    }

    #[allow(clippy::cast_precision_loss, reason = "messages of an hour")]
    fn percent(&self, count: i64) -> f64 {
        if self.sent < MINIMUM_VOLUME { 0.0 } else { 100.0 * count as f64 / self.sent as f64 }
    }
}

/// Looks at all of it.
///
/// # Errors
/// The database cannot be reached.
pub async fn pulse(db: &Db) -> Result<Pulse> {
    let now = db.clock().now();
    let row = sqlx::query!(
        r#"with recursive
           -- The providers that have ever accepted anything, each found by one look at the index.
           carriers(name) as (
               select min(provider) from sends
               union all
               select (select min(provider) from sends where provider > carriers.name) from carriers where carriers.name is not null),
           lately as (
               select distinct message_id, kind from provider_events
               where received_at > $2 and kind in ('bounced', 'complained') and message_id is not null
                 and (kind = 'complained' or detail #>> '{what,bounce}' = 'hard'))
           select (select count(*) from runs where status = 'waiting' and kind = 'email_delivery' and state = 'unknown') as "unknown!",
                  (select coalesce(sum((select count(*) from sends where provider = name and accepted_at > $2)), 0)::bigint
                   from carriers where name is not null) as "sent!",
                  (select count(*) from lately where kind = 'bounced') as "bounced!",
                  (select count(*) from lately where kind = 'complained') as "complained!",
                  array(select p.name from mail_providers p where p.last_event_at is not null
                        and (select count(*) from (select from sends s where s.provider = p.name
                                 and s.accepted_at > p.last_event_at and s.accepted_at <= $3 limit $4) unheard) >= $4
                        order by p.name) as "silent!",
                  array(select name from mail_providers where health #>> '{breaker,is}' <> 'closed' order by name) as "open!",
                  coalesce(extract(epoch from $1::timestamptz - (
                      select min(l.ready_at) from lanes l join tenants t on t.id = l.tenant_id and t.status = 'active'
                      where l.ready_at <= $1 and l.paused is null and not l.shut)), 0)::float8 as "lane_wait!""#,
        now,
        now - HOUR,
        now - EVENTS_TAKE,
        SILENT_AFTER,
    )
    .fetch_one(db.pool())
    .await?;
    Ok(Pulse {
        unknown: row.unknown,
        sent: row.sent,
        bounced: row.bounced,
        complained: row.complained,
        silent_providers: row.silent,
        open_breakers: row.open,
        lane_wait_seconds: row.lane_wait,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_enough_messages_to_say_anything() {
        let pulse = Pulse { sent: 99, bounced: 99, complained: 99, ..Pulse::default() };
        assert_eq!((pulse.bounce_percent(), pulse.complaint_percent()), (0.0, 0.0));
        let pulse = Pulse { sent: 400, bounced: 20, complained: 2, ..Pulse::default() };
        assert_eq!((pulse.bounce_percent(), pulse.complaint_percent()), (5.0, 0.5));
    }
}
