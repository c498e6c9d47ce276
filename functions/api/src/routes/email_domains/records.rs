//! A domain's records, in the ways in which they are published.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tenantry_dns::{Wanted, dig, zone_file};
use tenantry_store::{Scope, domains::DomainRow};
use utoipa::{IntoParams, ToSchema};

use super::{EmailDomain, Which, in_this_edition, shape::wanted_of};
use crate::{
    auth::{May, needs},
    error::Result,
    extract::{Query, Under},
    routes::look::DomainRecord,
    state::ApiState,
    write::commit,
};

/// How records are written.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecordsFormat {
    /// As in the domain.
    #[default]
    Json,
    /// As a zone file (RFC 1035 section 5).
    Bind,
    /// As lines that ask for them.
    Dig,
}

/// How to write them.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordsParams {
    /// `json` is usual; `bind` and `dig` are plain text.
    #[param(inline)]
    format: Option<RecordsFormat>,
}

/// The records of a domain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DomainRecords {
    /// The records.
    data: Vec<DomainRecord>,
}

/// List the DNS records of an email domain
#[utoipa::path(get, path = "/v1/tenants/{id}/email-domains/{domain}/records", tag = "Email domains", operation_id = "listEmailDomainRecords",
    params(("id" = String, Path, description = "The tenant."), ("domain" = String, Path, description = "The domain, by its id or its name."), RecordsParams),
    responses(
        (status = 200, description = "The records.", content((DomainRecords = "application/json"), (String = "text/plain"))),
        (status = 403, description = "`feature_not_available`."),
    ))]
pub(crate) async fn list_email_domain_records(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Under(id, which): Under<Which>,
    Query(params): Query<RecordsParams>,
) -> Result<Response> {
    caller.tenant_or_own(Some(id))?;
    in_this_edition(&state)?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = which.find(&mut tx, id).await?;
    commit(tx).await?;
    Ok(match params.format.unwrap_or_default() {
        RecordsFormat::Json => {
            Json(DomainRecords { data: EmailDomain::of(row, caller.scope() != Scope::Platform).records })
                .into_response()
        }
        RecordsFormat::Bind => plain(as_zone_file(&row)),
        RecordsFormat::Dig => plain(as_dig(&row)),
    })
}

/// The records as a zone file, relative to the zone where it is known.
pub(crate) fn as_zone_file(row: &DomainRow) -> String {
    let zone = row.report.as_ref().and_then(|report| report["zone"].as_str());
    zone_file(zone, &wanted_of(row.wanted.clone()))
}

/// A line for each record, that asks for it.
pub(crate) fn as_dig(row: &DomainRow) -> String {
    let lines = |wanted: Vec<Wanted>| wanted.iter().map(|one| dig(one, None) + "\n").collect();
    lines(wanted_of(row.wanted.clone()))
}

fn plain(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}
