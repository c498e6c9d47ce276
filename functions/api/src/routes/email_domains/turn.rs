//! A domain is looked at now, or removed.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use tenantry_model::{EmailDomainId, RunId, TenantId};
use tenantry_store::{
    Scope, Tx,
    domains::{DomainRow, domain},
    platform::Reply,
};
use utoipa::ToSchema;

use super::{EmailDomain, Which, in_this_edition, tell::tell};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Under},
    idempotency::Once,
    routes::{life::Told, signals::shown},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Why a domain is to be looked at.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct WantedLook {
    /// The records are in place.
    #[serde(default)]
    dns_configured: bool,
}

/// Look at an email domain now
///
/// The looks at records that are not there yet come faster again. What was found is in the domain a little later.
#[utoipa::path(post, path = "/v1/tenants/{id}/email-domains/{domain}/check", tag = "Email domains", operation_id = "checkEmailDomain",
    params(("id" = String, Path, description = "The tenant."), ("domain" = String, Path, description = "The domain, by its id or its name.")),
    request_body(content = Option<WantedLook>),
    responses(
        (status = 202, description = "The domain.", body = EmailDomain),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`signal_refused`: it is being removed; `run_ended`: it is gone."),
    ))]
pub(crate) async fn check_email_domain(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Under(id, which): Under<Which>,
    body: Body<WantedLook>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let signal = if body.value.dns_configured { "dnsConfigured" } else { "refreshStatus" };
    retrying(|| turn(&state, &caller, id, &which, signal, Some(&body.once))).await
}

/// Remove an email domain
///
/// New mail leaves by the platform's domain at once; what was accepted already may still leave, for a quarter of an hour at most.
/// Said again, it is as it was.
#[utoipa::path(delete, path = "/v1/tenants/{id}/email-domains/{domain}", tag = "Email domains", operation_id = "removeEmailDomain",
    params(("id" = String, Path, description = "The tenant."), ("domain" = String, Path, description = "The domain, by its id or its name.")),
    responses(
        (status = 202, description = "The domain.", body = EmailDomain),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`signal_refused`: its life cannot hear it now."),
    ))]
pub(crate) async fn remove_email_domain(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Under(id, which): Under<Which>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    retrying(|| turn(&state, &caller, id, &which, "remove", None)).await
}

async fn turn(
    state: &ApiState,
    caller: &Caller,
    tenant: TenantId,
    which: &Which,
    signal: &str,
    once: Option<&Once>,
) -> Result<Answer> {
    let scope = caller.scope();
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(once) = once
        && let Some(kept) = once.begin(&mut tx, scope).await?
    {
        return Ok(Answer::again(kept));
    }
    let row = which.find(&mut tx, tenant).await?;
    if row.released_at.is_some() && signal == "remove" {
        return Ok(Answer::first(answered(row, scope)));
    }
    let told = tell(&mut tx, RunId(row.id), signal, &caller.actor(), state.db.timing()).await?;
    heard(state, caller, tx, told, signal, once).await
}

/// What follows when a domain's life has heard something: the answer, the audit line, and the hints.
pub(super) async fn heard(
    state: &ApiState,
    caller: &Caller,
    mut tx: Tx,
    told: Told,
    signal: &str,
    once: Option<&Once>,
) -> Result<Answer> {
    let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
    let id = told.before.id;
    let reply = answered(domain(&mut tx, id).await?, scope);
    if let Some(once) = once {
        once.keep(&mut tx, scope, &reply, now).await?;
    }
    let subject = EmailDomainId(id.0).to_string();
    let action = if signal == "remove" { "email_domain.remove" } else { "email_domain.check" };
    let mut line = caller.did(&actor, action, &subject);
    (line.tenant, line.run) = (told.before.tenant, Some(id));
    line.before = Some(shown(&told.before));
    line.after =
        Some(serde_json::json!({ "signal": signal, "status": reply.body["status"], "step": reply.body["step"] }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(told.hints).await;
    Ok(Answer::first(reply))
}

/// 202 with a domain.
pub(super) fn answered(row: DomainRow, scope: Scope) -> Reply {
    let (tenant, id) = (TenantId(row.tenant_id), EmailDomainId(row.id));
    let location = format!("/v1/tenants/{tenant}/email-domains/{id}");
    reply(StatusCode::ACCEPTED, Some(location), &EmailDomain::of(row, scope != Scope::Platform))
}
