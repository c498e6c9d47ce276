//! Deliveries as people read them. Every function sees what its transaction may see.

use tenantry_model::{TenantId, WebhookDeliveryId, WebhookEndpointId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx, overview::plan_for_each};

/// A delivery.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Its id, which is its run's.
    pub id: Uuid,
    /// Where to.
    pub endpoint_id: Uuid,
    /// Which event.
    pub event_id: Uuid,
    /// Its type.
    pub what: String,
    /// The state of its life: `sending`, `waiting`, `delivered`, `failed`, `dropped`.
    pub state: String,
    /// Why it was dropped, or is put off.
    pub why: Option<String>,
    /// Tries that were answered, or met with silence.
    pub attempts: i64,
    /// When the next one is.
    pub next_attempt_at: Option<OffsetDateTime>,
    /// A person wanted it.
    pub by_hand: bool,
    /// When it began.
    pub created_at: OffsetDateTime,
    /// What is sent; none: its time is over.
    pub body: Option<String>,
}

/// Which deliveries to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    /// This one.
    pub id: Option<WebhookDeliveryId>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// To this endpoint.
    pub endpoint: Option<WebhookEndpointId>,
    /// In one of these states; none: in any.
    pub states: Option<Vec<String>>,
    /// Of events of this type.
    pub what: Option<String>,
    /// Older than this one.
    pub after: Option<WebhookDeliveryId>,
    /// At most so many.
    pub limit: i64,
}

/// Deliveries.
///
/// # Errors
/// The database cannot be reached.
pub async fn deliveries(tx: &mut Tx, filter: &DeliveryFilter) -> Result<Vec<DeliveryRow>> {
    plan_for_each(tx).await?;
    // `offset 0` has the planner look runs and events up one by one, in the order of the deliveries. Joined, it holds a delivery's tenant,
    // its run's and its event's for three chances, expects next to nothing, and sorts all there is for each page.
    let rows = sqlx::query_as!(
        DeliveryRow,
        r#"select d.id, d.endpoint_id, d.event_id, e.type as "what!", r.state as "state!", r.result ->> 'why' as why, d.by_hand, d.created_at, e.body,
                  (select count(*) from webhook_attempts a where a.delivery_id = d.id) as "attempts!",
                  (select min(t.due_at) from timers t where t.run_id = d.id) as next_attempt_at
           from webhook_deliveries d
           cross join lateral (select state, result from runs where id = d.id offset 0) r
           cross join lateral (select type, body from webhook_events where id = d.event_id offset 0) e
           where ($1::uuid is null or d.id = $1) and ($2::uuid is null or d.tenant_id = $2)
             and ($3::uuid is null or d.endpoint_id = $3) and ($4::text[] is null or r.state = any($4))
             and ($5::text is null or e.type = $5) and ($6::uuid is null or d.id < $6)
           order by d.id desc limit $7"#,
        filter.id.map(|id| id.0),
        filter.tenant.map(|tenant| tenant.0),
        filter.endpoint.map(|id| id.0),
        filter.states.as_deref(),
        filter.what,
        filter.after.map(|id| id.0),
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One delivery of a tenant.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn delivery(tx: &mut Tx, tenant: TenantId, id: WebhookDeliveryId) -> Result<DeliveryRow> {
    let filter = DeliveryFilter { id: Some(id), tenant: Some(tenant), limit: 1, ..DeliveryFilter::default() };
    deliveries(tx, &filter).await?.pop().ok_or(StoreError::NotFound("webhook delivery"))
}

/// A try of a delivery.
#[derive(Debug, Clone)]
pub struct AttemptRow {
    /// When it began.
    pub at: OffsetDateTime,
    /// Milliseconds.
    pub duration_ms: i32,
    /// The status of the answer, where there was one.
    pub status_code: Option<i16>,
    /// Why it counts as a failure.
    pub error: Option<String>,
}

/// The tries of a delivery, oldest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn attempts_of(tx: &mut Tx, delivery: WebhookDeliveryId) -> Result<Vec<AttemptRow>> {
    Ok(sqlx::query_as!(
        AttemptRow,
        "select at, duration_ms, status_code, error from webhook_attempts where delivery_id = $1 order by at, id",
        delivery.0
    )
    .fetch_all(&mut **tx)
    .await?)
}
