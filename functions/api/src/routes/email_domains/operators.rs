//! What operators see of all tenants' domains.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::{Domain, EmailDomainId, TenantId};
use tenantry_store::{
    domains::{DomainFilter, domains},
    runs::{RunFilter, runs},
};
use utoipa::{IntoParams, ToSchema};

use super::{EmailDomain, in_this_edition, shape::EmailDomainStatus};
use crate::{
    auth::{May, needs},
    error::Result,
    list::{ForwardParams, List, Listing},
    state::ApiState,
    write::commit,
};

/// The kind of run that looks for domains that are nobody's, and the key of the one that does it daily.
const REPORT: (&str, &str) = ("orphan_report", "daily");

/// Which domains to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AllDomainsFilter {
    /// With this status.
    #[param(inline)]
    status: Option<EmailDomainStatus>,
    /// Of this name.
    #[param(value_type = Option<String>)]
    name: Option<Domain>,
    /// Of this tenant.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Those that are gone, too.
    gone: Option<bool>,
}

/// List all tenants' email domains, newest first
#[utoipa::path(get, path = "/v1/email-domains", tag = "Email domains", operation_id = "listAllEmailDomains",
    params(ForwardParams, AllDomainsFilter),
    responses(
        (status = 200, description = "The domains.", body = List<EmailDomain>),
        (status = 403, description = "`feature_not_available`."),
    ))]
pub(crate) async fn list_all_email_domains(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    listing: Listing<AllDomainsFilter>,
) -> Result<Json<List<EmailDomain>>> {
    caller.require_platform()?;
    in_this_edition(&state)?;
    let (filter, page) = listing.forward::<EmailDomainId>()?;
    let filter = DomainFilter {
        tenant: filter.tenant,
        status: filter.status.map(|status| status.as_str().to_owned()),
        name: filter.name.map(|name| name.to_string()),
        gone: filter.gone.unwrap_or_default(),
        before: page.after.map(|after| after.0),
        limit: page.rows(),
        ..DomainFilter::default()
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = domains(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| EmailDomainId(row.id), |row| EmailDomain::of(row, false))))
}

/// Domains in a provider's account that are nobody's.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Orphans {
    /// The provider; none: no report was made yet.
    provider: Option<String>,
    /// The domains.
    data: Vec<Orphan>,
    /// When the account was read (RFC 3339); none: no report was made yet.
    #[schema(format = DateTime)]
    looked_at: Option<String>,
    /// How to read this.
    detail: String,
}

/// A domain in a provider's account that is nobody's.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Orphan {
    /// Its id there.
    id: String,
    /// Its name.
    name: String,
}

/// List domains at the mail provider that are nobody's
///
/// The last daily report. Nothing is deleted by it.
#[utoipa::path(get, path = "/v1/email-domains/orphans", tag = "Email domains", operation_id = "listOrphanedEmailDomains",
    responses(
        (status = 200, description = "The report.", body = Orphans),
        (status = 403, description = "`feature_not_available`."),
    ))]
pub(crate) async fn list_orphans(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
) -> Result<Json<Orphans>> {
    caller.require_platform()?;
    in_this_edition(&state)?;
    let filter = RunFilter {
        kind: Some(REPORT.0.to_owned()),
        external_key: Some(REPORT.1.to_owned()),
        limit: 1,
        ..RunFilter::default()
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let run = runs(&mut tx, &filter).await?.pop();
    commit(tx).await?;
    Ok(Json(run.map_or_else(Orphans::none, |run| Orphans::of(&run.result))))
}

impl Orphans {
    fn none() -> Self {
        Self { detail: "No report was made yet; one is made every day.".to_owned(), ..Self::default() }
    }

    /// What the run of a report has brought.
    fn of(result: &Value) -> Self {
        let text = |name: &str| result[name].as_str().map(str::to_owned);
        let Some(provider) = text("provider") else { return Self::none() };
        let data: Vec<Orphan> = serde_json::from_value(result["orphans"].clone()).unwrap_or_default();
        let detail = if data.is_empty() {
            "Every domain in the account is a tenant's or the platform's."
        } else {
            "No tenant has these domains. Find out who made them, and delete at the provider what nobody needs."
        };
        Self { provider: Some(provider), data, looked_at: text("lookedAt"), detail: detail.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_shown_and_none_says_so() {
        let result = json!({ "provider": "p", "orphans": [{ "id": "d1", "name": "old.acme.com" }], "lookedAt": "2026-01-01T00:00:00Z" });
        let shown = json!(Orphans::of(&result));
        assert_eq!((&shown["data"], &shown["provider"]), (&result["orphans"], &result["provider"]));
        assert_eq!(shown["lookedAt"], result["lookedAt"]);
        // A run that has not read the account yet.
        for nothing in [json!({}), json!({ "provider": null, "orphans": [], "lookedAt": null })] {
            let shown = json!(Orphans::of(&nothing));
            assert_eq!((&shown["data"], &shown["lookedAt"]), (&json!([]), &Value::Null));
            assert!(shown["detail"].as_str().is_some_and(|words| words.starts_with("No report")), "{shown}");
        }
    }
}
