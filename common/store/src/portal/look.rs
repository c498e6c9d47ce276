//! What is known of a hostname, and what looks have found.

use serde_json::Value;
use sqlx::PgConnection;
use tenantry_model::RunId;
use time::OffsetDateTime;
use uuid::Uuid;

use super::claim::{PROOF_LASTS, lock};
use crate::{Result, StoreError, Tx};

/// What the functions need of a hostname.
#[derive(Debug, Clone)]
pub struct PortalFacts {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// The tenant's name in addresses and files.
    pub slug: String,
    /// Which.
    pub domain: String,
    /// Where its CNAME must lead.
    pub canonical_host: String,
    /// What shows that it is meant for this tenant, where no CNAME can stand.
    pub token: String,
    /// Where its certificate is kept in the cluster.
    pub secret_name: String,
    /// It is wanted in the cluster.
    pub serves: bool,
    /// It was, and what is left of it is taken down.
    pub retired: bool,
    /// Counts the wishes.
    pub revision: i32,
    /// The wish that the cluster has heard of.
    pub synced: i32,
    /// It was the tenant's portal before.
    pub was_active: bool,
    /// What the last look at its certificate has found.
    pub certificate: Option<Value>,
}

/// What is known of a hostname.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn facts(connection: &mut PgConnection, portal: RunId) -> Result<PortalFacts> {
    sqlx::query_as!(
        PortalFacts,
        r#"select p.id, p.tenant_id, t.slug, p.domain, p.canonical_host, p.token, p.secret_name, p.serves, p.retired,
                p.revision, p.synced, p.activated_at is not null as "was_active!", p.certificate
         from portal_domains p join tenants t on t.id = p.tenant_id where p.id = $1"#,
        portal.0,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound("portal domain"))
}

/// Writes what a look at the DNS has found. `proven`: whether the hostname points to this tenant; none: nobody could say.
///
/// # Errors
/// The database cannot be reached.
pub async fn pointed(
    tx: &mut Tx,
    portal: RunId,
    report: &Value,
    proven: Option<bool>,
    now: OffsetDateTime,
) -> Result<()> {
    lock(tx, portal).await?;
    sqlx::query!(
        r#"update portal_domains
           set report = $2, looked_at = $4, proven_at = case when $3::bool is null then proven_at when $3 then $4 end
           where id = $1"#,
        portal.0,
        report,
        proven,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// At what was looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The way that the certificate authority will take.
    Preflight,
    /// The certificate, in the cluster.
    Certificate,
    /// The portal, from outside.
    Visit,
}

/// Keeps what a look has found.
///
/// # Errors
/// The database cannot be reached.
pub async fn look_at(tx: &mut Tx, portal: RunId, sight: Sight, found: &Value, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        r#"update portal_domains
           set preflight = case when $2 = 'preflight' then $3 else preflight end,
               certificate = case when $2 = 'certificate' then $3 else certificate end,
               visit = case when $2 = 'visit' then $3 else visit end, looked_at = $4
           where id = $1"#,
        portal.0,
        match sight {
            Sight::Preflight => "preflight",
            Sight::Certificate => "certificate",
            Sight::Visit => "visit",
        },
        found,
        now,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Whether another tenant has shown lately that the hostname leads to it.
///
/// # Errors
/// The database cannot be reached.
pub async fn rivalled(tx: &mut Tx, portal: RunId, now: OffsetDateTime) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from portal_domains p join portal_domains o on o.domain = p.domain and o.tenant_id <> p.tenant_id
                          where p.id = $1 and o.closed_at is null and o.proven_at > $2) as "rivalled!""#,
        portal.0,
        now - PROOF_LASTS,
    )
    .fetch_one(&mut **tx)
    .await?)
}
