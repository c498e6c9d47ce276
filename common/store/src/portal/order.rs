//! Orders of certificates, within what the authority allows.

use std::time::Duration;

use tenantry_model::RunId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::claim::lock;
use crate::{Result, Tx};

/// What the authority allows, each within a window that slides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLimits {
    /// Orders of the account in 3 hours.
    pub account: u32,
    /// Certificates of a registered domain in 7 days.
    pub registered: u32,
    /// Certificates of the same name in 7 days.
    pub name: u32,
    /// Failed validations of a name in an hour.
    pub failures: u32,
}

/// What became of [`order`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// It is counted, and the hostname is wanted in the cluster.
    Granted,
    /// Not before so long.
    Waits(Duration, &'static str),
    /// The hostname is not this tenant's any more.
    NotHeld,
}

/// Counts an order against the limits, and wants the hostname in the cluster: one transaction, so that what is applied was counted.
///
/// # Errors
/// The database cannot be reached.
pub async fn order(
    tx: &mut Tx,
    portal: RunId,
    registered: &str,
    limits: OrderLimits,
    now: OffsetDateTime,
) -> Result<Order> {
    let (_, domain) = lock(tx, portal).await?;
    // The limits are everybody's: one after the other.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('certificate_orders', 0)) as locked")
        .fetch_one(&mut **tx)
        .await?;
    let held = sqlx::query_scalar!(r#"select holds as "holds!" from portal_domains where id = $1"#, portal.0)
        .fetch_one(&mut **tx)
        .await?;
    if !held {
        return Ok(Order::NotHeld);
    }
    // When the oldest of the last n orders leaves the window, there is room for another.
    let free = sqlx::query!(
        r#"select (select at from certificate_orders where at > $1::timestamptz - interval '3 hours'
                   order by at desc offset $4 limit 1) + interval '3 hours' as account,
                  (select at from certificate_orders where registered = $2 and at > $1::timestamptz - interval '7 days'
                   order by at desc offset $5 limit 1) + interval '7 days' as registered,
                  (select at from certificate_orders where name = $3 and registered = $2 and failed_at is null
                      and at > $1::timestamptz - interval '7 days'
                   order by at desc offset $6 limit 1) + interval '7 days' as name,
                  (select failed_at from certificate_orders where name = $3 and registered = $2
                      and failed_at > $1::timestamptz - interval '1 hour'
                   order by failed_at desc offset $7 limit 1) + interval '1 hour' as failures"#,
        now,
        registered,
        domain,
        offset(limits.account),
        offset(limits.registered),
        offset(limits.name),
        offset(limits.failures),
    )
    .fetch_one(&mut **tx)
    .await?;
    let waits = [
        (free.account, "the certificate authority takes no more orders from this platform for the moment"),
        (free.registered, "the certificate authority issues no more certificates for this domain this week"),
        (free.name, "the certificate authority issues no more certificates for this hostname this week"),
        (free.failures, "the certificate authority could not validate this hostname several times within an hour"),
    ];
    if let Some((until, why)) = waits.into_iter().filter_map(|(until, why)| Some((until?, why))).max() {
        let wait = Duration::try_from(until - now).unwrap_or_default();
        return Ok(Order::Waits(wait.max(Duration::from_secs(1)), why));
    }
    sqlx::query!(
        r#"with counted as (
               insert into certificate_orders (id, domain_id, name, registered, at) values ($1, $2, $3, $4, $5))
           update portal_domains set serves = true, retired = false, revision = revision + 1, wished_at = $5 where id = $2"#,
        Uuid::now_v7(),
        portal.0,
        domain,
        registered,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(Order::Granted)
}

/// The authority has refused the last order.
///
/// # Errors
/// The database cannot be reached.
pub async fn order_failed(tx: &mut Tx, portal: RunId, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"update certificate_orders set failed_at = $2
           where id = (select id from certificate_orders where domain_id = $1 order by at desc limit 1) and failed_at is null"#,
        portal.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn offset(limit: u32) -> i64 {
    i64::from(limit.max(1)) - 1
}
