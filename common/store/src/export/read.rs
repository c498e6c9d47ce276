//! Exports as people read them.

use serde_json::Value;
use sqlx::PgConnection;
use tenantry_model::{RunId, TenantId};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Result, StoreError};

/// An export.
#[derive(Debug, Clone)]
pub struct ExportRow {
    /// Its id, which is that of the run that makes it.
    pub id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// It belongs to an offboarding.
    pub leaving: bool,
    /// Pages that were written.
    pub pages: i32,
    /// Where the next page begins; none before the first, and after the last.
    pub place: Option<Value>,
    /// Parts that were written.
    pub parts: i32,
    /// Rows by table.
    pub counts: Value,
    /// Who wanted it.
    pub created_by: String,
    /// When.
    pub created_at: OffsetDateTime,
    /// When it was whole.
    pub completed_at: Option<OffsetDateTime>,
    /// When it goes.
    pub expires_at: Option<OffsetDateTime>,
}

/// One export of a tenant.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn export(connection: &mut PgConnection, tenant: TenantId, id: RunId) -> Result<ExportRow> {
    sqlx::query_as!(
        ExportRow,
        "select id, tenant_id, leaving, pages, place, parts, counts, created_by, created_at, completed_at, expires_at
         from exports where id = $1 and tenant_id = $2",
        id.0,
        tenant.0,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound("export"))
}

/// A tenant's exports, newest first.
///
/// # Errors
/// The database cannot be reached.
pub async fn exports(
    connection: &mut PgConnection,
    tenant: TenantId,
    after: Option<RunId>,
    limit: i64,
) -> Result<Vec<ExportRow>> {
    Ok(sqlx::query_as!(
        ExportRow,
        "select id, tenant_id, leaving, pages, place, parts, counts, created_by, created_at, completed_at, expires_at
         from exports where tenant_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3",
        tenant.0,
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(connection)
    .await?)
}

/// A part, without what is in it.
#[derive(Debug, Clone)]
pub struct PartRow {
    /// Its number, counted from 1.
    pub n: i32,
    /// Its size in bytes.
    pub size: i32,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
}

/// The parts of an export, in order.
///
/// # Errors
/// The database cannot be reached.
pub async fn parts(connection: &mut PgConnection, id: RunId) -> Result<Vec<PartRow>> {
    Ok(sqlx::query_as!(PartRow, "select n, size, sha256 from export_parts where export_id = $1 order by n", id.0)
        .fetch_all(connection)
        .await?)
}

/// What is in a part, sealed with [`part_context`].
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn part(connection: &mut PgConnection, tenant: TenantId, id: RunId, n: u32) -> Result<Vec<u8>> {
    sqlx::query_scalar!(
        "select sealed from export_parts where export_id = $1 and n = $2 and tenant_id = $3",
        id.0,
        i32::try_from(n).unwrap_or(i32::MAX),
        tenant.0,
    )
    .fetch_optional(connection)
    .await?
    .ok_or(StoreError::NotFound("part of an export"))
}

/// What a part is sealed with: it opens in its own place only.
#[must_use]
pub fn part_context(export: RunId, n: u32) -> Vec<u8> {
    [export.0.as_bytes().as_slice(), &n.to_be_bytes()].concat()
}
