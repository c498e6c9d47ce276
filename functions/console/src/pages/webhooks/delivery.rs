//! One delivery: what was sent, and every try.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Which, deliveries::Delivery, page_of};
use crate::{
    form::Sent,
    page::{Page, Place, Refusal, Tab, see_other},
    parts::{copyable, csrf, facts, said, segment, status, trouble_card, when},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// A delivery with its tries.
#[derive(Debug, Deserialize)]
struct Shown {
    #[serde(flatten)]
    delivery: Delivery,
    body: Option<Value>,
    log: Vec<Attempt>,
}

/// A try.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    at: String,
    duration_ms: u64,
    status_code: Option<u16>,
    error: Option<String>,
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    said: Option<String>,
}

/// The page.
pub(super) async fn show(visit: Visit, Path(which): Path<Which>, Query(asked): Query<Asked>) -> Result<Page, Refusal> {
    draw(&visit, &which, asked.said.as_deref(), None).await
}

/// The same event is sent once more.
pub(super) async fn replay(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    match visit.ask().post(&format!("{}/replay", api_of(&which)), &json!({})).await {
        Ok(made) => {
            let id = segment(made["id"].as_str().unwrap_or_default());
            Ok(see_other(&format!("{}/deliveries/{id}?said=replayed", page_of(&which.0))))
        }
        // The event may be too old (410), which the page says beside what is still known of it.
        Err(trouble) if trouble.is_about_the_form() || trouble.status == 410 => {
            let status = trouble.status;
            Ok(draw(&visit, &which, None, Some(&trouble)).await?.with(status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

fn api_of((tenant, delivery): &Which) -> String {
    format!("/v1/tenants/{}/webhook-deliveries/{}", segment(tenant), segment(delivery))
}

async fn draw(visit: &Visit, which: &Which, word: Option<&str>, trouble: Option<&Trouble>) -> Result<Page, Refusal> {
    let head = visit.tenant(&which.0).await?;
    let shown: Shown = visit.get(&api_of(which)).await?;
    let one = &shown.delivery;
    let body = html! {
        p { a href={ (page_of(&which.0)) "/" (segment(&one.endpoint_id)) } { "The endpoint" } }
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        (said(word))
        section.card #delivery-status data-status=(one.status) aria-label="How it stands" {
            p { (status(&one.status)) " " @if let Some(reason) = &one.reason { (reason) } }
            (facts(&known(one)))
            form method="post" action={ (page_of(&which.0)) "/deliveries/" (segment(&one.id)) "/replay" } {
                (csrf(&visit.person))
                button type="submit" #delivery-replay { "Send this event once more" }
            }
        }
        (tries(&shown.log))
        h2 { "What is sent" }
        @match &shown.body {
            Some(body) => { pre #delivery-body tabindex="0" { (serde_json::to_string_pretty(body).unwrap_or_default()) } }
            None => { p { "It is older than 30 days, and not kept any more." } }
        }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Webhooks), &head, &format!("Delivery of {}", one.what), &body))
}

fn known(one: &Delivery) -> Vec<(&'static str, Markup)> {
    let mut known = vec![
        ("Event", copyable(&one.event_id, "the event's id")),
        ("Tries so far", html! { (one.attempts) }),
        ("Begun", when(&one.created_at)),
    ];
    if let Some(at) = &one.next_attempt_at {
        known.push(("Next try", when(at)));
    }
    if one.replay {
        known.push(("Why", html! { "Somebody had it sent." }));
    }
    known
}

fn tries(log: &[Attempt]) -> Markup {
    html! {
        h2 { "Tries" }
        @if log.is_empty() { p { "There was none yet." } } @else {
            div.scroll tabindex="0" role="region" aria-label="Tries" { table #delivery-log {
                caption.unseen { "Tries, oldest first" }
                thead { tr {
                    th scope="col" { "When" }
                    th scope="col" { "Answer" }
                    th.number scope="col" { "Took" }
                    th scope="col" { "Why it counts as a failure" }
                } }
                tbody { @for one in log {
                    tr {
                        th scope="row" { (when(&one.at)) }
                        td { @match one.status_code { Some(code) => { "HTTP " (code) } None => { "none" } } }
                        td.number { (one.duration_ms) " ms" }
                        td { (one.error.as_deref().unwrap_or("–")) }
                    }
                } }
            } }
        }
    }
}
