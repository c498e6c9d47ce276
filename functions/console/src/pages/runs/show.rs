//! One run: how it stands, what happened, what it waits for.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;
use tenantry_model::Permission;
use time::OffsetDateTime;

use super::{Run, happened, kind_words};
use crate::{
    page::{Page, Place, Refusal},
    parts::{Live, Seen, Tone, badge, csrf, facts, progress, said, segment, status, when},
    person::Person,
    trouble::Trouble,
    visit::Visit,
};

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(said_before): Query<Said>,
) -> Result<Page, Refusal> {
    let seen = Looked::of(&visit, &id).await?;
    let run = &seen.run;
    let from = format!("/runs/{}/live", segment(&id));
    let title = match &run.entity {
        Some(entity) => format!("{}: {entity}", kind_words(&run.kind)),
        None => kind_words(&run.kind),
    };
    let body = html! { (said(said_before.said.as_deref())) (seen.piece(&from, &seen.known()).draw(&seen.moving(&visit.person, visit.now()))) };
    Ok(visit.page(Place::Runs, &title, &body))
}

pub(super) async fn live(visit: Visit, Path(id): Path<String>, Query(seen): Query<Seen>) -> Result<Response, Refusal> {
    let now = Looked::of(&visit, &id).await?;
    let from = format!("/runs/{}/live", segment(&id));
    Ok(now.piece(&from, &now.known()).answer(&seen, &now.moving(&visit.person, visit.now())))
}

/// A run, as a page draws it and as a picture is drawn from it, and what happened.
struct Looked {
    run: Run,
    whole: Value,
    timeline: Value,
}

impl Looked {
    async fn of(visit: &Visit, id: &str) -> Result<Self, Refusal> {
        let id = segment(id);
        let whole: Value = visit.get(&format!("/v1/runs/{id}")).await?;
        let run = serde_json::from_value(whole.clone())
            .map_err(|_| visit.refused(Trouble::ours("The run could not be read.")))?;
        Ok(Self { run, whole, timeline: visit.get(&format!("/v1/runs/{id}/timeline")).await? })
    }

    /// Everything that the page is drawn from, but the present moment.
    fn known(&self) -> String {
        format!("{}{}", self.whole, self.timeline)
    }

    fn piece<'a>(&self, from: &'a str, known: &str) -> Live<'a> {
        Live::new("run", from).moving(self.run.moves()).known_by(known)
    }

    /// Everything that may change while one looks.
    fn moving(&self, person: &Person, now: OffsetDateTime) -> Markup {
        let Self { run, whole, timeline } = self;
        let id = segment(&run.id);
        let tasks = timeline["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let open: Vec<&Value> = tasks.iter().filter(|task| task["status"] == "open").collect();
        html! {
        @if !open.is_empty() && person.may(Permission::TasksAnswer) {
            div.card.warned {
                h2 { "It waits for a person" }
                @for task in &open { p { a href={ "/tasks/" (segment(task["id"].as_str().unwrap_or_default())) } { (task["title"].as_str().unwrap_or("A task")) } } }
            }
        }
        div.card {
            (facts(&[
                ("Status", html! { (status(run.shown())) @if let Some(by) = &run.paused_by { " by " (by) } }),
                ("State", html! { code #run-state { (run.state) } }),
                ("Step", html! { (run.step.replace('_', " ")) }),
                ("Progress", progress(run.progress, "Progress of the run")),
                ("Began", html! { (when(&run.started_at)) " by " (run.started_by) }),
                ("Changed", when(&run.updated_at)),
                ("Next wake", html! {
                    @match (&run.ended_at, &run.next_wake_at) {
                        (Some(at), _) => { "ended " (when(at)) }
                        (None, Some(at)) => (when(at)),
                        (None, None) => { @if run.paused_at.is_some() { "when somebody resumes it" } @else { "when something happens" } }
                    }
                }),
                ("Tenant", html! { @match &run.tenant_id { Some(tenant) => a href={ "/tenants/" (segment(tenant)) } { (tenant) }, None => "the platform" } }),
                ("Run", html! { code { (run.id) } }),
            ]))
            @if let Some(error) = &run.error {
                div.card.trouble { p { (badge(Tone::Bad, &error.class)) " " (error.message) } }
            }
            (actions(person, run, &id))
        }
        (happened::pictures(whole, timeline, now))
        (happened::list(timeline))
        }
    }
}

/// What can be done with it now.
fn actions(person: &Person, run: &Run, id: &str) -> Markup {
    let post = |what: &str, words: &str| {
        html! { form method="post" action={ "/runs/" (id) "/" (what) } { (csrf(person)) button type="submit" id={ "run-" (what) } { (words) } } }
    };
    html! {
        @if person.may(Permission::RunsManage) && !run.has_ended() {
            div.row {
                (post("retry", "Retry now"))
                @if run.paused_at.is_some() { (post("resume", "Resume")) } @else { (post("pause", "Pause")) }
                a.button #run-cancel href={ "/runs/" (id) "/cancel" } { "Cancel …" }
            }
        }
        @if run.kind == "tenant_onboarding" && person.is_operator() && run.result["adminUserId"].is_string() {
            form method="post" action={ "/runs/" (id) "/credential" } {
                (csrf(person))
                button type="submit" data-confirm="It is shown once, and never again. Show it now?" { "Show the temporary password" }
            }
        }
    }
}
