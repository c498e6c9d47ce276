//! One wish for every run that a filter finds: first what it would do, then done.

use axum::{
    extract::{Query, State},
    http::StatusCode,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tenantry_model::Permission;

use super::{Run, list};
use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal},
    parts::{Field, csrf, hidden, input, segment, select, trouble_card},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// What the API says of it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    matched: u64,
    done: u64,
    #[serde(default)]
    refused: Vec<Refused>,
    #[serde(default)]
    sample: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Refused {
    id: String,
    why: String,
}

const ACTIONS: [(&str, &str); 4] =
    [("retry", "Retry now"), ("pause", "Pause"), ("resume", "Resume"), ("cancel", "Cancel")];
const FILTERS: [&str; 7] = ["kind", "status", "state", "errorClass", "entity", "tenant", "paused"];

/// The form: which wish, and how many at most.
pub(super) async fn ask(visit: Visit, Query(wanted): Query<Vec<(String, String)>>) -> Result<Page, Refusal> {
    visit.needs(Permission::RunsManage)?;
    Ok(visit.page(Place::Runs, "Many runs at once", &form(&visit.person, &Fields(wanted), None)))
}

/// A dry run, or the wish itself.
pub(super) async fn apply(State(console): State<Console>, sent: Sent) -> Result<Page, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let filter: Map<String, Value> = FILTERS
        .iter()
        .filter_map(|name| {
            Some((
                (*name).to_owned(),
                if *name == "paused" { typed(fields.some(name)?) } else { json!(fields.some(name)?) },
            ))
        })
        .collect();
    let dry = !fields.on("sure");
    let wish = json!({ "action": fields.text("action"), "filter": filter, "dryRun": dry, "cap": fields.some("cap").map(typed), "reason": fields.json("reason") });
    let done = match visit.ask().post("/v1/runs/bulk", &wish).await {
        Ok(done) => serde_json::from_value::<Done>(done)
            .map_err(|_| visit.refused(Trouble::ours("The answer could not be read.")))?,
        Err(trouble) if trouble.is_about_the_form() => {
            let body = form(&visit.person, &fields, Some(&trouble));
            return Ok(visit.page(Place::Runs, "Many runs at once", &body).with(trouble.status));
        }
        Err(trouble) => return Err(visit.refused(trouble)),
    };
    let title = if dry { "What it would do" } else { "Done" };
    Ok(visit.page(Place::Runs, title, &shown(&visit.person, &fields, &done, dry)).with(StatusCode::OK))
}

/// A number or a truth where it is one; what is none stays a text, and the API says what is wrong with it.
fn typed(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => json!(text),
    }
}

fn form(person: &Person, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        p { "First nothing is changed: you see how many runs it is about, and some of them." }
        (filter(fields))
        form method="post" action="/runs/bulk" {
            (csrf(person)) (kept(fields))
            (select(&Field { name: "action", label: "What to do", value: fields.text("action"), required: true, ..Field::default() }.judged(trouble, "action"), &ACTIONS))
            (input(&Field { name: "cap", label: "At most so many", value: fields.some("cap").unwrap_or("100"), kind: Some("number"), required: true, help: Some("1 to 1000. Whatever is more is left as it is."), ..Field::default() }.judged(trouble, "cap")))
            (input(&Field { name: "reason", label: "Why", value: fields.text("reason"), help: Some("For the histories and the audit log."), ..Field::default() }.judged(trouble, "reason")))
            button.main type="submit" { "Show what it would do" }
        }
    }
}

fn shown(person: &Person, fields: &Fields, done: &Done, dry: bool) -> Markup {
    let action =
        ACTIONS.iter().find(|(action, _)| *action == fields.text("action")).map_or("Do it", |(_, words)| *words);
    html! {
        (filter(fields))
        @if dry {
            p { strong { (done.matched) @if done.matched == 1 { " run is" } @else { " runs are" } " like that." } }
            @if done.matched > 0 {
                form method="post" action="/runs/bulk" {
                    (csrf(person)) (kept(fields))
                    @for name in ["action", "cap", "reason"] { (hidden(name, fields.text(name))) }
                    (hidden("sure", "on"))
                    div.row { button.danger type="submit" { (action) ": at most " (fields.some("cap").unwrap_or("100")) " runs" } a.button href="/runs" { "Leave them" } }
                }
            }
        } @else {
            p { (action) ": done for " strong { (done.done) } " of " (done.matched) " runs." }
        }
        @if !done.refused.is_empty() {
            h2 { "Not accepted" }
            ul { @for one in &done.refused { li { a href={ "/runs/" (segment(&one.id)) } { (one.id) } ": " (one.why) } } }
        }
        @if !done.sample.is_empty() { h2 { "Some of them" } (list::table(&done.sample)) }
    }
}

fn filter(fields: &Fields) -> Markup {
    let set: Vec<(&str, &str)> = FILTERS.iter().filter_map(|name| Some((*name, fields.some(name)?))).collect();
    html! { p.fine { "Runs with " @for (index, (name, value)) in set.iter().enumerate() { @if index > 0 { ", " } (name) " " code { (value) } } @if set.is_empty() { "any status" } "." } }
}

fn kept(fields: &Fields) -> Markup {
    html! { @for name in FILTERS { @if let Some(value) = fields.some(name) { (hidden(name, value)) } } }
}
