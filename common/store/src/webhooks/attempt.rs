//! A try: what is to be sent where, and what its outcome means for the endpoint, in one transaction with it.

use tenantry_model::{CommandId, RunId, TenantId, WebhookEndpointId, WebhookEventId};
use time::OffsetDateTime;

use super::health::{DISABLED_AFTER, Health, REST, judge, rest};
use crate::{Result, StoreError, Tx};

/// What is to be sent, and where.
#[derive(Debug, Clone)]
pub struct DeliveryFacts {
    /// Whose.
    pub tenant: TenantId,
    /// Where to.
    pub endpoint: WebhookEndpointId,
    /// Which event.
    pub event: WebhookEventId,
    /// The very bytes; none: their time is over.
    pub body: Option<String>,
    /// The endpoint's URL.
    pub url: String,
    /// It is told of events.
    pub enabled: bool,
    /// Its secret, sealed with its id; none: it was deleted.
    pub secret: Option<Vec<u8>>,
    /// The one before, and until when it signs.
    pub previous: Option<(Vec<u8>, OffsetDateTime)>,
    /// Since it has let others wait, it is left alone until then, and then tried by one at a time; none: it may be told.
    pub resting_until: Option<OffsetDateTime>,
}

/// The facts of a delivery.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn facts(connection: &mut sqlx::PgConnection, delivery: RunId) -> Result<DeliveryFacts> {
    let row = sqlx::query!(
        "select d.tenant_id, d.endpoint_id, d.event_id, e.body, w.url, w.status, w.secret, w.previous_secret, w.previous_until, w.resting_until
         from webhook_deliveries d join webhook_events e on e.id = d.event_id join webhook_endpoints w on w.id = d.endpoint_id
         where d.id = $1",
        delivery.0
    )
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound("webhook delivery"))?;
    Ok(DeliveryFacts {
        tenant: TenantId(row.tenant_id),
        endpoint: WebhookEndpointId(row.endpoint_id),
        event: WebhookEventId(row.event_id),
        body: row.body,
        url: row.url,
        enabled: row.status == "enabled",
        secret: row.secret,
        previous: row.previous_secret.zip(row.previous_until),
        resting_until: row.resting_until,
    })
}

/// Whether whoever asks is the one that may tell an endpoint whose rest is over. The others wait for what comes of that.
///
/// # Errors
/// The database cannot be reached.
pub async fn probe(connection: &mut sqlx::PgConnection, id: WebhookEndpointId, now: OffsetDateTime) -> Result<bool> {
    let taken = sqlx::query!(
        "update webhook_endpoints set resting_until = $3 where id = $1 and resting_until <= $2",
        id.0,
        now,
        now + REST
    )
    .execute(connection)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The outcome of a try.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// The command that was performed.
    pub command: CommandId,
    /// The delivery.
    pub delivery: RunId,
    /// When it began.
    pub at: OffsetDateTime,
    /// Milliseconds until the answer, or until nobody waited any more.
    pub duration_ms: i32,
    /// The status of the answer, where there was one.
    pub status_code: Option<u16>,
    /// Why it counts as a failure, in words; none: it is none.
    pub error: Option<&'a str>,
}

/// What [`mark`] has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// What it means for the endpoint.
    pub health: Health,
    /// Since when the endpoint has taken nothing.
    pub failing_since: Option<OffsetDateTime>,
}

/// Writes the outcome of a try, and what it means for the endpoint: only once for a command, and only while somebody still hears
/// its answer, so that nobody is warned without a word. That a delivery which a person wanted is not taken means nothing; that it
/// is taken does.
///
/// # Errors
/// The database cannot be reached.
pub async fn mark(tx: &mut Tx, attempt: &Attempt<'_>, now: OffsetDateTime) -> Result<Marked> {
    let nothing = Marked { health: Health::Bears, failing_since: None };
    let written = sqlx::query_scalar!(
        r#"insert into webhook_attempts (id, delivery_id, tenant_id, at, duration_ms, status_code, error)
           select $1, d.id, d.tenant_id, $3, $4, $5, $6 from webhook_deliveries d where d.id = $2
           on conflict (id) do nothing
           returning exists (select from commands c where c.id = $1 and c.status = 'open') as "heard!""#,
        attempt.command.0,
        attempt.delivery.0,
        attempt.at,
        attempt.duration_ms,
        attempt.status_code.map(u16::cast_signed),
        attempt.error,
    )
    .fetch_optional(&mut **tx)
    .await?;
    if written != Some(true) {
        return Ok(nothing);
    }
    let resting_until = attempt.error.and_then(|_| rest(attempt.duration_ms, now));
    if resting_until.is_some() {
        rests(tx, attempt.delivery, resting_until).await?;
    }
    let row = sqlx::query!(
        r#"update webhook_endpoints w
           set last_success_at = case when $3 then $2 else last_success_at end,
               last_failure_at = case when $3 then last_failure_at else $2 end,
               failing_since = case when $3 then null else coalesce(failing_since, $2) end,
               resting_until = $4,
               warned_at = case when $3 then null else warned_at end
           from webhook_deliveries d
           where d.id = $1 and w.id = d.endpoint_id and ($3 or not d.by_hand) and w.deleted_at is null
           returning w.id, w.status, w.failing_since, w.warned_at"#,
        attempt.delivery.0,
        now,
        attempt.error.is_none(),
        resting_until,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(nothing) };
    let Some(since) = row.failing_since.filter(|_| row.status == "enabled") else { return Ok(nothing) };
    let health = judge(since, row.warned_at.is_some(), now);
    let id = WebhookEndpointId(row.id);
    match health {
        Health::Bears => {}
        Health::Warn => warned(tx, id, now).await?,
        Health::Disable => {
            let words = format!("It has taken no event for {} days.", DISABLED_AFTER.whole_days());
            disable(tx, id, &words, now).await?;
        }
    }
    Ok(Marked { health, failing_since: Some(since) })
}

/// Switches off an endpoint that has said that it is gone. Says whether it was on; a person's own wish does not switch it off.
///
/// # Errors
/// The database cannot be reached.
pub async fn gone(tx: &mut Tx, delivery: RunId, words: &str, now: OffsetDateTime) -> Result<bool> {
    let id = sqlx::query_scalar!(
        "select w.id from webhook_deliveries d join webhook_endpoints w on w.id = d.endpoint_id
         where d.id = $1 and not d.by_hand and w.deleted_at is null and w.status = 'enabled' for update of w",
        delivery.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(id) = id else { return Ok(false) };
    disable(tx, WebhookEndpointId(id), words, now).await?;
    Ok(true)
}

/// Whoever has wanted the try.
async fn rests(tx: &mut Tx, delivery: RunId, until: Option<OffsetDateTime>) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints w set resting_until = $2 from webhook_deliveries d
         where d.id = $1 and w.id = d.endpoint_id and w.deleted_at is null",
        delivery.0,
        until
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn warned(tx: &mut Tx, id: WebhookEndpointId, now: OffsetDateTime) -> Result<()> {
    sqlx::query!("update webhook_endpoints set warned_at = $2 where id = $1", id.0, now).execute(&mut **tx).await?;
    Ok(())
}

async fn disable(tx: &mut Tx, id: WebhookEndpointId, words: &str, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        "update webhook_endpoints set status = 'disabled', disabled_reason = $2, version = version + 1, updated_at = $3 where id = $1",
        id.0,
        words,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
