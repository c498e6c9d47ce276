//! A hostname is looked at now, tried again, or removed.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::{Domain, RunId, TenantId};
use tenantry_store::{
    Scope, Tx,
    portal::{PortalRow, one_at_a_time},
    tenancy::tenant,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    in_this_edition,
    place::{Hostnames, Stand, stand},
    portal::{Portal, kept},
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id, Query},
    idempotency::Once,
    problem::{Code, Problem},
    routes::life::tell,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// What is said of a hostname whose life has ended.
pub(super) const OVER: &str = "The hostname is over. Set it again to use it again.";

/// Which hostname is meant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WhichHostname {
    /// This one; usually both, where one is on its way while the other serves.
    #[schema(value_type = Option<String>)]
    domain: Option<Domain>,
}

/// Which hostname is to be removed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RemovedHostname {
    /// This one; needed where one is on its way while another serves.
    #[param(value_type = Option<String>)]
    domain: Option<Domain>,
}

/// What is wished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Refresh,
    Retry,
    Remove,
}

impl Turn {
    /// The signal, and the name in the audit log.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Refresh => ("refresh", "portal_domain.refresh"),
            Self::Retry => ("retry", "portal_domain.retry"),
            Self::Remove => ("remove", "portal_domain.remove"),
        }
    }
}

/// Look at the hostname of a portal now
///
/// From every state: what is waited for is looked for again, and one that is down comes back. One that is being taken down stays as it
/// is. What was found is in the portal a little later.
#[utoipa::path(post, path = "/v1/tenants/{id}/portal-domain/refresh", tag = "Portals", operation_id = "refreshPortalDomain",
    params(("id" = String, Path, description = "The tenant.")), request_body(content = Option<WhichHostname>),
    responses(
        (status = 202, description = "The portal.", body = Portal),
        (status = 403, description = "`feature_not_available`."),
    ))]
pub(crate) async fn refresh_portal_domain(
    May(caller, _): May<needs::SettingsManagePortal>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WhichHostname>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    retrying(|| turn(&state, &caller, id, body.value.domain.as_ref(), Turn::Refresh, Some(&body.once))).await
}

/// Try once more what has failed with the hostname of a portal
///
/// After `dns_failed` the records are looked for again; after `certificate_failed` another certificate is ordered.
#[utoipa::path(post, path = "/v1/tenants/{id}/portal-domain/retry", tag = "Portals", operation_id = "retryPortalDomain",
    params(("id" = String, Path, description = "The tenant.")), request_body(content = Option<WhichHostname>),
    responses(
        (status = 202, description = "The portal.", body = Portal),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`signal_refused`: it is being taken down."),
    ))]
pub(crate) async fn retry_portal_domain(
    May(caller, _): May<needs::SettingsManagePortal>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WhichHostname>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    retrying(|| turn(&state, &caller, id, body.value.domain.as_ref(), Turn::Retry, Some(&body.once))).await
}

/// Remove the hostname of a portal
///
/// It is taken down in a minute or two; the portal goes on answering at its canonical host. Said again, it is as it was.
#[utoipa::path(delete, path = "/v1/tenants/{id}/portal-domain", tag = "Portals", operation_id = "removePortalDomain",
    params(("id" = String, Path, description = "The tenant."), RemovedHostname),
    responses(
        (status = 202, description = "The portal.", body = Portal),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`hostname_not_named`: there are two; `signal_refused`: it is being brought back at this moment."),
    ))]
pub(crate) async fn remove_portal_domain(
    May(caller, _): May<needs::SettingsManagePortal>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    Query(which): Query<RemovedHostname>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    retrying(|| turn(&state, &caller, id, which.domain.as_ref(), Turn::Remove, None)).await
}

async fn turn(
    state: &ApiState,
    caller: &Caller,
    id: TenantId,
    domain: Option<&Domain>,
    turn: Turn,
    once: Option<&Once>,
) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(once) = once
        && let Some(kept) = once.begin(&mut tx, scope).await?
    {
        return Ok(Answer::again(kept));
    }
    let canonical = tenant(&mut tx, id).await?.portal_host;
    one_at_a_time(&mut tx, id).await?;
    let rows = Hostnames::of(&mut tx, id).await?;
    let lives = lives(&rows.meant(domain)?, turn)?;
    let before = kept(&rows);
    let (signal, action) = turn.names();
    let mut hints = Vec::new();
    for life in &lives {
        hints.extend(tell(&mut tx, *life, signal, &actor, OVER, timing).await?.hints);
    }
    let rows = Hostnames::of(&mut tx, id).await?;
    let shown = Portal::of(state, canonical, &rows, scope != Scope::Platform);
    let reply = reply(StatusCode::ACCEPTED, None, &shown);
    if let Some(once) = once {
        once.keep(&mut tx, scope, &reply, timing.now).await?;
    }
    if let Some(life) = lives.first() {
        noted(&mut tx, caller, id, (action, *life), before, kept(&rows), timing.now).await?;
    }
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

async fn noted(
    tx: &mut Tx,
    caller: &Caller,
    tenant: TenantId,
    (action, life): (&str, RunId),
    before: serde_json::Value,
    after: serde_json::Value,
    now: time::OffsetDateTime,
) -> Result<()> {
    let (actor, subject) = (caller.actor(), life.to_string());
    let mut line = caller.did(&actor, action, &subject);
    (line.tenant, line.run) = (Some(tenant), Some(life));
    (line.before, line.after) = (Some(before), Some(after));
    audit(tx, caller, line, now).await
}

/// Whom to tell.
fn lives(meant: &[&PortalRow], turn: Turn) -> Result<Vec<RunId>, Problem> {
    let mut lives = Vec::new();
    for row in meant {
        match (stand(row), turn) {
            (Stand::Wanted, _) | (Stand::Down, Turn::Refresh | Turn::Retry) => lives.push(RunId(row.id)),
            // As it was: it is down, or about to be; or it is looked at anyway.
            (Stand::Down | Stand::Leaving, Turn::Remove)
            | (Stand::Leaving, Turn::Refresh)
            | (Stand::Returning, Turn::Refresh | Turn::Retry) => {}
            (Stand::Leaving, Turn::Retry) => return Err(leaving(&row.domain)),
            (Stand::Returning, Turn::Remove) => {
                let detail = format!("{} is being brought back at this moment. Try again in a minute.", row.domain);
                return Err(Problem::new(Code::SignalRefused, detail).after(60));
            }
        }
    }
    if turn == Turn::Remove && lives.len() > 1 {
        let names = json!(meant.iter().map(|row| &row.domain).collect::<Vec<_>>());
        let detail = format!(
            "There are two hostnames, {names}: one is on its way while the other serves. Say which one goes, with ?domain=."
        );
        return Err(Problem::new(Code::HostnameNotNamed, detail));
    }
    Ok(lives)
}

/// It is being taken down.
pub(super) fn leaving(domain: &str) -> Problem {
    let detail = format!("{domain} is being taken down at this moment. Try again in a minute.");
    Problem::new(Code::SignalRefused, detail).after(60)
}
