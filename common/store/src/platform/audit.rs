//! Who did what: append-only, hash-chained by the database itself.

use serde::Serialize;
use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, Scope, Tx};

/// A line to append.
#[derive(Debug, Default)]
pub struct AuditEntry<'a> {
    /// On which tenant; none for the platform's own chain.
    pub tenant: Option<TenantId>,
    /// Who.
    pub actor: &'a str,
    /// What: `tenant.onboard`, `run.cancel`, `task.answer`, ...
    pub action: &'a str,
    /// To what: an id.
    pub subject: &'a str,
    /// As it was.
    pub before: Option<Value>,
    /// As it is.
    pub after: Option<Value>,
    /// The request.
    pub request_id: Option<&'a str>,
    /// The run.
    pub run: Option<RunId>,
    /// From where.
    pub source_ip: Option<&'a str>,
}

/// A line of the audit log.
#[derive(Debug, Clone, Serialize)]
pub struct AuditRow {
    /// The chain: a tenant's id, or `platform`.
    pub chain: String,
    /// Its place in the chain, from 1, without gaps.
    pub seq: i64,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// On which tenant.
    pub tenant_id: Option<Uuid>,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub subject: String,
    /// As it was.
    pub before: Option<Value>,
    /// As it is.
    pub after: Option<Value>,
    /// The request.
    pub request_id: Option<String>,
    /// The run.
    pub run_id: Option<Uuid>,
    /// From where.
    pub source_ip: Option<String>,
    /// SHA-256 over the line before and this one.
    pub hash: Vec<u8>,
}

/// Which lines to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// The chain.
    pub chain: String,
    /// With this action.
    pub action: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// About this subject.
    pub subject: Option<String>,
    /// Older than this line.
    pub after: Option<i64>,
    /// At most this many.
    pub limit: i64,
}

/// Appends a line, in the transaction of what it tells.
///
/// # Errors
/// The database cannot be reached.
pub async fn append_audit(tx: &mut Tx, entry: &AuditEntry<'_>, now: OffsetDateTime) -> Result<()> {
    sqlx::query!(
        "insert into audit (chain, seq, at, tenant_id, actor, action, subject, before, after, request_id, run_id, source_ip, prev_hash, hash)
         values ('', 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '')",
        now,
        entry.tenant.map(|tenant| tenant.0),
        entry.actor,
        entry.action,
        entry.subject,
        entry.before,
        entry.after,
        entry.request_id,
        entry.run.map(|run| run.0),
        entry.source_ip,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Lines of a chain, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn audit(tx: &mut Tx, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
    Ok(sqlx::query_as!(
        AuditRow,
        r#"select chain, seq, at, tenant_id, actor, action, subject, before, after, request_id, run_id, source_ip, hash
           from audit
           where chain = $1 and ($2::text is null or action = $2) and ($3::text is null or actor = $3)
             and ($4::text is null or subject = $4) and ($5::bigint is null or seq < $5)
           order by seq desc limit $6"#,
        filter.chain,
        filter.action,
        filter.actor,
        filter.subject,
        filter.after,
        filter.limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// The first line of a chain that is not as it was written, or whose predecessor is missing.
///
/// # Errors
/// The database cannot be reached.
pub async fn broken_audit(tx: &mut Tx, chain: Scope) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!("select audit_broken($1)", chain.key()).fetch_one(&mut **tx).await?)
}
