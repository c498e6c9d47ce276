//! One message: what became of it, why this way, and what it says.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::Message;
use crate::{
    page::{Page, Place, Refusal},
    parts::{Field, Live, Seen, copyable, csrf, facts, input, said, segment, status, when},
    person::Person,
    visit::Visit,
};

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(before): Query<Said>) -> Result<Page, Refusal> {
    let seen = Looked::of(&visit, &id).await?;
    // A message that was not decided yet has no explanation, and the page shows what there is.
    let why: Option<Value> = visit.ask().get(&format!("/v1/messages/{}/explain", segment(&id))).await.ok();
    let title = if seen.message.subject.is_empty() { "(no subject)" } else { &seen.message.subject };
    let from = format!("/messages/{}/live", segment(&id));
    let body = html! {
        (said(before.said.as_deref()))
        (seen.piece(&from).draw(&seen.moving(&visit.person)))
        @if let Some(why) = &why { (explained(why)) }
        @if seen.message.content_available {
            h2 { "What it says" }
            iframe.words src={ "/messages/" (segment(&id)) "/words" } title="The words of the message" sandbox="" {}
        }
    };
    Ok(visit.page(Place::Messages, title, &body))
}

pub(super) async fn live(visit: Visit, Path(id): Path<String>, Query(seen): Query<Seen>) -> Result<Response, Refusal> {
    let now = Looked::of(&visit, &id).await?;
    let from = format!("/messages/{}/live", segment(&id));
    Ok(now.piece(&from).answer(&seen, &now.moving(&visit.person)))
}

struct Looked {
    message: Message,
    happened: Vec<Value>,
}

impl Looked {
    async fn of(visit: &Visit, id: &str) -> Result<Self, Refusal> {
        let id = segment(id);
        let message = visit.get(&format!("/v1/messages/{id}")).await?;
        let timeline: Value = visit.get(&format!("/v1/messages/{id}/timeline")).await?;
        Ok(Self { message, happened: timeline["data"].as_array().cloned().unwrap_or_default() })
    }

    /// The piece that moves as long as the message has somewhere to go.
    fn piece<'a>(&self, from: &'a str) -> Live<'a> {
        Live::new("message", from)
            .moving(["queued", "scheduled", "sending", "deferred"].contains(&self.message.status.as_str()))
    }

    fn moving(&self, person: &Person) -> Markup {
        let message = &self.message;
        let id = segment(&message.id);
        html! {
            div.card {
                (facts(&[
                    ("Status", html! { span #message-status { (status(&message.status)) } }),
                    ("To", html! { (message.recipients.join(", ")) }),
                    ("From", html! { (message.from.as_deref().unwrap_or("not decided yet")) }),
                    ("Category", html! { (message.category) @if let Some(template) = &message.template { ", template " (template) } }),
                    ("Accepted", html! { (when(&message.created_at)) " from " (message.sent_by) }),
                    ("Left", html! { @match &message.sent_at { Some(at) => { (when(at)) @if let Some(tries) = message.attempts.filter(|tries| *tries > 1) { ", after " (tries) " tries" } } None => "not yet" } }),
                    ("Size", html! { (message.size.div_ceil(1024)) " KiB" @if message.attachments > 0 { ", " (message.attachments) " files" } }),
                    ("Changed", when(&message.updated_at)),
                    ("Message", html! { code { (message.id) } }),
                    ("Tenant", html! { a href={ "/tenants/" (segment(&message.tenant_id)) } { (message.tenant_id) } }),
                ]))
                @if let Some(header) = &message.message_id_header { p.fine { "Message-ID " (copyable(header, "the Message-ID")) } }
                @if let Some(run) = &message.caused_by { p { a href={ "/runs/" (segment(run)) } { "The run that it belongs to" } } }
                @for (name, value) in message.tags.as_object().into_iter().flatten() { span.badge.calm { (name) ": " (value.as_str().unwrap_or_default()) } " " }
                @if let Some(provider) = &message.provider { p.fine { "Carried by " (provider) @if let Some(answer) = &message.provider_response { ": " (answer) } } }
                @if let Some(error) = &message.error { div.card.trouble { p { strong { (error.class) } " " (error.message) } } }
                @if let Some(next) = &message.next {
                    p { strong { "What happens next: " } (next.text) @if let Some(at) = &next.at { " (" (when(at)) ")" } }
                    @if let Some(task) = &next.task_id { p { a href={ "/tasks/" (segment(task)) } { "Answer what is asked" } } }
                    @if next.code == "schedule" || next.code == "turn" || next.code == "limit" || next.code == "paused" { (wishes(person, &id, next.code == "schedule")) }
                }
            }
            h2 { "What happened" }
            ol.steps #message-timeline { @for one in &self.happened {
                li.(if one["status"] == "failed" || one["status"] == "bounced" { "failed" } else { "done" }) {
                    (when(one["at"].as_str().unwrap_or_default())) " · " (one["text"].as_str().unwrap_or_default())
                    @if let Some(by) = one["by"].as_str() { " (" (by) ")" }
                    @if one["detail"].is_object() { details { summary { "Detail" } pre { (serde_json::to_string_pretty(&one["detail"]).unwrap_or_default()) } } }
                }
            } }
        }
    }
}

fn wishes(person: &Person, id: &str, scheduled: bool) -> Markup {
    html! {
        div.row {
            form method="post" action={ "/messages/" (id) "/cancel" } { (csrf(person)) button.danger type="submit" data-confirm="Nothing of it will leave. Cancel the message?" { "Cancel the message" } }
        }
        @if scheduled {
            form method="post" action={ "/messages/" (id) "/reschedule" } {
                (csrf(person))
                (input(&Field { name: "at", label: "Another time (UTC)", kind: Some("datetime-local"), required: true, ..Field::default() }))
                button type="submit" { "Move it" }
            }
        }
    }
}

/// Why it goes, or went, this way.
fn explained(why: &Value) -> Markup {
    let text = |name: &str| why[name].as_str().unwrap_or_default();
    html! {
        details {
            summary { "Why this way" @if why["asOfNow"] == true { " (as it would be decided now)" } }
            p { "Decision: " (status(text("decision"))) @if why["from"].is_string() { ", from " code { (text("from")) } } }
            ol { @for step in why["reasons"].as_array().into_iter().flatten() { li { (step["text"].as_str().or(step["why"].as_str()).unwrap_or_default()) } } }
            @for out in why["leftOut"].as_array().into_iter().flatten() { p { "Not to " code { (out["address"].as_str().unwrap_or_default()) } ": " (out["why"].as_str().unwrap_or_default()) } }
        }
    }
}
