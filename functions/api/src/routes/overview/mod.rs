//! What a home page shows.

mod shape;
mod words;

use axum::{Json, extract::State};
use serde::Deserialize;
use tenantry_model::{Permission, TenantId};
use tenantry_store::{
    Scope,
    mail::has_tenant,
    overview::{self, NeedKind},
};
use time::Duration;
use utoipa::IntoParams;

use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::Query,
    state::ApiState,
    write::commit,
};

/// So many days are shown, today included.
const DAYS: u16 = 14;
/// Times are those of so many days.
const TIMES: Duration = Duration::days(30);

/// Whose.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverviewOf {
    /// Of this tenant; for operators. All tenants together where none is named.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Show what needs action, how much there is, and what the last days came to
///
/// Tenants see their own. What a caller may not read elsewhere is left out: tasks without `tasks.answer`, endpoints of webhooks without
/// `settings.manage_webhooks`, mail without `messages.read`. Counts stop at `countsStopAt`; `days` and `deliveryByProvider` of all
/// tenants together may be a minute old.
#[utoipa::path(get, path = "/v1/overview", tag = "Platform", operation_id = "getOverview", params(OverviewOf),
    responses((status = 200, description = "The overview.", body = shape::Overview)))]
pub(crate) async fn get_overview(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Query(of): Query<OverviewOf>,
) -> Result<Json<shape::Overview>> {
    let tenant = caller.tenant_or_own(of.tenant)?;
    let now = state.db.clock().now();
    let from = now - TIMES;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    if let Some(tenant) = of.tenant {
        has_tenant(&mut tx, tenant).await?;
    }
    overview::plan_for_each(&mut tx).await?;
    let read = shape::Read {
        needs: overview::needs(&mut tx, tenant, now, &kinds(&caller)).await?,
        counts: overview::counts(&mut tx, tenant, now).await?,
        days: overview::days(&mut tx, tenant, now, DAYS).await?,
        verified: overview::domains_verified(&mut tx, tenant, from).await?,
        active: overview::portals_activated(&mut tx, tenant, from).await?,
        onboarded: overview::onboardings(&mut tx, tenant, from).await?,
    };
    commit(tx).await?;
    Ok(Json(read.shown(may(&caller, Permission::MessagesRead), caller.scope() == Scope::Platform)))
}

/// The kinds of things that this caller may read of.
fn kinds(caller: &Caller) -> Vec<NeedKind> {
    let all = [
        (NeedKind::Task, Permission::TasksAnswer),
        (NeedKind::FailedRun, Permission::TenantsRead),
        (NeedKind::DegradedDomain, Permission::TenantsRead),
        (NeedKind::StuckPortal, Permission::TenantsRead),
        (NeedKind::WebhookFailing, Permission::SettingsManageWebhooks),
        (NeedKind::WaitingLong, Permission::TenantsRead),
        (NeedKind::PausedSending, Permission::TenantsRead),
    ];
    all.into_iter().filter(|(_, needed)| may(caller, *needed)).map(|(kind, _)| kind).collect()
}

fn may(caller: &Caller, permission: Permission) -> bool {
    caller.principal.permissions.contains(&permission)
}
