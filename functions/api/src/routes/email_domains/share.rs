//! A link for the person who manages the DNS.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_model::{EmailDomainId, RunId, TenantId};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{Which, in_this_edition};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Under, invalid_body},
    problem::{Code, FieldError, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Hours that a link is good where nobody says otherwise: a week.
const HOURS: i64 = 168;
const MOST_HOURS: i64 = 720;

/// A link to make.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedLink {
    /// For how many hours it is good.
    #[schema(minimum = 1, maximum = 720, default = 168)]
    hours: Option<i64>,
}

/// A link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainLink {
    /// Shows the domain's records and how they stand to whoever has it, and nothing else.
    url: String,
    /// Until when.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// Make a link for the person who manages the DNS
///
/// It opens one page, without a login: the records, and how they stand. Each request makes another one, also with the same
/// `Idempotency-Key`: a link is kept nowhere.
#[utoipa::path(post, path = "/v1/tenants/{id}/email-domains/{domain}/links", tag = "Email domains", operation_id = "createEmailDomainLink",
    params(("id" = String, Path, description = "The tenant."), ("domain" = String, Path, description = "The domain, by its id or its name.")),
    request_body(content = Option<WantedLink>),
    responses(
        (status = 201, description = "The link.", body = DomainLink),
        (status = 403, description = "`feature_not_available`."),
        (status = 409, description = "`not_configured`: no public address is configured; `run_ended`: the domain is removed."),
    ))]
pub(crate) async fn create_email_domain_link(
    May(caller, _): May<needs::SettingsManageEmail>,
    State(state): State<ApiState>,
    Under(id, which): Under<Which>,
    body: Body<WantedLink>,
) -> Result<Answer> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let hours = body.value.hours.unwrap_or(HOURS);
    if !(1..=MOST_HOURS).contains(&hours) {
        let error = FieldError::at("/hours", "invalid_value", "The hours must be between 1 and 720.");
        return Err(invalid_body(vec![error]).into());
    }
    if state.mail.public_url.is_none() {
        let detail = "Links cannot be made: the public address of this service is not configured (PUBLIC_URL).";
        return Err(Problem::new(Code::NotConfigured, detail).into());
    }
    retrying(|| make(&state, &caller, id, &which, hours)).await
}

async fn make(state: &ApiState, caller: &Caller, tenant: TenantId, which: &Which, hours: i64) -> Result<Answer> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = which.find(&mut tx, tenant).await?;
    if row.status == "deactivated" {
        return Err(Problem::new(Code::RunEnded, "The domain is removed; its page is not shown any more.").into());
    }
    // A link says its end in whole seconds.
    let expires_at = (now + Duration::hours(hours)).replace_nanosecond(0).unwrap_or(now);
    let subject = EmailDomainId(row.id).to_string();
    let mut line = caller.did(&actor, "email_domain.link", &subject);
    (line.tenant, line.run) = (Some(tenant), Some(RunId(row.id)));
    line.after = Some(json!({ "expiresAt": expires_at.format(&Rfc3339).ok() }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    let url = state.domains.links.url(RunId(row.id), expires_at);
    Ok(Answer::first(reply(StatusCode::CREATED, None, &DomainLink { url, expires_at })))
}
