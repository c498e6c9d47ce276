//! An import begins: its rows are kept.

use std::collections::HashMap;

use serde_json::{Value, json};
use tenantry_model::RunId;
use time::OffsetDateTime;

use crate::{Result, Tx};

/// A row of a file, as it was read.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// Where it stands in the file, counted from 1.
    pub line: u32,
    /// The tenant's name, as far as it can be read.
    pub tenant_name: Option<String>,
    /// What the onboarding is to be begun with, or why it never will be.
    pub read: std::result::Result<Value, Unfit>,
}

/// Why a row is never begun.
#[derive(Debug, Clone)]
pub struct Unfit {
    /// `invalid` or `duplicate`.
    pub status: &'static str,
    /// In words.
    pub error: String,
    /// The onboarding that was there before.
    pub run: Option<RunId>,
}

/// Keeps the rows of an import whose run was written in this transaction. `format` is `csv` or `ndjson`.
///
/// # Errors
/// The database refuses or cannot be reached.
pub async fn keep(
    tx: &mut Tx,
    import: RunId,
    format: &str,
    by: &str,
    rows: &[NewRow],
    now: OffsetDateTime,
) -> Result<()> {
    let rows: Value = rows
        .iter()
        .map(|row| {
            let (status, input, run, error) = match &row.read {
                Ok(input) => ("waiting", Some(input), None, None),
                Err(unfit) => (unfit.status, None, unfit.run, Some(&unfit.error)),
            };
            json!({
                "line": row.line, "tenant_name": row.tenant_name, "status": status, "input": input, "run": run.map(|run| run.0),
                "error": error,
            })
        })
        .collect();
    sqlx::query!(
        "insert into imports (run_id, format, created_by, created_at) values ($1, $2, $3, $4)",
        import.0,
        format,
        by,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        r#"insert into import_rows (import_id, line, tenant_name, status, input, run_id, error, updated_at)
           select $1, x.line, x.tenant_name, x.status, nullif(x.input, 'null'), x.run, x.error, $3
           from jsonb_to_recordset($2) as x(line int, tenant_name text, status text, input jsonb, run uuid, error text)"#,
        import.0,
        rows,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Tenants that are there already, or are being onboarded.
#[derive(Debug, Clone, Default)]
pub struct Known {
    by_email: HashMap<String, RunId>,
    by_key: HashMap<String, RunId>,
}

impl Known {
    /// Why a tenant with this contact address (in lower case) and this key cannot be another one, and the run that has made the one
    /// there is.
    #[must_use]
    pub fn clash(&self, email: &str, key: Option<&str>) -> Option<(&'static str, RunId)> {
        let by_key = key
            .and_then(|key| self.by_key.get(key))
            .map(|run| ("a tenant with this external key is there already", *run));
        by_key.or_else(|| {
            self.by_email.get(email).map(|run| ("a tenant with this contact address is there already", *run))
        })
    }
}

/// Which tenants have one of these contact addresses (in lower case) or one of these keys.
///
/// # Errors
/// The database cannot be reached.
pub async fn known(tx: &mut Tx, emails: &[String], keys: &[String]) -> Result<Known> {
    let rows = sqlx::query!(
        r#"select lower(email) as "email!", external_key, run_id as "run_id!" from tenants
           where lower(email) = any($1) and status <> 'offboarded'
           union
           select lower(email), external_key, run_id from tenants
           where external_key = any($2) and external_key is not null and status <> 'offboarded'"#,
        emails,
        keys
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut known = Known::default();
    for row in rows {
        known.by_email.insert(row.email, RunId(row.run_id));
        known.by_key.extend(row.external_key.map(|key| (key, RunId(row.run_id))));
    }
    Ok(known)
}
