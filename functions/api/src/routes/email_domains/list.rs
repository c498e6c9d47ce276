//! A tenant's domains: list and show.

use axum::{Json, extract::State};
use serde::Deserialize;
use tenantry_model::{EmailDomainId, TenantId};
use tenantry_store::{
    Scope,
    domains::{DomainFilter, domains},
    mail::has_tenant,
};
use utoipa::IntoParams;

use super::{EmailDomain, Which, in_this_edition, shape::EmailDomainStatus};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::{Id, Under},
    list::{ForwardParams, List, Listing},
    state::ApiState,
    write::commit,
};

/// Which domains to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DomainsFilter {
    /// With this status.
    #[param(inline)]
    status: Option<EmailDomainStatus>,
    /// Those that are gone, too.
    gone: Option<bool>,
}

/// List a tenant's email domains, newest first
#[utoipa::path(get, path = "/v1/tenants/{id}/email-domains", tag = "Email domains", operation_id = "listEmailDomains",
    params(("id" = String, Path, description = "The tenant."), ForwardParams, DomainsFilter),
    responses(
        (status = 200, description = "The domains.", body = List<EmailDomain>),
        (status = 403, description = "`feature_not_available`."),
    ))]
pub(crate) async fn list_email_domains(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
    listing: Listing<DomainsFilter>,
) -> Result<Json<List<EmailDomain>>> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let (filter, page) = listing.forward::<EmailDomainId>()?;
    let filter = DomainFilter {
        tenant: Some(id),
        status: filter.status.map(|status| status.as_str().to_owned()),
        gone: filter.gone.unwrap_or_default(),
        before: page.after.map(|after| after.0),
        limit: page.rows(),
        ..DomainFilter::default()
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    has_tenant(&mut tx, id).await?;
    let rows = domains(&mut tx, &filter).await?;
    commit(tx).await?;
    let for_tenant = caller.scope() != Scope::Platform;
    Ok(Json(page.list(rows, |row| EmailDomainId(row.id), |row| EmailDomain::of(row, for_tenant))))
}

/// Show an email domain
///
/// With every record, what was seen of it, and what to do.
#[utoipa::path(get, path = "/v1/tenants/{id}/email-domains/{domain}", tag = "Email domains", operation_id = "getEmailDomain",
    params(("id" = String, Path, description = "The tenant."), ("domain" = String, Path, description = "The domain, by its id or its name.")),
    responses(
        (status = 200, description = "The domain.", body = EmailDomain),
        (status = 403, description = "`feature_not_available`."),
    ))]
pub(crate) async fn get_email_domain(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Under(id, which): Under<Which>,
) -> Result<Json<EmailDomain>> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = which.find(&mut tx, id).await?;
    commit(tx).await?;
    Ok(Json(EmailDomain::of(row, caller.scope() != Scope::Platform)))
}
