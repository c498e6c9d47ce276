//! Imports: listed and shown.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tenantry_kernel::Workflow as _;
use tenantry_model::RunId;
use tenantry_store::{
    StoreError,
    imports::counts_of,
    runs::{RunFilter, RunRow, runs},
};
use tenantry_workflows::tenant_import::{self, Counts};
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::{Id, Query},
    list::{List, Listing, PageParams},
    routes::{
        run::Run,
        runs::{News, read},
    },
    state::ApiState,
    wait::{has_ended, until},
    write::commit,
};

/// An import of tenants, and how its rows stand.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantImport {
    /// Its run; `cancel` begins no further row.
    run: Run,
    /// Rows of the file.
    total: u32,
    /// Not begun yet.
    waiting: u32,
    /// Being onboarded.
    running: u32,
    /// Onboarded.
    succeeded: u32,
    /// Their onboarding has failed; nothing of it is left.
    failed: u32,
    /// Never begun: the line cannot be used.
    invalid: u32,
    /// Of a tenant that is there already, or stands in an earlier line.
    duplicate: u32,
    /// Called off.
    cancelled: u32,
}

impl TenantImport {
    fn of(row: RunRow, counts: Counts) -> Self {
        let Counts { total, waiting, running, succeeded, failed, invalid, duplicate, cancelled } = counts;
        Self { run: row.into(), total, waiting, running, succeeded, failed, invalid, duplicate, cancelled }
    }
}

/// Nothing to choose.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NoFilter {}

/// List imports, newest first
#[utoipa::path(get, path = "/v1/tenant-imports", tag = "Tenants", operation_id = "listTenantImports", params(PageParams),
    responses((status = 200, description = "Imports.", body = List<TenantImport>)))]
pub(crate) async fn list_imports(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    listing: Listing<NoFilter>,
) -> Result<Json<List<TenantImport>>> {
    caller.require_platform()?;
    let (_, page) = listing.page::<RunId>()?;
    let filter = RunFilter {
        kind: Some(tenant_import::TenantImport::KIND.to_owned()),
        after: page.after,
        before: page.before,
        limit: page.rows(),
        ..RunFilter::default()
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = runs(&mut tx, &filter).await?;
    let ids: Vec<RunId> = rows.iter().map(|row| row.id).collect();
    let counts = counts_of(&mut tx, &ids).await?;
    commit(tx).await?;
    let list = page.list(
        rows,
        |row| row.id,
        |row| {
            let counts = counts.get(&row.id).copied().unwrap_or_default();
            TenantImport::of(row, counts)
        },
    );
    Ok(Json(list))
}

/// Show an import, at once or as soon as it goes on
///
/// With `wait`, the answer comes when the run's `seq` is above `since`, when it has ended, or when the time is over.
#[utoipa::path(get, path = "/v1/tenant-imports/{id}", tag = "Tenants", operation_id = "getTenantImport",
    params(("id" = String, Path, description = "Its run."), News),
    responses((status = 200, description = "The import, and how its rows stand.", body = TenantImport)))]
pub(crate) async fn get_import(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    Query(news): Query<News>,
) -> Result<Json<TenantImport>> {
    caller.require_platform()?;
    let known = import(&state, &caller, id).await?;
    let since = news.since(&known);
    let row = until(&state, caller.scope(), known, news.time(), |row: &RunRow| row.seq > since || has_ended(row)).await;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let counts = counts_of(&mut tx, &[id]).await?.remove(&id).unwrap_or_default();
    commit(tx).await?;
    Ok(Json(TenantImport::of(row, counts)))
}

/// The run of an import.
pub(super) async fn import(state: &ApiState, caller: &Caller, id: RunId) -> Result<RunRow> {
    let row = read(state, caller, id).await?;
    if row.kind == tenant_import::TenantImport::KIND { Ok(row) } else { Err(StoreError::NotFound("import").into()) }
}
