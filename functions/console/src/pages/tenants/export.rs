//! Everything that is a tenant's own, as files.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, Method, header},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Tenant, show::titled};
use crate::{
    form::Sent,
    page::{Page, Refusal, see_other},
    parts::{List, Live, Seen, Tone, badge, csrf, empty, once, said, segment, when},
    state::Console,
    visit::Visit,
};

/// The piece that moves.
const PIECE: &str = "exports-part";

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(before): Query<Said>) -> Result<Page, Refusal> {
    let tenant: Tenant = visit.get(&format!("/v1/tenants/{}", segment(&id))).await?;
    let (moving, exports) = listed(&visit, &tenant).await?;
    let from = format!("/tenants/{}/exports/live", segment(&id));
    let body = html! {
        (said(before.said.as_deref()))
        p { "An export holds everything that is the tenant's own, as compressed lines of JSON, in parts. " code { "tenantry tenant export verify" } " reads it back, and compares counts and hashes. It is kept for 30 days." }
        form method="post" action={ "/tenants/" (segment(&id)) "/exports" } { (csrf(&visit.person)) (once()) button.main #new-export type="submit" { "Make an export" } }
        (Live::new(PIECE, &from).moving(moving).draw(&exports))
    };
    Ok(titled(&visit, &tenant, "Exports", &body))
}

pub(super) async fn live(visit: Visit, Path(id): Path<String>, Query(seen): Query<Seen>) -> Result<Response, Refusal> {
    let tenant: Tenant = visit.get(&format!("/v1/tenants/{}", segment(&id))).await?;
    let (moving, exports) = listed(&visit, &tenant).await?;
    let from = format!("/tenants/{}/exports/live", segment(&id));
    Ok(Live::new(PIECE, &from).moving(moving).answer(&seen, &exports))
}

pub(super) async fn begin(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let (id, visit) = (segment(&id), Visit::of(&console, sent.person));
    visit
        .ask()
        .post(&format!("/v1/tenants/{id}/exports"), &json!({}))
        .await
        .map_err(|trouble| visit.refused(trouble))?;
    Ok(see_other(&format!("/tenants/{id}/exports?said=begun")))
}

/// Whether one is being made, and the list.
async fn listed(visit: &Visit, tenant: &Tenant) -> Result<(bool, Markup), Refusal> {
    let id = segment(&tenant.id);
    let exports: List<Value> = visit.get(&format!("/v1/tenants/{id}/exports?limit=20")).await?;
    let being_made = |export: &Value| export["complete"] == false && is_new(text(export, "createdAt"), visit.now());
    let moving = exports.data.iter().any(being_made);
    let body = html! {
        @if exports.data.is_empty() { (empty("There is no export yet.", &html! {})) } @else {
            div.scroll tabindex="0" role="region" aria-label="Exports" { table #export-list {
                thead { tr { th scope="col" { "Made" } th scope="col" { "Status" } th.number scope="col" { "Rows" } th scope="col" { "Parts" } th scope="col" { "Kept until" } } }
                tbody { @for export in &exports.data { tr {
                    th scope="row" { (when(text(export, "createdAt"))) br; span.fine { "by " (text(export, "createdBy")) } }
                    td { @if export["complete"] == true { (badge(Tone::Good, "whole")) } @else if being_made(export) { (badge(Tone::Going, "being made")) } @else { (badge(Tone::Bad, "not finished")) } }
                    td.number { (export["rows"].as_i64().unwrap_or(0)) }
                    td { @for number in 1..=export["partCount"].as_u64().filter(|_| export["complete"] == true).unwrap_or(0) {
                        a href={ "/tenants/" (id) "/exports/" (segment(text(export, "id"))) "/parts/" (number) } download { "Part " (number) } " "
                    } }
                    td { @match export["expiresAt"].as_str() { Some(at) => (when(at)), None => "the tenant is gone, and 30 days more" } }
                } } }
            } }
        }
    };
    Ok((moving, body))
}

/// Whether it is worth waiting for one that began then and is not whole.
fn is_new(began: &str, now: OffsetDateTime) -> bool {
    OffsetDateTime::parse(began, &Rfc3339).is_ok_and(|began| now - began < Duration::hours(1))
}

pub(super) async fn part(
    visit: Visit,
    Path((id, export, part)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let path = format!("/v1/tenants/{}/exports/{}/parts/{}", segment(&id), segment(&export), segment(&part));
    let answer = visit.ask().send(Method::GET, &path, None, &[]).await.map_err(|trouble| visit.refused(trouble))?;
    let name = format!("attachment; filename=\"export-{}-{}.ndjson.gz\"", segment(&export), segment(&part));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/gzip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"))),
    ];
    Ok((headers, answer.bytes).into_response())
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}
