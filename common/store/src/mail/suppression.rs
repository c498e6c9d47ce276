//! A tenant's suppression list.

use tenantry_mail::{BOUNCE_WINDOW_DAYS, SOFT_BOUNCES};
use tenantry_model::{MessageId, TenantId};
use time::{Duration, OffsetDateTime};

use crate::{Result, Tx};

/// An entry to make.
#[derive(Debug, Clone)]
pub struct NewSuppression {
    /// Whose list.
    pub tenant: TenantId,
    /// The address, in any case.
    pub address: String,
    /// `hard_bounce`, `soft_bounces`, `complaint`, `unsubscribe` or `manual`.
    pub reason: &'static str,
    /// The category that was unsubscribed; none: all of them.
    pub category: Option<String>,
    /// Words of whoever made it.
    pub note: Option<String>,
    /// The message it follows from.
    pub message: Option<MessageId>,
    /// Who: a person, a key, `recipient`, or a provider.
    pub by: String,
    /// Until when; none: until somebody takes it off.
    pub until: Option<OffsetDateTime>,
}

/// An entry, whole.
#[derive(Debug, Clone)]
pub struct SuppressionEntry {
    /// Whose list.
    pub tenant: TenantId,
    /// The address, in lower case.
    pub address: String,
    /// Why.
    pub reason: String,
    /// The category that was unsubscribed; empty: all of them.
    pub category: String,
    /// Words of whoever made it.
    pub note: Option<String>,
    /// The message it follows from.
    pub message: Option<MessageId>,
    /// Who.
    pub created_by: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
}

/// Which entries to list, newest first.
#[derive(Debug, Clone)]
pub struct SuppressionFilter {
    /// Whose list.
    pub tenant: TenantId,
    /// Of this address, in lower case.
    pub address: Option<String>,
    /// For this reason.
    pub reason: Option<String>,
    /// Older than this: when, address, reason, category.
    pub after: Option<(OffsetDateTime, String, String, String)>,
    /// At most this many.
    pub limit: i64,
}

/// Puts an address on a tenant's list, and says whether it was not on it for this reason before. An automatic entry only ever
/// lasts longer; a manual one is as it was last said.
///
/// # Errors
/// The database cannot be reached.
pub async fn suppress(tx: &mut Tx, new: &NewSuppression, now: OffsetDateTime) -> Result<bool> {
    let is_new = sqlx::query_scalar!(
        r#"insert into suppressions as s (tenant_id, address, reason, category, note, message_id, created_by, created_at, expires_at)
           values ($1, lower($2), $3, $4, $5, $6, $7, $8, $9)
           on conflict (tenant_id, address, reason, category) do update set
               note = coalesce(excluded.note, s.note),
               expires_at = case when s.reason = 'manual' then excluded.expires_at
                                 when s.expires_at is null or excluded.expires_at is null then null
                                 else greatest(s.expires_at, excluded.expires_at) end
           returning xmax = 0 as "is_new!""#,
        new.tenant.0,
        new.address,
        new.reason,
        new.category.as_deref().unwrap_or_default(),
        new.note,
        new.message.map(|id| id.0),
        new.by,
        now,
        new.until,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(is_new)
}

/// Entries of a list, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn suppressions(tx: &mut Tx, filter: &SuppressionFilter) -> Result<Vec<SuppressionEntry>> {
    let (at, address, reason, category) = match &filter.after {
        Some((at, address, reason, category)) => (Some(*at), Some(address), Some(reason), Some(category)),
        None => (None, None, None, None),
    };
    let rows = sqlx::query!(
        r#"select tenant_id, address, reason, category, note, message_id, created_by, created_at, expires_at
           from suppressions
           where tenant_id = $1 and ($2::text is null or address = $2) and ($3::text is null or reason = $3)
             and ($4::timestamptz is null or (created_at, address, reason, category) < ($4, $5, $6, $7))
           order by created_at desc, address desc, reason desc, category desc limit $8"#,
        filter.tenant.0,
        filter.address,
        filter.reason,
        at,
        address,
        reason,
        category,
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    let entries = rows.into_iter().map(|row| SuppressionEntry {
        tenant: TenantId(row.tenant_id),
        address: row.address,
        reason: row.reason,
        category: row.category,
        note: row.note,
        message: row.message_id.map(MessageId),
        created_by: row.created_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
    });
    Ok(entries.collect())
}

/// Takes an address off a list, whatever it is on it for, forgets its soft bounces, and says how many entries there were.
///
/// # Errors
/// The database cannot be reached.
pub async fn unsuppress(tx: &mut Tx, tenant: TenantId, address: &str) -> Result<u64> {
    let removed =
        sqlx::query!("delete from suppressions where tenant_id = $1 and address = lower($2)", tenant.0, address)
            .execute(&mut **tx)
            .await?
            .rows_affected();
    // Else the next one would put it back at once.
    sqlx::query!("delete from soft_bounces where tenant_id = $1 and address = lower($2)", tenant.0, address)
        .execute(&mut **tx)
        .await?;
    Ok(removed)
}

/// How an address' soft bounces add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SoftBounces {
    /// The most within any window of [`BOUNCE_WINDOW_DAYS`] that this bounce is in, itself included.
    pub most: u32,
    /// When the last of a window with [`SOFT_BOUNCES`] or more was; none: there is no such window.
    pub until: Option<OffsetDateTime>,
}

/// Remembers that a message bounced softly, and adds up. Windows on both sides of this bounce are looked at, so that the outcome
/// is the same in whatever order bounces are told.
///
/// # Errors
/// The database cannot be reached.
pub async fn count_soft_bounce(
    tx: &mut Tx,
    tenant: TenantId,
    address: &str,
    message: MessageId,
    at: OffsetDateTime,
) -> Result<SoftBounces> {
    sqlx::query!(
        r#"insert into soft_bounces as b (tenant_id, address, message_id, at) values ($1, lower($2), $3, $4)
           on conflict (tenant_id, address, message_id) do update set at = least(b.at, excluded.at)"#,
        tenant.0,
        address,
        message.0,
        at,
    )
    .execute(&mut **tx)
    .await?;
    let window = Duration::days(i64::from(BOUNCE_WINDOW_DAYS));
    let row = sqlx::query!(
        r#"select coalesce(max(n), 1)::int as "most!", max(at) filter (where n >= $5) as until
           from (select b.at, (select count(*) from soft_bounces c where c.tenant_id = $1 and c.address = lower($2)
                                 and c.at > b.at - interval '1 second' * $6 and c.at <= b.at) as n
                 from soft_bounces b where b.tenant_id = $1 and b.address = lower($2) and b.at >= $3 and b.at < $4) windows"#,
        tenant.0,
        address,
        at,
        at + window,
        i64::from(SOFT_BOUNCES),
        window.as_seconds_f64(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(SoftBounces { most: row.most.unsigned_abs(), until: row.until })
}
