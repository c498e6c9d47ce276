//! An export, and its manifest.

use serde::Serialize;
use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use tenantry_store::export::{ExportRow, PartRow};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A copy of what is a tenant's own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Export {
    /// Its id, which is that of the run that makes it.
    #[schema(value_type = String)]
    id: RunId,
    /// Whose.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// It is whole. One that is not is being made, unless its run has ended.
    complete: bool,
    /// It belongs to an offboarding.
    leaving: bool,
    /// Rows by table.
    #[schema(value_type = Object)]
    counts: Value,
    /// Rows in all.
    rows: i64,
    /// How many parts it has.
    part_count: i32,
    /// Who wanted it.
    created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was whole.
    #[serde(with = "time::serde::rfc3339::option")]
    completed_at: Option<OffsetDateTime>,
    /// When it goes; none while its tenant is leaving.
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

impl Export {
    /// What a row says.
    pub(crate) fn of(row: &ExportRow) -> Self {
        let rows = row.counts.as_object().map(|counts| counts.values().filter_map(Value::as_i64).sum());
        Self {
            id: row.id.into(),
            tenant_id: TenantId(row.tenant_id),
            complete: row.completed_at.is_some(),
            leaving: row.leaving,
            counts: row.counts.clone(),
            rows: rows.unwrap_or_default(),
            part_count: row.parts,
            created_by: row.created_by.clone(),
            created_at: row.created_at,
            completed_at: row.completed_at,
            expires_at: row.expires_at,
        }
    }
}

/// An export with its parts. Each part is a gzip member, and all of them in their order are one gzip file of lines
/// `{"table": ..., "row": ...}`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportManifest {
    /// The export.
    #[serde(flatten)]
    export: Export,
    /// Its parts, in order.
    parts: Vec<ExportPart>,
}

/// A part of an export.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportPart {
    /// Its number, counted from 1.
    n: i32,
    /// Its size in bytes.
    size: i32,
    /// Its SHA-256, in hexadecimal digits.
    #[schema(example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    sha256: String,
}

impl ExportManifest {
    /// What the rows say.
    pub(super) fn of(row: &ExportRow, parts: Vec<PartRow>) -> Self {
        let part = |part: PartRow| ExportPart { n: part.n, size: part.size, sha256: digits(&part.sha256) };
        Self { export: Export::of(row), parts: parts.into_iter().map(part).collect() }
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
