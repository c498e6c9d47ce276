//! Reconciles of the cluster: begun, shown, hastened. Operators only.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_kernel::{Workflow as _, advance};
use tenantry_model::RunId;
use tenantry_store::{
    StoreError, Tx,
    portal::{plan, standing_run},
    runs::{NewRun, RunRow, Started, run, start},
};
use tenantry_workflows::portal_sync::{self, Carry, Data};
use utoipa::ToSchema;

use super::sync::PortalSync;
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id, Query},
    idempotency::Once,
    routes::{
        life::tell,
        runs::{News, read},
        signals::shown,
    },
    state::ApiState,
    wait::{Wait, has_ended, is_at_rest, until},
    write::{audit, commit, retrying},
};

/// What to do with the plan.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedSync {
    /// Commit the manifests, and push them.
    #[serde(default)]
    commit: bool,
    /// Push them to a branch of their own, for a pull request. Commits them.
    #[serde(default)]
    pull_request: bool,
    /// Apply them to the cluster, and delete what is retired.
    #[serde(default)]
    apply: bool,
}

/// Compare the cluster with the hostnames that are wanted
///
/// With nothing in the body the plan is only shown. Whatever would be deleted by the many, or is known to no hostname, is never deleted
/// by this: the standing reconcile asks a person about it.
#[utoipa::path(post, path = "/v1/portal-syncs", tag = "Portals", operation_id = "startPortalSync", params(Wait),
    request_body(content = Option<WantedSync>),
    responses((status = 202, description = "It has begun.", body = PortalSync,
        headers(("Location" = String, description = "Where it is shown.")))))]
pub(crate) async fn start_portal_sync(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Query(wait): Query<Wait>,
    body: Body<WantedSync>,
) -> Result<Answer> {
    caller.require_platform()?;
    let WantedSync { commit, pull_request, apply } = body.value;
    let carry = Carry { commit: commit || pull_request, pull_request, apply };
    let mut answer = retrying(|| begin(&state, &caller, carry, &body.once)).await?;
    let id = answer.reply.body["runId"].as_str().and_then(|id| id.parse::<RunId>().ok());
    if let Some(id) = id.filter(|_| !wait.time().is_zero()) {
        let known = read(&state, &caller, id).await?;
        let row = until(&state, caller.scope(), known, wait.time(), is_at_rest).await;
        answer.reply.body = json!(with_plan(&state, &caller, row).await?);
    }
    Ok(answer)
}

async fn begin(state: &ApiState, caller: &Caller, carry: Carry, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let id = RunId::new();
    let new = NewRun {
        id,
        kind: portal_sync::PortalSync::KIND,
        tenant: None,
        external_key: None,
        started_by: actor.clone(),
        trace: Some(caller.call.trace.to_string()),
        change: advance::start::<portal_sync::PortalSync>(Data { carry, ..Data::default() }),
    };
    let Started::New(hints) = start(&mut tx, &new, timing).await? else {
        return Err(StoreError::Changed.into());
    };
    let shown = PortalSync::of(run(&mut tx, id).await?, None);
    let reply = reply(StatusCode::ACCEPTED, Some(location(id)), &shown);
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "portal_sync.start", &subject);
    line.run = Some(id);
    line.after = Some(json!({ "carry": carry }));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// Show a reconcile, at once or as soon as it goes on
///
/// With `wait`, the answer comes when `seq` is above `since`, when it has ended, or when the time is over.
#[utoipa::path(get, path = "/v1/portal-syncs/{id}", tag = "Portals", operation_id = "getPortalSync",
    params(("id" = String, Path, description = "Its run."), News),
    responses((status = 200, description = "The reconcile, and its plan.", body = PortalSync)))]
pub(crate) async fn get_portal_sync(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    Query(news): Query<News>,
) -> Result<Json<PortalSync>> {
    caller.require_platform()?;
    let known = read(&state, &caller, id).await?;
    if known.kind != portal_sync::PortalSync::KIND {
        return Err(StoreError::NotFound("reconcile").into());
    }
    let since = news.since(&known);
    let row = until(&state, caller.scope(), known, news.time(), |row: &RunRow| row.seq > since || has_ended(row)).await;
    Ok(Json(with_plan(&state, &caller, row).await?))
}

async fn with_plan(state: &ApiState, caller: &Caller, row: RunRow) -> Result<PortalSync> {
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let plan = plan(&mut tx, row.id).await?;
    commit(tx).await?;
    Ok(PortalSync::of(row, plan))
}

/// Nothing is told but that it is to be now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshStanding {}

/// Have the standing reconcile look now
///
/// It begins with the first hostname that is wanted in the cluster; before, there is none.
#[utoipa::path(post, path = "/v1/portal-syncs/standing/refresh", tag = "Portals", operation_id = "refreshStandingPortalSync",
    request_body(content = Option<RefreshStanding>),
    responses(
        (status = 202, description = "It looks.", body = PortalSync, headers(("Location" = String, description = "Where it is shown."))),
        (status = 404, description = "There is none yet."),
    ))]
pub(crate) async fn refresh_standing(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    body: Body<RefreshStanding>,
) -> Result<Answer> {
    caller.require_platform()?;
    retrying(|| hasten(&state, &caller, &body.once)).await
}

async fn hasten(state: &ApiState, caller: &Caller, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let id =
        standing_run(&mut tx).await?.ok_or(StoreError::NotFound("standing reconcile: no hostname was wanted yet"))?;
    let told = tell(&mut tx, id, "refresh", &actor, "The standing reconcile has been stopped.", timing).await?;
    let row = run(&mut tx, id).await?;
    let after = shown(&row);
    let reply = self::answered(&mut tx, row).await?;
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "portal_sync.refresh", &subject);
    line.run = Some(id);
    (line.before, line.after) = (Some(shown(&told.before)), Some(after));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(told.hints).await;
    Ok(Answer::first(reply))
}

async fn answered(tx: &mut Tx, row: RunRow) -> Result<tenantry_store::platform::Reply> {
    let plan = plan(tx, row.id).await?;
    Ok(reply(StatusCode::ACCEPTED, Some(location(row.id)), &PortalSync::of(row, plan)))
}

fn location(run: RunId) -> String {
    format!("/v1/portal-syncs/{run}")
}
