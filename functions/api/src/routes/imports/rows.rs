//! The rows of an import.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tenantry_model::{RunId, TenantId};
use tenantry_store::imports::{self, ImportRow};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use super::show::import;
use crate::{
    auth::{May, needs},
    error::Result,
    extract::Id,
    list::{ForwardParams, List, Listing, Place},
    state::ApiState,
    write::commit,
};

/// How a row stands.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RowStatus {
    /// Not begun yet.
    Waiting,
    /// Being onboarded.
    Running,
    /// Onboarded.
    Succeeded,
    /// The onboarding has failed; nothing of it is left.
    Failed,
    /// Never begun: the line cannot be used.
    Invalid,
    /// Of a tenant that is there already, or stands in an earlier line.
    Duplicate,
    /// Called off.
    Cancelled,
}

impl RowStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
            Self::Duplicate => "duplicate",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Which rows to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RowsFilter {
    /// With this status.
    #[param(inline)]
    status: Option<RowStatus>,
}

/// A row of an import.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantImportRow {
    /// Where it stands in the file, counted from 1.
    line: u32,
    /// The tenant's name, as far as it can be read.
    tenant_name: Option<String>,
    /// How it stands.
    #[schema(value_type = RowStatus)]
    status: String,
    /// Its onboarding; of a duplicate the one that was there before.
    #[schema(value_type = Option<String>)]
    run_id: Option<RunId>,
    /// The tenant that this onboarding is about; of one that has failed, it is not there.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// Why it was not begun, or what ended it.
    error: Option<String>,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl From<ImportRow> for TenantImportRow {
    fn from(row: ImportRow) -> Self {
        let ImportRow { line, tenant_name, status, run, tenant, error, updated_at } = row;
        Self { line, tenant_name, status, run_id: run, tenant_id: tenant, error, updated_at }
    }
}

/// A line of a file.
struct Line(u32);

impl Place for Line {
    const TAG: u8 = b'l';

    fn bytes(&self) -> Vec<u8> {
        self.0.to_be_bytes().to_vec()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(u32::from_be_bytes).map(Self)
    }
}

/// List the rows of an import, by their lines
#[utoipa::path(get, path = "/v1/tenant-imports/{id}/rows", tag = "Tenants", operation_id = "listTenantImportRows",
    params(("id" = String, Path, description = "The import's run."), ForwardParams, RowsFilter),
    responses((status = 200, description = "Rows, and what became of each.", body = List<TenantImportRow>)))]
pub(crate) async fn list_rows(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    listing: Listing<RowsFilter>,
) -> Result<Json<List<TenantImportRow>>> {
    caller.require_platform()?;
    import(&state, &caller, id).await?;
    let (filter, page) = listing.forward::<Line>()?;
    let after = page.after.as_ref().map_or(0, |line| line.0);
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = imports::rows(&mut tx, id, filter.status.map(RowStatus::as_str), after, page.rows()).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| Line(row.line), TenantImportRow::from)))
}
