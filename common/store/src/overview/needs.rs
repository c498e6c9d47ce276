//! What needs somebody.

use tenantry_model::TenantId;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::MOST;
use crate::{Result, Tx};

/// A run that failed is shown for so long.
const FAILED: Duration = Duration::days(7);
/// A name whose set-up takes longer waits for somebody who may have forgotten it.
const LONG: Duration = Duration::days(3);
/// So many of each are shown.
const SAMPLE: i64 = 3;

/// What kind of thing needs somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedKind {
    /// A person is asked; the oldest are shown.
    Task,
    /// A run failed in the last 7 days, and not everything it had made could be removed; the newest are shown.
    FailedRun,
    /// Mail has left from an email domain and does not for the moment.
    DegradedDomain,
    /// A portal's hostname does not go on by itself, or was live and does not answer.
    StuckPortal,
    /// Deliveries to an endpoint of webhooks fail; those that fail for longest are shown.
    WebhookFailing,
    /// A name has been waiting for its DNS records for more than 3 days; the oldest are shown.
    WaitingLong,
    /// A tenant's mail is paused.
    PausedSending,
}

/// Things of one kind that need somebody.
#[derive(Debug, Clone)]
pub struct Need {
    /// Of which kind.
    pub kind: NeedKind,
    /// How many; [`MOST`] is so many or more.
    pub count: i64,
    /// A few of them.
    pub sample: Vec<Seen>,
}

/// One thing that needs somebody.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its id: of a task, run, email domain, hostname, endpoint or tenant.
    pub id: Uuid,
    /// The tenant it is about.
    pub tenant: Option<Uuid>,
    /// A line: a task's title, a name, a kind of run.
    pub title: String,
    /// Since when.
    pub since: Option<OffsetDateTime>,
}

/// A line with the number of all of them.
struct Row {
    id: Uuid,
    tenant: Option<Uuid>,
    title: String,
    since: Option<OffsetDateTime>,
    count: i64,
}

/// What needs somebody, of one tenant or of all: each of these kinds of which there is something.
///
/// # Errors
/// The database cannot be reached.
pub async fn needs(
    tx: &mut Tx,
    tenant: Option<TenantId>,
    now: OffsetDateTime,
    kinds: &[NeedKind],
) -> Result<Vec<Need>> {
    let of = tenant.map(|tenant| tenant.0);
    let mut found = Vec::new();
    for kind in kinds {
        let rows = match kind {
            NeedKind::Task => tasks(tx, of).await?,
            NeedKind::FailedRun => failed_runs(tx, of, now).await?,
            NeedKind::DegradedDomain => degraded_domains(tx, of).await?,
            NeedKind::StuckPortal => stuck_portals(tx, of).await?,
            NeedKind::WebhookFailing => failing_webhooks(tx, of).await?,
            NeedKind::WaitingLong => waiting_long(tx, of, now).await?,
            NeedKind::PausedSending => paused_sending(tx, of).await?,
        };
        found.extend(need(*kind, rows));
    }
    Ok(found)
}

fn need(kind: NeedKind, rows: Vec<Row>) -> Option<Need> {
    let count = rows.first()?.count;
    let seen = |row: Row| Seen { id: row.id, tenant: row.tenant, title: row.title, since: row.since };
    Some(Need { kind, count, sample: rows.into_iter().map(seen).collect() })
}

async fn tasks(tx: &mut Tx, tenant: Option<Uuid>) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select id, tenant_id, title, created_at from tasks
                                      where status = 'open' and ($1::uuid is null or tenant_id = $1) order by id limit $2)
           select id as "id!", tenant_id as tenant, title as "title!", created_at as since, (select count(*) from few) as "count!"
           from few order by id limit $3"#,
        tenant,
        MOST,
        SAMPLE,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn failed_runs(tx: &mut Tx, tenant: Option<Uuid>, now: OffsetDateTime) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select id, tenant_id, kind, ended_at from runs
                                      where status = 'failed' and ended_at is not null and ended_at > $4
                                        and kind not in ('email_delivery', 'webhook_delivery') and ($1::uuid is null or tenant_id = $1)
                                      order by ended_at desc limit $2)
           select id as "id!", tenant_id as tenant, kind as "title!", ended_at as since, (select count(*) from few) as "count!"
           from few order by ended_at desc limit $3"#,
        tenant,
        MOST,
        SAMPLE,
        now - FAILED,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn degraded_domains(tx: &mut Tx, tenant: Option<Uuid>) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select id, tenant_id, result, updated_at from runs
                                      where kind = 'email_domain' and kind in ('email_domain', 'portal_domain') and ended_at is null
                                        and result ->> 'status' = 'degraded' and ($1::uuid is null or tenant_id = $1) order by id limit $2)
           select id as "id!", tenant_id as tenant, coalesce(result ->> 'domain', '') as "title!", updated_at as since,
                  (select count(*) from few) as "count!"
           from few order by id limit $3"#,
        tenant,
        MOST,
        SAMPLE,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn stuck_portals(tx: &mut Tx, tenant: Option<Uuid>) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select id, tenant_id, result, updated_at from runs
                                      where kind = 'portal_domain' and ended_at is null
                                        and (state in ('dns_failed', 'certificate_failed', 'refused', 'broken')
                                             or result #>> '{axes,routing}' = 'troubled')
                                        and ($1::uuid is null or tenant_id = $1) order by id limit $2)
           select id as "id!", tenant_id as tenant, coalesce(result ->> 'domain', '') as "title!", updated_at as since,
                  (select count(*) from few) as "count!"
           from few order by id limit $3"#,
        tenant,
        MOST,
        SAMPLE,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn failing_webhooks(tx: &mut Tx, tenant: Option<Uuid>) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select id, tenant_id, url, failing_since from webhook_endpoints
                                      where failing_since is not null and deleted_at is null and ($1::uuid is null or tenant_id = $1)
                                      order by failing_since limit $2)
           select id as "id!", tenant_id as tenant, url as "title!", failing_since as since, (select count(*) from few) as "count!"
           from few order by failing_since limit $3"#,
        tenant,
        MOST,
        SAMPLE,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn waiting_long(tx: &mut Tx, tenant: Option<Uuid>, now: OffsetDateTime) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select id, tenant_id, result, started_at from runs
                                      where kind in ('email_domain', 'portal_domain') and ended_at is null
                                        and result ->> 'status' = any('{awaiting_dns,pending_dns}') and started_at < $4
                                        and ($1::uuid is null or tenant_id = $1) order by id limit $2)
           select id as "id!", tenant_id as tenant, coalesce(result ->> 'domain', '') as "title!", started_at as since,
                  (select count(*) from few) as "count!"
           from few order by id limit $3"#,
        tenant,
        MOST,
        SAMPLE,
        now - LONG,
    )
    .fetch_all(&mut **tx)
    .await?)
}

async fn paused_sending(tx: &mut Tx, tenant: Option<Uuid>) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"with few as materialized (select tenant_id from lanes
                                      where paused is not null and ($1::uuid is null or tenant_id = $1) order by tenant_id limit $2)
           select t.id as "id!", t.id as tenant, t.name as "title!", null::timestamptz as since, (select count(*) from few) as "count!"
           from few join tenants t on t.id = few.tenant_id order by t.id limit $3"#,
        tenant,
        MOST,
        SAMPLE,
    )
    .fetch_all(&mut **tx)
    .await?)
}
