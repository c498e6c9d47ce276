//! A tenant sets a hostname.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::{Domain, RunId, TenantId};
use tenantry_store::{
    Scope, StoreError, Tx,
    portal::{Added, NewPortal, add_portal, one_at_a_time},
    runs::{Hint, run, signal},
    tenancy::{TenantRow, tenant},
};
use tenantry_workflows::portal_domain::{Data, Event};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    in_this_edition,
    place::{Hostnames, Stand, stand},
    portal::{Portal, kept},
    turn::{OVER, leaving},
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::{Result, sentence},
    extract::{Body, Id, invalid_body},
    idempotency::Once,
    problem::{Code, FieldError, Problem},
    random::token_and_jitter,
    routes::life::tell,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// A hostname to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedPortal {
    /// A name of a domain that the tenant owns, in A-labels or in the letters of its language.
    #[schema(example = "portal.yourcompany.com")]
    domain: String,
}

/// Set the hostname of a tenant's portal
///
/// Set again, nothing new happens. Another one goes on its way while the present one serves, and takes its place when it is live;
/// setting the present one again goes back to it. A hostname that is down comes back.
#[utoipa::path(put, path = "/v1/tenants/{id}/portal-domain", tag = "Portals", operation_id = "setPortalDomain",
    params(("id" = String, Path, description = "The tenant.")), request_body = WantedPortal,
    responses(
        (status = 200, description = "It is so already.", body = Portal),
        (status = 202, description = "It is on its way.", body = Portal),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`signal_refused`: it is being taken down, or brought back, at this moment; again in a minute. `not_configured`: the tenant is not set up yet."),
        (status = 422, description = "`invalid_body`: with a code of its own in `errors` for every reason why a name cannot be set."),
    ))]
pub(crate) async fn set_portal_domain(
    May(caller, _): May<needs::SettingsManagePortal>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    body: Body<WantedPortal>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let name = state
        .portal
        .rules()
        .to_portal(&body.value.domain)
        .map_err(|why| invalid_body(vec![FieldError::at("/domain", why.code(), sentence(&why.to_string()))]))?;
    retrying(|| set(&state, &caller, id, &name.host, &body.once)).await
}

/// What setting a hostname means for those that there are.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    way: Way,
    /// Those that it takes the place of at once, since they do not serve.
    over: Vec<RunId>,
}

#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// It serves, or is on its way.
    Stays,
    /// It is down, and comes back.
    Back(RunId),
    /// It is not there yet.
    New,
}

/// What setting a hostname means.
///
/// # Errors
/// It, or another one, is on a way of which nobody knows yet where it ends.
fn plan(rows: &Hostnames, domain: &Domain) -> Result<Plan, Problem> {
    let target = rows.named(domain);
    let way = match target.map(|row| (stand(row), row.id)) {
        Some((Stand::Leaving, _)) => return Err(leaving(domain.as_str())),
        Some((Stand::Wanted | Stand::Returning, _)) => Way::Stays,
        Some((Stand::Down, id)) => Way::Back(RunId(id)),
        None => Way::New,
    };
    let mut over = Vec::new();
    for row in rows.0.iter().filter(|row| row.domain != domain.as_str()) {
        match stand(row) {
            Stand::Returning => {
                let detail = format!("{} is being brought back at this moment. Try again in a minute.", row.domain);
                return Err(Problem::new(Code::SignalRefused, detail).after(60));
            }
            // The one that serves goes on until the other one is live.
            Stand::Wanted if row.active => {}
            Stand::Wanted => over.push(RunId(row.id)),
            // They do not come back, so they need not be kept.
            Stand::Leaving | Stand::Down if way != Way::Stays && row.state != "closing" => over.push(RunId(row.id)),
            Stand::Leaving | Stand::Down => {}
        }
    }
    Ok(Plan { way, over })
}

async fn set(state: &ApiState, caller: &Caller, id: TenantId, domain: &Domain, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let for_tenant = scope != Scope::Platform;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let tenant = tenant(&mut tx, id).await?;
    let canonical = may_set(&tenant)?;
    // Two at the same moment would both be on their way.
    one_at_a_time(&mut tx, id).await?;
    let rows = Hostnames::of(&mut tx, id).await?;
    let Plan { way, over } = plan(&rows, domain)?;
    if way == Way::Stays && over.is_empty() {
        let reply = reply(StatusCode::OK, None, &Portal::of(state, Some(canonical), &rows, for_tenant));
        once.keep(&mut tx, scope, &reply, timing.now).await?;
        commit(tx).await?;
        return Ok(Answer::first(reply));
    }
    let before = kept(&rows);
    let mut hints = Vec::new();
    for life in &over {
        hints.extend(superseded(state, &mut tx, *life, domain).await?);
    }
    let life = match way {
        Way::Stays => rows.named(domain).map(|row| RunId(row.id)),
        Way::Back(life) => {
            hints.extend(tell(&mut tx, life, "refresh", &actor, OVER, timing).await?.hints);
            Some(life)
        }
        Way::New => {
            let (life, first) = begin(state, caller, &mut tx, id, domain).await?;
            hints.extend(first);
            Some(life)
        }
    };
    let rows = Hostnames::of(&mut tx, id).await?;
    let reply = reply(StatusCode::ACCEPTED, None, &Portal::of(state, Some(canonical), &rows, for_tenant));
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    let subject = life.map_or_else(|| id.to_string(), |life| life.to_string());
    let mut line = caller.did(&actor, "portal_domain.set", &subject);
    (line.tenant, line.run) = (Some(id), life);
    (line.before, line.after) = (Some(before), Some(kept(&rows)));
    audit(&mut tx, caller, line, timing.now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// The canonical host of a tenant that may set a hostname.
fn may_set(tenant: &TenantRow) -> Result<String, Problem> {
    let shut = match tenant.status.as_str() {
        "suspended" => Some((Code::TenantSuspended, "The tenant is suspended; its portal stays as it is.")),
        "offboarding" | "offboarded" => {
            Some((Code::TenantOffboarding, "The tenant is leaving; it cannot have another hostname."))
        }
        _ => None,
    };
    if let Some((code, detail)) = shut {
        return Err(Problem::new(code, detail));
    }
    tenant.portal_host.clone().ok_or_else(|| {
        let detail =
            "The tenant is not set up yet, so there is no host that a CNAME could lead to. Try again when it is.";
        Problem::new(Code::NotConfigured, detail)
    })
}

/// Another hostname takes the place of one that does not serve.
async fn superseded(state: &ApiState, tx: &mut Tx, life: RunId, by: &Domain) -> Result<Vec<Hint>> {
    let before = run(tx, life).await?;
    if before.ended_at.is_some() {
        return Ok(Vec::new());
    }
    // A name and its letters: this cannot fail.
    let event = json!(Event::Superseded { by: by.clone() });
    Ok(signal(tx, &before, event, Uuid::now_v7().to_string(), state.db.timing()).await?)
}

async fn begin(
    state: &ApiState,
    caller: &Caller,
    tx: &mut Tx,
    tenant: TenantId,
    domain: &Domain,
) -> Result<(RunId, Vec<Hint>)> {
    let (token, jitter) = token_and_jitter()?;
    let new = NewPortal {
        data: Data::new(tenant, domain.clone(), jitter).confirmed_after(state.portal.confirm),
        token,
        by: caller.actor(),
        trace: Some(caller.call.trace.to_string()),
    };
    match add_portal(tx, &new, state.db.timing()).await? {
        Added::New(life, hints) => Ok((life, hints)),
        Added::Existing(_) => Err(StoreError::Changed.into()),
    }
}

#[cfg(test)]
mod tests;
