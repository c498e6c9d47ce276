//! Runs: list and show.

use axum::{Json, extract::State};
use serde::Deserialize;
use tenantry_model::{RunId, TenantId};
use tenantry_store::runs::{RunFilter, RunRow, next_wake, run, runs};
use utoipa::IntoParams;

use super::{
    run::{Run, RunStatus},
    tenants_words::of,
};
use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::{Id, Query},
    list::{List, Listing, PageParams},
    state::ApiState,
    wait::{has_ended, time, until},
    write::commit,
};

/// Which runs to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsFilter {
    /// Of this tenant.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Of this kind.
    kind: Option<String>,
    /// With this status.
    #[param(inline)]
    status: Option<RunStatus>,
    /// In this state.
    state: Option<String>,
    /// With an error of this class.
    error_class: Option<String>,
    /// With this external key.
    external_key: Option<String>,
    /// About what begins like this, in upper or lower case: a domain, a hostname, the name or slug of a tenant; or the id of a run.
    #[param(example = "mail.acme")]
    entity: Option<String>,
    /// Paused, or not.
    paused: Option<bool>,
}

/// List runs, newest first
///
/// Messages are runs too, and have a list of their own: `GET /v1/messages`.
#[utoipa::path(get, path = "/v1/runs", tag = "Runs", operation_id = "listRuns", params(PageParams, RunsFilter),
    responses((status = 200, description = "Runs that the caller may see.", body = List<Run>)))]
pub(crate) async fn list_runs(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    listing: Listing<RunsFilter>,
) -> Result<Json<List<Run>>> {
    let (filter, page) = listing.page::<RunId>()?;
    let filter = RunFilter {
        tenant: filter.tenant,
        kind: filter.kind,
        status: filter.status.map(|status| status.as_str().to_owned()),
        state: filter.state,
        error_class: filter.error_class,
        external_key: filter.external_key,
        entity: filter.entity,
        paused: filter.paused,
        living: false,
        after: page.after,
        before: page.before,
        limit: page.rows(),
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = runs(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| row.id, |row| Run::from(for_caller(&caller, row)))))
}

/// How long to wait for news of a run.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct News {
    /// Answer as soon as the run has gone on, at the latest after so many seconds.
    #[param(minimum = 0, maximum = 25)]
    wait: Option<u64>,
    /// The `seq` that the caller knows; what the run has when the request arrives, if none is given.
    since: Option<i32>,
}

impl News {
    /// At most 25 s.
    pub(crate) fn time(&self) -> std::time::Duration {
        time(self.wait)
    }

    /// What the caller knows.
    pub(crate) fn since(&self, known: &RunRow) -> i32 {
        self.since.unwrap_or(known.seq)
    }
}

/// Show a run, at once or as soon as it goes on
///
/// With `wait`, the answer comes when `seq` is above `since`, when the run has ended, or when the time is over.
#[utoipa::path(get, path = "/v1/runs/{id}", tag = "Runs", operation_id = "getRun",
    params(("id" = String, Path, description = "The run."), News),
    responses((status = 200, description = "The run.", body = Run)))]
pub(crate) async fn get_run(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    Query(news): Query<News>,
) -> Result<Json<Run>> {
    let known = read(&state, &caller, id).await?;
    let since = news.since(&known);
    let is_news = |row: &RunRow| row.seq > since || has_ended(row);
    let row = until(&state, caller.scope(), known, news.time(), is_news).await;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let wakes = next_wake(&mut tx, id).await?;
    commit(tx).await?;
    Ok(Json(Run::from(for_caller(&caller, row)).waking(wakes)))
}

/// A run as this caller reads it: a tenant without what only operators read of what stands in its way. A message's own routes say
/// it in the same words, and a domain's too.
pub(super) fn for_caller(caller: &Caller, mut row: RunRow) -> RunRow {
    if caller.principal.tenant().is_some() {
        row.error.iter_mut().for_each(of(&row.kind));
    }
    row
}

/// The run, if the caller may see it.
pub(crate) async fn read(state: &ApiState, caller: &Caller, id: RunId) -> Result<RunRow> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = run(&mut tx, id).await?;
    commit(tx).await?;
    Ok(row)
}
