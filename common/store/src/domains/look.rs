//! What a look has found.

use serde_json::Value;
use sqlx::PgConnection;
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;

use super::claim::lock;
use crate::{Result, StoreError, Tx};

/// What the functions need of a domain.
#[derive(Debug, Clone)]
pub struct DomainFacts {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub name: String,
    /// The provider's region.
    pub region: Option<String>,
    /// What shows whose the zone is.
    pub token: String,
    /// The records to publish.
    pub wanted: Value,
    /// The account at which it is to be made.
    pub provider: Option<String>,
    /// In that account, the domain of this name is this tenant's, or may be made for it.
    pub clear: bool,
    /// Its id there.
    pub provider_domain_id: Option<String>,
}

/// What is known of a domain.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn facts(connection: &mut PgConnection, domain: RunId) -> Result<DomainFacts> {
    let row = sqlx::query!(
        r#"select d.tenant_id, d.name, d.region, d.token, d.wanted, d.provider, coalesce(p.clear, false) as "clear!",
                  p.provider_domain_id as "provider_domain_id?"
           from email_domains d left join provider_domains p on p.domain_id = d.id where d.id = $1"#,
        domain.0,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound("email domain"))?;
    Ok(DomainFacts {
        tenant: TenantId(row.tenant_id),
        name: row.name,
        region: row.region,
        token: row.token,
        wanted: row.wanted,
        provider: row.provider,
        clear: row.clear,
        provider_domain_id: row.provider_domain_id,
    })
}

/// What a look at the DNS has found.
#[derive(Debug, Clone)]
pub struct Looked<'a> {
    /// The whole report.
    pub report: &'a Value,
    /// The records that were looked for: what was found is not true of others.
    pub wanted: &'a Value,
    /// Whether the tenant's own text was there; none: nobody could say.
    pub proven: Option<bool>,
}

/// Writes what a look has found, and says whether the provider's domain of this name is this tenant's. `None`: the records have
/// changed since, and nothing was written.
///
/// # Errors
/// The database cannot be reached.
pub async fn looked(tx: &mut Tx, domain: RunId, looked: &Looked<'_>, now: OffsetDateTime) -> Result<Option<bool>> {
    lock(tx, domain).await?;
    let row = sqlx::query!(
        r#"update email_domains d
           set report = $3, looked_at = $5,
               proven_at = case when $4::bool is null then proven_at when $4 then $5 end
           where id = $1 and wanted = $2
           returning exists (select from provider_domains p
                             where p.domain_id = d.id and p.clear and p.provider_domain_id is not null) as "held!""#,
        domain.0,
        looked.wanted,
        looked.report,
        looked.proven,
        now,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| row.held))
}

/// The domain that has this id at a provider.
///
/// # Errors
/// The database cannot be reached.
pub async fn domain_of_provider(tx: &mut Tx, provider: &str, provider_domain_id: &str) -> Result<Option<RunId>> {
    let id = sqlx::query_scalar!(
        "select domain_id from provider_domains where provider = $1 and provider_domain_id = $2",
        provider,
        provider_domain_id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(RunId))
}

/// The names that somebody has in an account, with their ids there where they are known.
///
/// # Errors
/// The database cannot be reached.
pub async fn known_at_provider(tx: &mut Tx, provider: &str) -> Result<Vec<(String, Option<String>)>> {
    let rows = sqlx::query!("select name, provider_domain_id from provider_domains where provider = $1", provider)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.provider_domain_id)).collect())
}
