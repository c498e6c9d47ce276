//! Hostnames as people read them. Every function sees what its transaction may see.

use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::portal_sync::STANDING;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// A hostname.
#[derive(Debug, Clone)]
pub struct PortalRow {
    /// Its id, which is its run's.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// Which, in A-labels.
    pub domain: String,
    /// Where its CNAME must lead.
    pub canonical_host: String,
    /// What shows that it is meant for this tenant, where no CNAME can stand.
    pub token: String,
    /// Where its certificate is kept in the cluster.
    pub secret_name: String,
    /// The version of its certificate's object that was written last.
    pub resource_version: Option<String>,
    /// What its life says of it: `status`, `axes`, `message`.
    pub result: Value,
    /// The state of its life.
    pub state: String,
    /// Why it has failed, or what stands in the way.
    pub error: Option<Value>,
    /// What the last look at the DNS has found.
    pub report: Option<Value>,
    /// ... at the way of the certificate authority.
    pub preflight: Option<Value>,
    /// ... at the certificate, in the cluster.
    pub certificate: Option<Value>,
    /// ... from outside.
    pub visit: Option<Value>,
    /// When the last of them was.
    pub looked_at: Option<OffsetDateTime>,
    /// When the next one is.
    pub next_look_at: Option<OffsetDateTime>,
    /// When it was last seen to point to this tenant.
    pub proven_at: Option<OffsetDateTime>,
    /// It is the tenant's portal.
    pub active: bool,
    /// When it was first.
    pub activated_at: Option<OffsetDateTime>,
    /// Who has set it.
    pub created_by: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was over.
    pub closed_at: Option<OffsetDateTime>,
}

/// Which hostnames to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct PortalFilter {
    /// This one.
    pub id: Option<Uuid>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// With this status.
    pub status: Option<String>,
    /// Of this name.
    pub domain: Option<String>,
    /// Those that are over, too.
    pub gone: bool,
    /// After this one.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: i64,
}

/// Hostnames.
///
/// # Errors
/// The database cannot be reached.
pub async fn portals_of(tx: &mut Tx, filter: &PortalFilter) -> Result<Vec<PortalRow>> {
    Ok(sqlx::query_as!(
        PortalRow,
        r#"select p.id, p.tenant_id, p.domain, p.canonical_host, p.token, p.secret_name, r.result as "result!", r.state, r.error, p.report,
                  p.preflight, p.certificate, p.visit, p.looked_at, p.proven_at, p.active, p.activated_at, p.created_by, p.created_at,
                  p.closed_at, p.certificate ->> 'resourceVersion' as resource_version,
                  (select min(t.due_at) from timers t where t.run_id = p.id and t.name in ('LookAgain', 'Confirm', 'OrderAgain')) as next_look_at
           from portal_domains p join runs r on r.id = p.id
           where ($1::uuid is null or p.tenant_id = $1) and ($2::text is null or r.result ->> 'status' = $2)
             and ($3::text is null or p.domain = $3) and ($4 or p.closed_at is null) and ($5::uuid is null or p.id < $5)
             and ($7::uuid is null or p.id = $7)
           order by p.id desc limit $6"#,
        filter.tenant.map(|tenant| tenant.0),
        filter.status,
        filter.domain,
        filter.gone,
        filter.before,
        filter.limit,
        filter.id,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Whoever decides about a tenant's hostnames does so alone, until the transaction ends: two wishes at once would both be on their way.
///
/// # Errors
/// The database cannot be reached.
pub async fn one_at_a_time(tx: &mut Tx, tenant: TenantId) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('portal_of:' || $1::uuid::text, 0)) as locked",
        tenant.0
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// One hostname.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn portal(tx: &mut Tx, id: RunId) -> Result<PortalRow> {
    let filter = PortalFilter { id: Some(id.0), gone: true, limit: 1, ..PortalFilter::default() };
    portals_of(tx, &filter).await?.pop().ok_or(StoreError::NotFound("portal domain"))
}

/// What operators read of a reconcile.
#[derive(Debug, Clone)]
pub struct PortalPlan {
    /// What would be, or was, done.
    pub diff: String,
    /// The `kubectl` commands that do it.
    pub commands: String,
    /// When.
    pub at: OffsetDateTime,
}

/// The plan of a reconcile; none: it has not come to one yet.
///
/// # Errors
/// The database cannot be reached.
pub async fn plan(tx: &mut Tx, run: RunId) -> Result<Option<PortalPlan>> {
    Ok(sqlx::query_as!(PortalPlan, "select diff, commands, at from portal_plans where run_id = $1", run.0)
        .fetch_optional(&mut **tx)
        .await?)
}

/// The standing reconcile; none: no hostname was ever wanted.
///
/// # Errors
/// The database cannot be reached.
pub async fn standing_run(tx: &mut Tx) -> Result<Option<RunId>> {
    Ok(sqlx::query_scalar!(
        "select id from runs where kind = 'portal_sync' and external_key = $1 and status in ('running', 'waiting')",
        STANDING
    )
    .fetch_optional(&mut **tx)
    .await?
    .map(RunId))
}
