//! What people read of imports.

use std::collections::HashMap;

use sqlx::PgConnection;
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::tenant_import::Counts;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::Result;

/// How many rows of each of these imports stand how. A run that is no import has no entry.
///
/// # Errors
/// The database cannot be reached.
pub async fn counts_of(connection: &mut PgConnection, imports: &[RunId]) -> Result<HashMap<RunId, Counts>> {
    let ids: Vec<Uuid> = imports.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select import_id, status, count(*) as "n!" from import_rows where import_id = any($1) group by import_id, status"#,
        &ids
    )
    .fetch_all(connection)
    .await?;
    let mut all: HashMap<RunId, Counts> = HashMap::new();
    for row in rows {
        let counts = all.entry(RunId(row.import_id)).or_default();
        let n = u32::try_from(row.n).unwrap_or(u32::MAX);
        counts.total += n;
        match row.status.as_str() {
            "waiting" => counts.waiting = n,
            "running" => counts.running = n,
            "succeeded" => counts.succeeded = n,
            "failed" => counts.failed = n,
            "invalid" => counts.invalid = n,
            "duplicate" => counts.duplicate = n,
            _ => counts.cancelled = n,
        }
    }
    Ok(all)
}

/// A row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Where it stands in the file, counted from 1.
    pub line: u32,
    /// The tenant's name, as it was written.
    pub tenant_name: Option<String>,
    /// `waiting`, `running`, `succeeded`, `failed`, `invalid`, `duplicate`, `cancelled`
    pub status: String,
    /// Its onboarding; of a duplicate the one that was there before.
    pub run: Option<RunId>,
    /// The tenant that this onboarding is about.
    pub tenant: Option<TenantId>,
    /// Why it was not begun, or what ended it.
    pub error: Option<String>,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
}

/// Rows of an import by their lines, those that follow the line `after`.
///
/// # Errors
/// The database cannot be reached.
pub async fn rows(
    connection: &mut PgConnection,
    import: RunId,
    status: Option<&str>,
    after: u32,
    limit: i64,
) -> Result<Vec<ImportRow>> {
    let rows = sqlx::query!(
        r#"select i.line, i.tenant_name, i.status, i.run_id, r.tenant_id as "tenant_id?", i.error, i.updated_at
           from import_rows i left join runs r on r.id = i.run_id
           where i.import_id = $1 and i.line > $2 and ($3::text is null or i.status = $3)
           order by i.line limit $4"#,
        import.0,
        i32::try_from(after).unwrap_or(i32::MAX),
        status,
        limit
    )
    .fetch_all(connection)
    .await?;
    let row = rows.into_iter().map(|row| ImportRow {
        line: row.line.unsigned_abs(),
        tenant_name: row.tenant_name,
        status: row.status,
        run: row.run_id.map(RunId),
        tenant: row.tenant_id.map(TenantId),
        error: row.error,
        updated_at: row.updated_at,
    });
    Ok(row.collect())
}
