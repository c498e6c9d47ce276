//! Domains as people read them. Every function sees what its transaction may see.

use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError, Tx};

/// A domain.
#[derive(Debug, Clone)]
pub struct DomainRow {
    /// Its id, which is its run's.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// Which, in A-labels.
    pub name: String,
    /// What stands before the @.
    pub mailbox: String,
    /// The provider's region.
    pub region: Option<String>,
    /// How it stands, in the words that people are shown: `awaiting_dns`, `verified` ...
    pub status: String,
    /// The state of its life.
    pub state: String,
    /// Why it has failed, or what stands in the way.
    pub error: Option<Value>,
    /// The records to publish.
    pub wanted: Value,
    /// What the last look has found.
    pub report: Option<Value>,
    /// When that was.
    pub looked_at: Option<OffsetDateTime>,
    /// When the next one is.
    pub next_look_at: Option<OffsetDateTime>,
    /// When the owner's text was last seen; none: it was not there when somebody could last say.
    pub proven_at: Option<OffsetDateTime>,
    /// When it was first active.
    pub verified_at: Option<OffsetDateTime>,
    /// Whether mail leaves from it.
    pub sends: bool,
    /// Whether it is the one that mail of the tenant usually comes from.
    pub is_default: bool,
    /// Who has added it.
    pub created_by: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was over.
    pub released_at: Option<OffsetDateTime>,
}

/// Which domains to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct DomainFilter {
    /// This one.
    pub id: Option<Uuid>,
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// With this status.
    pub status: Option<String>,
    /// Of this name.
    pub name: Option<String>,
    /// Those that are gone, too.
    pub gone: bool,
    /// After this one.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: i64,
}

/// Domains.
///
/// # Errors
/// The database cannot be reached.
pub async fn domains(tx: &mut Tx, filter: &DomainFilter) -> Result<Vec<DomainRow>> {
    let rows = sqlx::query_as!(
        DomainRow,
        r#"select d.id, d.tenant_id, d.name, d.mailbox, d.region, coalesce(r.result ->> 'status', 'created') as "status!", r.state, r.error,
                  d.wanted, d.report, d.looked_at, d.proven_at, d.verified_at, d.sends, d.created_by, d.created_at, d.released_at,
                  (select min(t.due_at) from timers t
                   where t.run_id = d.id and t.name in ('LookAgain', 'DailyLook', 'Poll')) as next_look_at,
                  coalesce(s.custom_domain = d.name and d.sends, false) as "is_default!"
           from email_domains d join runs r on r.id = d.id left join tenant_email_settings s on s.tenant_id = d.tenant_id
           where ($1::uuid is null or d.tenant_id = $1) and ($2::text is null or r.result ->> 'status' = $2)
             and ($3::text is null or d.name = $3) and ($4 or d.released_at is null) and ($5::uuid is null or d.id < $5)
             and ($7::uuid is null or d.id = $7)
           order by d.id desc limit $6"#,
        filter.tenant.map(|tenant| tenant.0),
        filter.status,
        filter.name,
        filter.gone,
        filter.before,
        filter.limit,
        filter.id,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// One domain.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn domain(tx: &mut Tx, id: RunId) -> Result<DomainRow> {
    let filter = DomainFilter { id: Some(id.0), gone: true, limit: 1, ..DomainFilter::default() };
    domains(tx, &filter).await?.pop().ok_or(StoreError::NotFound("email domain"))
}

/// The domain of a tenant by its name, unless it is gone.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn domain_named(tx: &mut Tx, tenant: TenantId, name: &str) -> Result<DomainRow> {
    let filter =
        DomainFilter { tenant: Some(tenant), name: Some(name.to_owned()), limit: 1, ..DomainFilter::default() };
    domains(tx, &filter).await?.pop().ok_or(StoreError::NotFound("email domain"))
}
