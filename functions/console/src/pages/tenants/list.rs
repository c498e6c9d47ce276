//! The list of tenants.

use axum::extract::Query;
use maud::html;
use serde::Deserialize;

use super::Tenant;
use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, List, empty, input, pager, segment, select, status, when},
    visit::Visit,
};

/// Which tenants.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    search: String,
    status: String,
    after: Option<String>,
}

const STATUSES: [(&str, &str); 6] = [
    ("", "Any"),
    ("provisioning", "Being onboarded"),
    ("active", "Active"),
    ("suspended", "Suspended"),
    ("offboarding", "Leaving"),
    ("offboarded", "Gone"),
];

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let filter = [("search", wanted.search.trim()), ("status", &*wanted.status)];
    let mut pairs: Vec<(&str, &str)> = filter.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    pairs.push(("limit", "50"));
    pairs.extend(wanted.after.as_deref().map(|after| ("after", after)));
    let tenants: List<Tenant> =
        visit.get(&format!("/v1/tenants?{}", serde_urlencoded::to_string(&pairs).unwrap_or_default())).await?;
    let body = html! {
        @if visit.person.is_operator() {
            div.row {
                a.button.main #new-tenant href="/tenants/new" { "Onboard a tenant" }
                a.button href="/tenants/import" { "Import a file" }
            }
        }
        form.filters method="get" action="/tenants" role="search" aria-label="Find tenants" {
            (input(&Field { name: "search", label: "Name", value: &wanted.search, kind: Some("search"), ..Field::default() }))
            (select(&Field { name: "status", label: "Status", value: &wanted.status, ..Field::default() }, &STATUSES))
            button type="submit" { "Find" }
        }
        @if tenants.data.is_empty() { (empty("No tenant is like that.", &html! {})) } @else {
            div.scroll tabindex="0" role="region" aria-label="Tenants" { table #tenants {
                thead { tr { th scope="col" { "Tenant" } th scope="col" { "Status" } th scope="col" { "Plan" } th scope="col" { "Contact" } th scope="col" { "Since" } } }
                tbody { @for tenant in &tenants.data { tr {
                    th scope="row" { a href={ "/tenants/" (segment(&tenant.id)) } { (tenant.name) } }
                    td { (status(&tenant.status)) }
                    td { (tenant.contract_line) }
                    td { (tenant.email.as_deref().unwrap_or("none any more")) }
                    td { (when(&tenant.created_at)) }
                } } }
            } }
            (pager(&tenants, "/tenants", &filter, wanted.after.as_deref()))
        }
    };
    Ok(visit.page(Place::Tenants, "Tenants", &body))
}
