//! The list of runs.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;

use super::{KINDS, Run, kind_words};
use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, List, empty, input, pager, said, segment, select, status, when},
    visit::Visit,
};

/// Which runs.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Wanted {
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) state: String,
    pub(super) error_class: String,
    pub(super) entity: String,
    pub(super) tenant: String,
    pub(super) paused: String,
    after: Option<String>,
    said: Option<String>,
}

impl Wanted {
    /// The filter as a query, without what is not filtered by.
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("kind", &self.kind),
            ("status", &self.status),
            ("state", &self.state),
            ("errorClass", &self.error_class),
            ("entity", &self.entity),
            ("tenant", &self.tenant),
            ("paused", &self.paused),
        ];
        all.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty()).collect()
    }
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let mut pairs = wanted.pairs();
    pairs.push(("limit", "50"));
    pairs.extend(wanted.after.as_deref().map(|after| ("after", after)));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    let runs: List<Run> = visit.get(&format!("/v1/runs?{query}")).await?;
    let filter = wanted.pairs();
    let bulk = serde_urlencoded::to_string(&filter).unwrap_or_default();
    let body = html! {
        (said(wanted.said.as_deref()))
        p.fine { "What takes longer than a moment is a run. Messages are runs too, and have " a href="/messages" { "a list of their own" } "." }
        (filters(&wanted, visit.person.is_operator()))
        @if runs.data.is_empty() {
            (empty("No run is like that.", &html! { @if !filter.is_empty() { a href="/runs" { "Show all runs" } } }))
        } @else {
            (table(&runs.data))
            (pager(&runs, "/runs", &filter, wanted.after.as_deref()))
            @if visit.person.may(tenantry_model::Permission::RunsManage) && !filter.is_empty() {
                p { a.button href={ "/runs/bulk?" (bulk) } { "Do something with all of these" } }
            }
        }
    };
    Ok(visit.page(Place::Runs, "Runs", &body))
}

fn filters(wanted: &Wanted, operator: bool) -> Markup {
    let kinds: Vec<(String, String)> = KINDS.iter().map(|kind| ((*kind).to_owned(), kind_words(kind))).collect();
    let kinds: Vec<(&str, &str)> =
        [("", "Any")].into_iter().chain(kinds.iter().map(|(kind, words)| (&**kind, &**words))).collect();
    let statuses = [
        ("", "Any"),
        ("running", "Running"),
        ("waiting", "Waits for a person"),
        ("completed", "Completed"),
        ("failed", "Failed"),
        ("rolled_back", "Rolled back"),
        ("cancelled", "Cancelled"),
    ];
    html! {
        form.filters method="get" action="/runs" role="search" aria-label="Find runs" {
            (input(&Field { name: "entity", label: "About", value: &wanted.entity, kind: Some("search"), example: Some("mail.acme.com"), ..Field::default() }))
            (select(&Field { name: "kind", label: "Kind", value: &wanted.kind, ..Field::default() }, &kinds))
            (select(&Field { name: "status", label: "Status", value: &wanted.status, ..Field::default() }, &statuses))
            (input(&Field { name: "state", label: "State", value: &wanted.state, ..Field::default() }))
            (input(&Field { name: "errorClass", label: "Error class", value: &wanted.error_class, example: Some("DatabaseError"), ..Field::default() }))
            @if operator { (input(&Field { name: "tenant", label: "Tenant's id", value: &wanted.tenant, example: Some("ten_…"), ..Field::default() })) }
            (select(&Field { name: "paused", label: "Paused", value: &wanted.paused, ..Field::default() }, &[("", "Either"), ("true", "Paused"), ("false", "Not paused")]))
            button type="submit" { "Find" }
        }
    }
}

/// A table of runs.
pub(crate) fn table(runs: &[Run]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Runs" { table #runs {
            thead { tr { th scope="col" { "Run" } th scope="col" { "About" } th scope="col" { "Status" } th scope="col" { "Step" } th scope="col" { "Began" } th scope="col" { "Changed" } } }
            tbody { @for run in runs { tr {
                th scope="row" { a href={ "/runs/" (segment(&run.id)) } { (kind_words(&run.kind)) } }
                td { (run.entity.as_deref().or(run.tenant_id.as_deref()).unwrap_or("the platform")) }
                td { (status(run.shown())) }
                td { (run.step.replace('_', " ")) @if let Some(error) = &run.error { br; span.fine { (error.class) } } }
                td { (when(&run.started_at)) }
                td { (when(&run.updated_at)) }
            } } }
        } }
    }
}
