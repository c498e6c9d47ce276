//! The inbox.

use axum::extract::Query;
use maud::html;
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::Task;
use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, List, Tone, badge, empty, pager, said, segment, select, status, when},
    visit::Visit,
};

/// Which tasks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Wanted {
    status: String,
    tenant: String,
    whose: String,
    after: Option<String>,
    said: Option<String>,
}

pub(super) async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let mut pairs = vec![("limit", "50")];
    let named = [("status", &*wanted.status), ("tenant", &*wanted.tenant)];
    pairs.extend(named.into_iter().filter(|(_, value)| !value.is_empty()));
    match &*wanted.whose {
        "mine" => pairs.push(("claimedBy", &visit.person.subject)),
        "overdue" => pairs.push(("overdue", "true")),
        _ => {}
    }
    pairs.extend(wanted.after.as_deref().map(|after| ("after", after)));
    let query = serde_urlencoded::to_string(&pairs).unwrap_or_default();
    let tasks: List<Task> = visit.get(&format!("/v1/tasks?{query}")).await?;
    let now = visit.now();
    let overdue = |task: &Task| {
        task.status == "open"
            && task.due_at.as_deref().and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok()).is_some_and(|at| at < now)
    };
    let body = html! {
        (said(wanted.said.as_deref()))
        p.fine { "Where a workflow cannot decide by itself, it asks. It waits for your answer and goes on at once." }
        form.filters method="get" action="/tasks" aria-label="Find tasks" {
            (select(&Field { name: "whose", label: "Whose", value: &wanted.whose, ..Field::default() }, &[("", "Everybody's"), ("mine", "Mine"), ("overdue", "Overdue")]))
            (select(&Field { name: "status", label: "Status", value: &wanted.status, ..Field::default() }, &[("", "Open"), ("answered", "Answered"), ("withdrawn", "No longer needed"), ("any", "Any")]))
            button type="submit" { "Find" }
        }
        @if tasks.data.is_empty() {
            (empty("Nothing waits for you.", &html! {}))
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Tasks" { table #tasks {
                thead { tr { th scope="col" { "Task" } th scope="col" { "Status" } th scope="col" { "Claimed by" } th scope="col" { "Opened" } th scope="col" { "Answer until" } } }
                tbody { @for task in &tasks.data { tr {
                    th scope="row" { a href={ "/tasks/" (segment(&task.id)) } { (task.title) } }
                    td { (status(&task.status)) @if overdue(task) { " " (badge(Tone::Bad, "overdue")) } }
                    td { (task.claimed_by.as_deref().unwrap_or("nobody")) }
                    td { (when(&task.created_at)) }
                    td { @match &task.due_at { Some(at) => (when(at)), None => "any time" } }
                } } }
            } }
            (pager(&tasks, "/tasks", &[("status", &wanted.status), ("tenant", &wanted.tenant), ("whose", &wanted.whose)], wanted.after.as_deref()))
        }
    };
    Ok(visit.page(Place::Tasks, "Tasks", &body))
}
