//! An event happens, and whoever wants to be told of it will be.

use serde_json::Value;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::{RunId, TenantId, WebhookDeliveryId, WebhookEndpointId, WebhookEventId};
use tenantry_workflows::webhook_delivery::{Data, WebhookDelivery};
use time::{Duration, OffsetDateTime};

use crate::{
    Result, Timing, Tx,
    runs::{Hint, NewRun, start_together},
};

/// So long the words of an event are kept.
const KEPT: Duration = Duration::days(30);

/// What endpoints are sent has so many bytes at most: below 20 KiB, as Standard Webhooks advise.
pub const LARGEST_BODY: usize = 20 * 1024 - 1;

/// Something that has happened.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// Its id: the same for the same event, however often it is told.
    pub id: WebhookEventId,
    /// Whose.
    pub tenant: TenantId,
    /// Its type.
    pub what: &'a str,
    /// What endpoints are sent, byte for byte; [`LARGEST_BODY`] at most.
    pub body: &'a str,
}

/// Whether something is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// It was not there; hints to send after the commit.
    New(Vec<Hint>),
    /// It was told before, and nothing was done now.
    Before,
}

/// Writes an event, and says whether it is new.
///
/// # Errors
/// The database cannot be reached.
pub async fn put_event(tx: &mut Tx, new: &NewEvent<'_>, now: OffsetDateTime) -> Result<bool> {
    let put = sqlx::query!(
        "insert into webhook_events (id, tenant_id, type, body, created_at, erase_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do nothing",
        new.id.0,
        new.tenant.0,
        new.what,
        new.body,
        now,
        now + KEPT,
    )
    .execute(&mut **tx)
    .await?;
    Ok(put.rows_affected() == 1)
}

/// Writes an event, and begins a delivery for each endpoint that wants it.
///
/// # Errors
/// The database cannot be reached.
pub async fn publish(tx: &mut Tx, new: &NewEvent<'_>, by: &str, timing: Timing) -> Result<Once> {
    if !put_event(tx, new, timing.now).await? {
        return Ok(Once::Before);
    }
    let wanted = sqlx::query_scalar!(
        "select id from webhook_endpoints
         where tenant_id = $1 and deleted_at is null and status = 'enabled' and (events @> array['*'] or events @> array[$2])
         order by id",
        new.tenant.0,
        new.what,
    )
    .fetch_all(&mut **tx)
    .await?;
    let deliveries = wanted.into_iter().map(|id| data(WebhookEndpointId(id), new.id, new.what)).collect();
    Ok(Once::New(begin(tx, new.tenant, deliveries, by, timing).await?))
}

/// Begins deliveries that a person wants; they say nothing about the endpoint's health. One alone is tried now, many wait where the endpoint
/// rests. Their ids, and hints to send after the
/// commit.
///
/// # Errors
/// The database cannot be reached.
pub async fn deliver_by_hand(
    tx: &mut Tx,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    events: &[(WebhookEventId, String)],
    by: &str,
    timing: Timing,
) -> Result<(Vec<WebhookDeliveryId>, Vec<Hint>)> {
    let deliveries: Vec<(WebhookDeliveryId, Data)> = events
        .iter()
        .map(|(event, what)| data(endpoint, *event, what))
        .map(|(id, data)| (id, data.by_hand()))
        .map(|(id, data)| (id, if events.len() == 1 { data.insisted() } else { data }))
        .collect();
    let ids = deliveries.iter().map(|(id, _)| *id).collect();
    Ok((ids, begin(tx, tenant, deliveries, by, timing).await?))
}

/// The events since a moment, oldest first, that an endpoint wants, has not taken, and is not being told of.
///
/// # Errors
/// The database cannot be reached.
pub async fn missed(
    tx: &mut Tx,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    since: OffsetDateTime,
    limit: i64,
) -> Result<Vec<(WebhookEventId, String)>> {
    let rows = sqlx::query!(
        "select e.id, e.type as what
         from webhook_events e join webhook_endpoints w on w.id = $2 and w.tenant_id = e.tenant_id
         where e.tenant_id = $1 and e.created_at >= $3 and e.body is not null
           and (w.events @> array['*'] or w.events @> array[e.type]) and e.type <> $5
           and not exists (select from webhook_deliveries d join runs r on r.id = d.id
                           where d.event_id = e.id and d.endpoint_id = w.id and r.status in ('running', 'waiting', 'completed'))
         order by e.id limit $4",
        tenant.0,
        endpoint.0,
        since,
        limit,
        tenantry_workflows::webhook_events::TEST,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (WebhookEventId(row.id), row.what)).collect())
}

fn data(endpoint: WebhookEndpointId, event: WebhookEventId, what: &str) -> (WebhookDeliveryId, Data) {
    let id = WebhookDeliveryId::new();
    (id, Data::new(id, endpoint, event, what))
}

async fn begin(
    tx: &mut Tx,
    tenant: TenantId,
    deliveries: Vec<(WebhookDeliveryId, Data)>,
    by: &str,
    timing: Timing,
) -> Result<Vec<Hint>> {
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    let runs: Vec<NewRun> = deliveries
        .iter()
        .map(|(id, data)| NewRun {
            id: RunId(id.0),
            kind: WebhookDelivery::KIND,
            tenant: Some(tenant),
            external_key: None,
            started_by: by.to_owned(),
            trace: None,
            change: advance::start::<WebhookDelivery>(data.clone()),
        })
        .collect();
    let hints = start_together(tx, &runs, timing).await?;
    let rows: Value = deliveries
        .iter()
        .map(|(id, data)| {
            serde_json::json!({ "id": id.0, "endpoint": data.endpoint.0, "event": data.event.0, "by_hand": data.by_hand })
        })
        .collect();
    sqlx::query!(
        "insert into webhook_deliveries (id, tenant_id, endpoint_id, event_id, by_hand, created_at)
         select x.id, $2, x.endpoint, x.event, x.by_hand, $3
         from jsonb_to_recordset($1) as x(id uuid, endpoint uuid, event uuid, by_hand bool)",
        rows,
        tenant.0,
        timing.now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(hints)
}
