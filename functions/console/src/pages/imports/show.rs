//! One import: how far it is, and what became of each line.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::Import;
use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, List, Live, Seen, csrf, empty, pager, segment, select, status},
    person::Person,
    picture::meter,
    visit::Visit,
};

/// The piece that moves.
const PIECE: &str = "import-part";

/// Which lines.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    status: String,
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    line: u32,
    tenant_name: Option<String>,
    status: String,
    run_id: Option<String>,
    tenant_id: Option<String>,
    error: Option<String>,
}

const STATUSES: [(&str, &str); 8] = [
    ("", "Any"),
    ("waiting", "Waiting"),
    ("running", "Being onboarded"),
    ("succeeded", "Onboarded"),
    ("failed", "Failed"),
    ("invalid", "Cannot be used"),
    ("duplicate", "There already"),
    ("cancelled", "Called off"),
];

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let (moves, part) = moving(&visit, &id).await?;
    let from = format!("/imports/{}/live", segment(&id));
    let part = Live::new(PIECE, &from).moving(moves).draw(&part);
    let mut pairs = vec![("limit", "100")];
    if !wanted.status.is_empty() {
        pairs.push(("status", &wanted.status));
    }
    pairs.extend(wanted.after.as_deref().map(|after| ("after", after)));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    let rows: List<Row> = visit.get(&format!("/v1/tenant-imports/{}/rows?{query}", segment(&id))).await?;
    let body = html! { (part) (lines(&rows, &id, &wanted)) };
    Ok(visit.page(Place::Tenants, "Import of tenants", &body))
}

pub(super) async fn live(visit: Visit, Path(id): Path<String>, Query(seen): Query<Seen>) -> Result<Response, Refusal> {
    let (moves, part) = moving(&visit, &id).await?;
    let from = format!("/imports/{}/live", segment(&id));
    Ok(Live::new(PIECE, &from).moving(moves).answer(&seen, &part))
}

/// Whether it goes on, and how far it is.
async fn moving(visit: &Visit, id: &str) -> Result<(bool, Markup), Refusal> {
    let id = segment(id);
    let import: Import = visit.get(&format!("/v1/tenant-imports/{id}")).await?;
    let body = html! {
        div.card {
            p { span #import-status { (status(import.run.shown())) } }
            (meter("Lines that are done", f64::from(import.run.progress) / 100.0))
            div.tiles {
                @for (count, words) in [(import.total, "lines"), (import.waiting, "waiting"), (import.running, "being onboarded"), (import.succeeded, "onboarded"), (import.failed, "failed"), (import.invalid, "cannot be used"), (import.duplicate, "there already"), (import.cancelled, "called off")] {
                    div.tile { span.big { (count) } span.what { (words) } }
                }
            }
            (wishes(&visit.person, &import, &id))
        }
    };
    Ok((import.run.moves(), body))
}

fn wishes(person: &Person, import: &Import, id: &str) -> Markup {
    let post = |what: &str, words: &str| html! { form method="post" action={ "/runs/" (id) "/" (what) } { (csrf(person)) button type="submit" { (words) } } };
    html! {
        div.row {
            a.button href={ "/runs/" (id) } { "Its run" }
            @if !import.run.has_ended() {
                @if import.run.paused_at.is_some() { (post("resume", "Resume")) } @else { (post("pause", "Pause")) }
                a.button href={ "/runs/" (id) "/cancel" } { "Cancel …" }
            }
        }
    }
}

fn lines(rows: &List<Row>, id: &str, wanted: &Wanted) -> Markup {
    html! {
        h2 { "Lines" }
        form.filters method="get" action={ "/imports/" (segment(id)) } aria-label="Find lines" {
            (select(&Field { name: "status", label: "Status", value: &wanted.status, ..Field::default() }, &STATUSES))
            button type="submit" { "Find" }
        }
        @if rows.data.is_empty() { (empty("No line is like that.", &html! {})) } @else {
            div.scroll tabindex="0" role="region" aria-label="Lines of the file" { table #import-rows {
                thead { tr { th.number scope="col" { "Line" } th scope="col" { "Tenant" } th scope="col" { "Status" } th scope="col" { "What happened" } } }
                tbody { @for row in &rows.data { tr {
                    td.number { (row.line) }
                    td { @match (&row.tenant_id, row.status.as_str()) {
                        (Some(tenant), "succeeded") => a href={ "/tenants/" (segment(tenant)) } { (row.tenant_name.as_deref().unwrap_or("the tenant")) },
                        _ => (row.tenant_name.as_deref().unwrap_or("")),
                    } }
                    td { (status(&row.status)) }
                    td { (row.error.as_deref().unwrap_or("")) @if let Some(run) = &row.run_id { " " a href={ "/runs/" (segment(run)) } { "Its onboarding" } } }
                } } }
            } }
            (pager(rows, &format!("/imports/{}", segment(id)), &[("status", &wanted.status)], wanted.after.as_deref()))
        }
    }
}
