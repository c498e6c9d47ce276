//! A file is looked through first, and then begun.

use axum::{
    extract::{Query, State},
    http::Method,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::Import;
use crate::{
    ask::fresh_key,
    form::{Fields, Sent},
    page::{Page, Place, Refusal, see_other},
    parts::{Field, List, csrf, once, segment, select, status, trouble_card, when},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

const FORMATS: [(&str, &str); 2] =
    [("text/csv", "CSV, with a first row of names"), ("application/x-ndjson", "NDJSON, a tenant a line")];

/// Which page of earlier imports.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    after: Option<String>,
}

pub(super) async fn form(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let after = wanted.after.as_deref().map(|after| format!("&after={}", segment(after))).unwrap_or_default();
    let before: List<Import> = visit.get(&format!("/v1/tenant-imports?limit=20{after}")).await?;
    let body = html! { (drawn(&visit.person, &Fields::default(), None, None)) (earlier(&before.data)) };
    Ok(visit.page(Place::Tenants, "Import tenants", &body))
}

pub(super) async fn begin(State(console): State<Console>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let format = if fields.text("format") == "application/x-ndjson" { "application/x-ndjson" } else { "text/csv" };
    let look = !fields.on("sure");
    let path = if look { "/v1/tenant-imports?dryRun=true" } else { "/v1/tenant-imports" };
    // To look is another wish than to begin, by the same form.
    let key = visit.person.came.once.clone().filter(|_| !look).or_else(fresh_key);
    let key = key.ok_or_else(|| visit.refused(Trouble::ours("No random number could be had.")))?;
    let file = (format, fields.text("file").as_bytes().to_vec());
    match visit.ask().send_bytes(Method::POST, path, Some(file), &[("idempotency-key", &key)]).await {
        Ok(answer) if look => {
            let body = drawn(&visit.person, &fields, None, Some(&answer.json()));
            Ok(visit.page(Place::Tenants, "Import tenants", &body).into_response())
        }
        Ok(answer) => Ok(see_other(&format!("/imports/{}", segment(answer.json()["id"].as_str().unwrap_or_default())))),
        Err(trouble) if trouble.is_about_the_form() => {
            let body = drawn(&visit.person, &fields, Some(&trouble), None);
            Ok(visit.page(Place::Tenants, "Import tenants", &body).with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

fn drawn(person: &Person, fields: &Fields, trouble: Option<&Trouble>, found: Option<&Value>) -> Markup {
    html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        @if let Some(found) = found { (looked(found)) }
        form.card #import method="post" action="/tenants/import" {
            (csrf(person)) (once())
            (select(&Field { name: "format", label: "Format", value: fields.text("format"), required: true, ..Field::default() }, &FORMATS))
            div.field {
                label for="import-pick" { "A file" span.optional { " or paste its lines below" } }
                input #import-pick type="file" accept=".csv,.ndjson,.jsonl,text/csv" data-into="import-file";
                p.help { "Columns of a CSV file: " code { "tenantName,firstName,lastName,email,companyName,contractLine,externalKey" } "; the first four are needed. At most 10,000 tenants." }
            }
            div.field {
                label for="import-file" { "Its lines" }
                textarea #import-file name="file" rows="10" required spellcheck="false" { (fields.text("file")) }
            }
            div.row {
                button.main #import-look type="submit" { "Look it through" }
                @if found.is_some_and(|found| found["valid"].as_i64().unwrap_or(0) > 0) { button #import-begin type="submit" name="sure" value="on" { "Onboard " (found.map_or(0, |found| found["valid"].as_i64().unwrap_or(0))) " tenants" } }
            }
        }
    }
}

fn looked(found: &Value) -> Markup {
    let rows = found["rows"].as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        div.card.(if rows.is_empty() { "pleased" } else { "warned" }) #import-found role="status" {
            p { strong { (found["valid"]) " of " (found["total"]) } " tenants can be onboarded. Nothing has begun yet." }
            @if !rows.is_empty() {
                p { "These lines are left out; mend them, or go on without:" }
                ul { @for row in rows { li { "Line " (row["line"]) @if let Some(name) = row["tenantName"].as_str() { ", " (name) } ": " (row["error"].as_str().unwrap_or_default()) } } }
            }
        }
    }
}

fn earlier(imports: &[Import]) -> Markup {
    html! {
        @if !imports.is_empty() {
            h2 { "Earlier imports" }
            div.scroll tabindex="0" role="region" aria-label="Earlier imports" { table {
                thead { tr { th scope="col" { "Begun" } th scope="col" { "Status" } th.number scope="col" { "Tenants" } th.number scope="col" { "Onboarded" } th.number scope="col" { "Not" } } }
                tbody { @for import in imports { tr {
                    th scope="row" { a href={ "/imports/" (segment(&import.run.id)) } { (when(&import.run.started_at)) } }
                    td { (status(import.run.shown())) }
                    td.number { (import.total) } td.number { (import.succeeded) } td.number { (import.failed + import.invalid + import.duplicate + import.cancelled) }
                } } }
            } }
        }
    }
}
