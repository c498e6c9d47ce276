//! An export is written page by page, each with the answer of its command: once.

use serde_json::{Map, Value, json};
use tenantry_model::{RunId, TenantId};
use tenantry_workflows::tenant_export::Written;
use time::OffsetDateTime;

use super::KEPT;
use crate::{Result, StoreError, Tx};

/// Begins an export. It belongs to the run of that id. One of a tenant that is leaving is kept until a while after it has gone or
/// come back, every other from the day it was made.
///
/// # Errors
/// The database cannot be reached.
pub async fn begin_export(
    tx: &mut Tx,
    run: RunId,
    tenant: TenantId,
    leaving: bool,
    by: &str,
    now: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "insert into exports (id, tenant_id, leaving, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)",
        run.0,
        tenant.0,
        leaving,
        by,
        now,
        (!leaving).then_some(now + KEPT),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A part, as it is kept.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// Sealed with [`super::part_context`].
    pub sealed: Vec<u8>,
    /// Bytes of what was sealed.
    pub size: u32,
    /// SHA-256 of what was sealed.
    pub sha256: [u8; 32],
}

/// A page.
#[derive(Debug, Clone)]
pub struct NewPage {
    /// Which, counted from 1.
    pub page: u32,
    /// The number of its first part, counted from 1.
    pub first_part: u32,
    /// Its parts, in order.
    pub parts: Vec<NewPart>,
    /// Rows of this page by table.
    pub counts: Map<String, Value>,
    /// Where the next page begins; none: this was the last one.
    pub place: Option<Value>,
}

/// Whether the rows of the export's tenant are being removed: what is read from now on is not all of it.
///
/// # Errors
/// The database cannot be reached.
pub async fn too_late(tx: &mut Tx, export: RunId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from exports e join tenants t on t.id = e.tenant_id
                          where e.id = $1 and t.removing_at is not null) as "late!""#,
        export.0
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Writes a page behind those that are there, and says how much there is now.
///
/// # Errors
/// [`StoreError::Changed`]: another page was written meanwhile; read again.
pub async fn write_page(tx: &mut Tx, export: RunId, new: &NewPage, now: OffsetDateTime) -> Result<Written> {
    let parts = u32::try_from(new.parts.len()).unwrap_or(u32::MAX);
    let row = sqlx::query!(
        r#"update exports set
               pages = pages + 1, place = $4, parts = parts + $5,
               counts = counts || (select coalesce(jsonb_object_agg(key, coalesce((counts ->> key)::bigint, 0) + value::bigint), '{}')
                                   from jsonb_each_text($6)),
               completed_at = case when $4::jsonb is null then $7::timestamptz end,
               expires_at = case when not leaving then $7 + make_interval(days => $8) end
           where id = $1 and pages = $2 - 1 and parts = $3 - 1
           returning tenant_id, pages, parts, (select sum(value::bigint) from jsonb_each_text(counts))::bigint as rows"#,
        export.0,
        i32::try_from(new.page).unwrap_or(i32::MAX),
        i32::try_from(new.first_part).unwrap_or(i32::MAX),
        new.place,
        i32::try_from(parts).unwrap_or(i32::MAX),
        json!(new.counts),
        now,
        i32::try_from(KEPT.whole_days()).unwrap_or(i32::MAX),
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(StoreError::Changed)?;
    for (n, part) in (new.first_part..).zip(&new.parts) {
        sqlx::query!(
            "insert into export_parts (export_id, n, tenant_id, sealed, size, sha256) values ($1, $2, $3, $4, $5, $6)",
            export.0,
            i32::try_from(n).unwrap_or(i32::MAX),
            row.tenant_id,
            part.sealed,
            i32::try_from(part.size).unwrap_or(i32::MAX),
            part.sha256.as_slice(),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(Written {
        pages: row.pages.unsigned_abs(),
        parts: row.parts.unsigned_abs(),
        rows: row.rows.unwrap_or_default().unsigned_abs(),
    })
}
