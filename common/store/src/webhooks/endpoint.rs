//! Endpoints. Every function sees what its transaction may see.

use tenantry_model::{TenantId, WebhookEndpointId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// An endpoint, without its secrets.
#[derive(Debug, Clone)]
pub struct EndpointRow {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// Where.
    pub url: String,
    /// Types of events, or `*`.
    pub events: Vec<String>,
    /// What it is for.
    pub description: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// Why it is disabled.
    pub disabled_reason: Option<String>,
    /// Until when the secret before this one signs, too.
    pub previous_until: Option<OffsetDateTime>,
    /// Since when it has taken nothing.
    pub failing_since: Option<OffsetDateTime>,
    /// When it took something last.
    pub last_success_at: Option<OffsetDateTime>,
    /// When it did not take something last.
    pub last_failure_at: Option<OffsetDateTime>,
    /// Counts its changes.
    pub version: i32,
    /// Who has added it.
    pub created_by: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// When somebody, or its health, changed it last.
    pub updated_at: OffsetDateTime,
}

/// Which endpoints to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct EndpointFilter {
    /// This one.
    pub id: Option<WebhookEndpointId>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Those that were deleted, too.
    pub deleted: bool,
    /// Older than this one.
    pub after: Option<WebhookEndpointId>,
    /// At most so many.
    pub limit: i64,
}

/// Endpoints.
///
/// # Errors
/// The database cannot be reached.
pub async fn endpoints(tx: &mut Tx, filter: &EndpointFilter) -> Result<Vec<EndpointRow>> {
    let rows = sqlx::query_as!(
        EndpointRow,
        "select id, tenant_id, url, events, description, status, disabled_reason, previous_until, failing_since, last_success_at,
                last_failure_at, version, created_by, created_at, updated_at
         from webhook_endpoints
         where ($5 or deleted_at is null) and ($1::uuid is null or id = $1) and ($2::uuid is null or tenant_id = $2)
           and ($3::uuid is null or id < $3)
         order by id desc limit $4",
        filter.id.map(|id| id.0),
        filter.tenant.map(|tenant| tenant.0),
        filter.after.map(|id| id.0),
        filter.limit,
        filter.deleted,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One endpoint of a tenant that was not deleted.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn endpoint(tx: &mut Tx, tenant: TenantId, id: WebhookEndpointId) -> Result<EndpointRow> {
    let filter = EndpointFilter { id: Some(id), tenant: Some(tenant), limit: 1, ..EndpointFilter::default() };
    endpoints(tx, &filter).await?.pop().ok_or(StoreError::NotFound("webhook endpoint"))
}

/// An endpoint to add.
#[derive(Debug, Clone)]
pub struct NewEndpoint<'a> {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub url: &'a str,
    /// Types of events, or `*`.
    pub events: &'a [String],
    /// What it is for.
    pub description: &'a str,
    /// Its secret, sealed with its id.
    pub sealed: &'a [u8],
    /// Who adds it.
    pub by: &'a str,
}

/// Adds an endpoint.
///
/// # Errors
/// The database cannot be reached.
pub async fn add_endpoint(tx: &mut Tx, new: &NewEndpoint<'_>, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        "insert into webhook_endpoints (id, tenant_id, url, events, description, secret, created_by, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        new.id.0,
        new.tenant.0,
        new.url,
        new.events,
        new.description,
        new.sealed,
        new.by,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is to be different about an endpoint; none: as it is.
#[derive(Debug, Clone, Default)]
pub struct EndpointChange<'a> {
    /// Where. At another place it begins as if it had never failed.
    pub url: Option<&'a str>,
    /// Types of events, or `*`.
    pub events: Option<&'a [String]>,
    /// What it is for.
    pub description: Option<&'a str>,
    /// Whether it is told of events. Switched on again, it begins as if it had never failed.
    pub enabled: Option<bool>,
    /// Why it is switched off.
    pub reason: Option<&'a str>,
}

/// Changes the version of an endpoint that somebody has read. What is on its way to it is sent to where it is then.
///
/// # Errors
/// [`StoreError::Changed`]: it is another version by now, or was deleted.
pub async fn change_endpoint(
    tx: &mut Tx,
    id: WebhookEndpointId,
    version: i32,
    change: &EndpointChange<'_>,
    now: OffsetDateTime,
) -> Result<()> {
    let changed = sqlx::query!(
        r#"update webhook_endpoints
           set url = coalesce($2, url), events = coalesce($3, events), description = coalesce($4, description),
               status = case $5::bool when true then 'enabled' when false then 'disabled' else status end,
               disabled_reason = case when $5 then null when status = 'enabled' and not $5 then $6 else disabled_reason end,
               failing_since = case when ($5 and status = 'disabled') or $2 <> url then null else failing_since end,
               resting_until = case when ($5 and status = 'disabled') or $2 <> url then null else resting_until end,
               warned_at = case when ($5 and status = 'disabled') or $2 <> url then null else warned_at end,
               version = version + 1, updated_at = $7
           where id = $1 and version = $8 and deleted_at is null"#,
        id.0,
        change.url,
        change.events,
        change.description,
        change.enabled,
        change.reason,
        now,
        version,
    )
    .execute(&mut **tx)
    .await?;
    if changed.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// A new secret. The one before signs beside it until `until`; the one before that no more.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn rotate_secret(
    tx: &mut Tx,
    id: WebhookEndpointId,
    sealed: &[u8],
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<()> {
    let changed = sqlx::query!(
        "update webhook_endpoints set previous_secret = secret, previous_until = $3, secret = $2, version = version + 1, updated_at = $4
         where id = $1 and deleted_at is null",
        id.0,
        sealed,
        until,
        now,
    )
    .execute(&mut **tx)
    .await?;
    found(changed.rows_affected())
}

/// Deletes an endpoint: its secrets go, its deliveries stay to be read. What is on its way to it is dropped at its next try. Says
/// whether it was there: deleted twice is deleted.
///
/// # Errors
/// The database cannot be reached.
pub async fn remove_endpoint(tx: &mut Tx, id: WebhookEndpointId, now: OffsetDateTime) -> Result<bool> {
    let changed = sqlx::query!(
        "update webhook_endpoints
         set deleted_at = $2, updated_at = $2, secret = null, previous_secret = null, previous_until = null
         where id = $1 and deleted_at is null",
        id.0,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

fn found(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound("webhook endpoint")) }
}
