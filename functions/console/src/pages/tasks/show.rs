//! One task, and its answer.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Task, schema};
use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, see_other},
    parts::{csrf, facts, said, segment, status, trouble_card, when},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(before): Query<Said>) -> Result<Page, Refusal> {
    let task = read(&visit, &id).await?;
    let body = html! { (said(before.said.as_deref())) (drawn(&visit.person, &task, &Fields::default(), None)) };
    Ok(visit.page(Place::Tasks, &task.title, &body))
}

/// The answer: what the form says, in the shape of the task's schema. Whether it fits is the API's to say.
pub(super) async fn answer(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let task = read(&visit, &id).await?;
    let answer = json!({ "answer": schema::answer(&task.schema, &fields) });
    match visit.ask().post(&format!("/v1/tasks/{}/answer", segment(&id)), &answer).await {
        Ok(_) => Ok(see_other(&format!("/tasks/{}?said=answered", segment(&id)))),
        Err(trouble) if trouble.is_about_the_form() => {
            // Somebody may have been faster: what stands there now is drawn.
            let task = read(&visit, &id).await?;
            let body = drawn(&visit.person, &task, &fields, Some(&trouble));
            Ok(visit.page(Place::Tasks, &task.title, &body).with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

/// Takes it, or gives it back.
pub(super) async fn claim(
    State(console): State<Console>,
    Path((id, wish)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let (body, word) = match &*wish {
        "claim" => (json!({ "force": sent.fields.on("force") }), "claimed"),
        "release" => (json!({}), "released"),
        _ => return Err(visit.refused(Trouble::no_page())),
    };
    let id = segment(&id);
    visit.ask().post(&format!("/v1/tasks/{id}/{wish}"), &body).await.map_err(|trouble| visit.refused(trouble))?;
    Ok(see_other(&format!("/tasks/{id}?said={word}")))
}

async fn read(visit: &Visit, id: &str) -> Result<Task, Refusal> {
    visit.get(&format!("/v1/tasks/{}", segment(id))).await
}

fn drawn(person: &Person, task: &Task, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let id = segment(&task.id);
    let mine = task.claimed_by.as_deref() == Some(&person.subject);
    html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        div.card {
            @for paragraph in task.text.split("\n\n") { p { (paragraph) } }
            (facts(&[
                ("Status", status(&task.status)),
                ("Opened", when(&task.created_at)),
                ("Answer until", html! { @match &task.due_at { Some(at) => (when(at)), None => "any time" } }),
                ("Claimed by", html! { (task.claimed_by.as_deref().unwrap_or("nobody")) @if let Some(at) = &task.claimed_at { ", " (when(at)) } }),
                ("Run", html! { a href={ "/runs/" (segment(&task.run_id)) } { "What happened so far" } }),
                ("Tenant", html! { @match &task.tenant_id { Some(tenant) => a href={ "/tenants/" (segment(tenant)) } { (tenant) }, None => "the platform" } }),
            ]))
            @if task.context.as_object().is_some_and(|facts| !facts.is_empty()) {
                details open { summary { "What is known" } (context(&task.context)) }
            }
        }
        @if task.status == "open" {
            div.row {
                @if mine {
                    form method="post" action={ "/tasks/" (id) "/release" } { (csrf(person)) button #task-release type="submit" { "Give it back" } }
                } @else {
                    form method="post" action={ "/tasks/" (id) "/claim" } {
                        (csrf(person))
                        @if task.claimed_by.is_some() { input type="hidden" name="force" value="on"; }
                        button #task-claim type="submit" { @if task.claimed_by.is_some() { "Take it over" } @else { "I take it" } }
                    }
                }
            }
            form.card #task-form method="post" action={ "/tasks/" (id) } {
                h2 { "Your answer" }
                (csrf(person))
                (schema::form(&task.schema, fields, trouble))
                button.main #task-answer type="submit" { "Answer" }
            }
        } @else {
            div.card {
                h2 { @if task.answer.is_some() { "The answer" } @else { "No answer is needed any more" } }
                @if let Some(answer) = &task.answer { (context(answer)) }
                p { @if let Some(by) = &task.answered_by { "By " (by) " " } @if let Some(at) = &task.ended_at { (when(at)) } }
            }
        }
    }
}

/// Facts as they are: names and values.
fn context(facts: &Value) -> Markup {
    let words = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        Value::Array(list) => list
            .iter()
            .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    html! { dl.facts { @for (name, value) in facts.as_object().into_iter().flatten() { div { dt { (name) } dd { (words(value)) } } } } }
}
