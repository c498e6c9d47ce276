//! Chains of the audit log as a whole: which there are, and their lines in the order they were written.

use time::OffsetDateTime;

use super::AuditRow;
use crate::{Result, Scope, Tx};

/// A chain of the audit log.
#[derive(Debug, Clone)]
pub struct ChainRow {
    /// A tenant's id, or `platform`. The tenant may be gone.
    pub chain: String,
    /// How many lines it has: the place of the last.
    pub lines: i64,
    /// When the last was written.
    pub last_at: OffsetDateTime,
}

/// Chains by name, at most `limit`: those after a name, for a tenant its own alone.
///
/// # Errors
/// The database cannot be reached.
pub async fn audit_chains(tx: &mut Tx, scope: Scope, after: Option<&str>, limit: i64) -> Result<Vec<ChainRow>> {
    let own = match scope {
        Scope::Platform => None,
        Scope::Tenant(_) => Some(scope.key()),
    };
    let rows = sqlx::query!(
        // From chain to chain by the primary key, without reading through their lines.
        r#"with recursive chains as (
               (select chain from audit where ($1::text is null or chain > $1) and ($2::text is null or chain = $2)
                order by chain limit 1)
               union all
               select (select a.chain from audit a where a.chain > chains.chain and ($2::text is null or a.chain = $2)
                       order by a.chain limit 1)
               from chains where chains.chain is not null)
           select last.chain as "chain!", last.seq as "seq!", last.at as "at!"
           from chains cross join lateral (
               select a.chain, a.seq, a.at from audit a where a.chain = chains.chain order by a.seq desc limit 1) last
           limit $3"#,
        after,
        own,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| ChainRow { chain: row.chain, lines: row.seq, last_at: row.at }).collect())
}

/// Lines of a chain in the order they were written, from after a place, at most `limit`.
///
/// # Errors
/// The database cannot be reached.
pub async fn audit_since(tx: &mut Tx, chain: Scope, after: i64, limit: i64) -> Result<Vec<AuditRow>> {
    Ok(sqlx::query_as!(
        AuditRow,
        r#"select chain, seq, at, tenant_id, actor, action, subject, before, after, request_id, run_id, source_ip, hash
           from audit where chain = $1 and seq > $2 order by seq limit $3"#,
        chain.key(),
        after,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}
