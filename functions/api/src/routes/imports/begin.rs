//! A file is uploaded: it is looked through, or imported.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::RunId;
use tenantry_store::{
    StoreError, Tx,
    imports::{self, NewRow, known},
    runs::{NewRun, Started, run, start},
};
use tenantry_workflows::tenant_import::{Data, TenantImport};
use utoipa::{IntoParams, ToSchema};

use super::{
    file::{self, Row, address, counts, key, there_already},
    upload::Upload,
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::Query,
    routes::run::{Run, location_of},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Rows that a dry run shows.
const SHOWN: usize = 100;

/// Whether to import.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// Only look the file through: nothing is written.
    #[serde(default)]
    dry_run: bool,
}

/// What a file holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LookedThrough {
    /// Its tenants.
    total: u32,
    /// Those that would be onboarded.
    valid: u32,
    /// Those whose line cannot be used.
    invalid: u32,
    /// Those that are there already, or stand in an earlier line.
    duplicate: u32,
    /// The first hundred that would not be onboarded.
    rows: Vec<UnfitRow>,
}

/// A row that would not be onboarded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UnfitRow {
    /// Where it stands in the file, counted from 1.
    line: u32,
    /// The tenant's name, as far as it can be read.
    tenant_name: Option<String>,
    /// `invalid` or `duplicate`.
    status: String,
    /// Why, with the names of columns or fields.
    error: String,
}

/// Import a file of tenants
///
/// A CSV file (RFC 4180, UTF-8, with a header row: `tenantName`, `firstName`, `lastName`, `email`, and where wanted `companyName`,
/// `contractLine`, `externalKey`) or one JSON object per line, as `POST /v1/tenants` takes it; at most 10,000 tenants and 4 MiB. Every
/// row is checked by the same rules. Those that can be used are onboarded, a few at a time; the others are kept with their errors. A
/// tenant that is there already is not onboarded again, so the same file may be sent twice.
#[utoipa::path(post, path = "/v1/tenant-imports", tag = "Tenants", operation_id = "importTenants", params(How),
    request_body(description = "The file.", content((String = "text/csv"), (String = "application/x-ndjson"))),
    responses(
        (status = 202, description = "The import has begun.", body = Run,
            headers(("Location" = String, description = "The run."))),
        (status = 200, description = "The file was looked through (`dryRun`); nothing was written.", body = LookedThrough),
        (status = 415, description = "`unsupported_file`: The file must be CSV or NDJSON."),
    ))]
pub(crate) async fn import_tenants(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Query(how): Query<How>,
    upload: Upload,
) -> Result<Answer> {
    caller.require_platform()?;
    let rows = file::read(&upload)?;
    if how.dry_run {
        return look_through(&state, &caller, rows).await;
    }
    retrying(|| begin(&state, &caller, &upload, &rows)).await
}

async fn look_through(state: &ApiState, caller: &Caller, mut rows: Vec<Row>) -> Result<Answer> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    compare(&mut tx, &mut rows).await?;
    commit(tx).await?;
    let counts = counts(&rows);
    let unfit = rows.into_iter().filter_map(|row| {
        let unfit = row.read.err()?;
        Some(UnfitRow {
            line: row.line,
            tenant_name: row.tenant_name,
            status: unfit.status.to_owned(),
            error: unfit.error,
        })
    });
    let looked = LookedThrough {
        total: counts.total,
        valid: counts.waiting,
        invalid: counts.invalid,
        duplicate: counts.duplicate,
        rows: unfit.take(SHOWN).collect(),
    };
    Ok(Answer::first(reply(StatusCode::OK, None, &looked)))
}

async fn begin(state: &ApiState, caller: &Caller, upload: &Upload, rows: &[Row]) -> Result<Answer> {
    let (scope, actor, timing, once) = (caller.scope(), caller.actor(), state.db.timing(), &upload.once);
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let mut rows = rows.to_vec();
    compare(&mut tx, &mut rows).await?;
    let counts = counts(&rows);
    let id = RunId::new();
    let new = NewRun {
        id,
        kind: TenantImport::KIND,
        tenant: None,
        external_key: None,
        started_by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
        change: advance::start::<TenantImport>(Data::new(counts)),
    };
    let Started::New(hints) = start(&mut tx, &new, timing).await? else {
        return Err(StoreError::Changed.into());
    };
    let format = upload.format.as_str();
    let kept: Vec<NewRow> = rows.iter().map(Row::kept).collect();
    imports::keep(&mut tx, id, format, &actor, &kept, now).await?;
    let reply = reply(StatusCode::ACCEPTED, Some(location_of(id)), &Run::from(run(&mut tx, id).await?));
    once.keep(&mut tx, scope, &reply, now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "tenant_import.start", &subject);
    line.run = Some(id);
    // No names and no addresses: the log can never be changed.
    line.after = Some(json!({ "format": format, "rows": counts }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Marks the rows of tenants that are there already.
async fn compare(tx: &mut Tx, rows: &mut [Row]) -> Result<()> {
    let inputs = || rows.iter().filter_map(|row| row.read.as_ref().ok());
    let emails: Vec<String> = inputs().map(address).collect();
    let keys: Vec<String> = inputs().filter_map(key).collect();
    let known = known(tx, &emails, &keys).await?;
    there_already(rows, &known);
    Ok(())
}
