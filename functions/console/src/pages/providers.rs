//! What carries mail, and how it is: for operators.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::html;
use serde::Deserialize;

use crate::{
    page::{Page, Place, Refusal},
    parts::{Live, Seen, Tone, badge, facts, when},
    state::Console,
    visit::Visit,
};

/// Its routes.
pub(super) fn routes() -> Router<Console> {
    Router::new().route("/providers", get(show)).route("/providers/live", get(live))
}

#[derive(Deserialize)]
struct Providers {
    data: Vec<Provider>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: String,
    role: String,
    health: String,
    failures: u32,
    blocked_until: Option<String>,
    last_error: Option<LastError>,
    tells_events: bool,
    last_event_at: Option<String>,
    silent: bool,
    idempotent: bool,
    most_recipients: usize,
    most_bytes: usize,
    batch: usize,
}

#[derive(Deserialize)]
struct LastError {
    class: String,
    message: String,
    at: String,
}

async fn show(visit: Visit) -> Result<Page, Refusal> {
    let body = drawn(&visit).await?;
    Ok(visit.page(Place::Providers, "Providers", &piece().draw(&body)))
}

async fn live(visit: Visit, Query(seen): Query<Seen>) -> Result<Response, Refusal> {
    Ok(piece().answer(&seen, &drawn(&visit).await?))
}

fn piece() -> Live<'static> {
    Live::new("providers", "/providers/live").moving(true)
}

async fn drawn(visit: &Visit) -> Result<maud::Markup, Refusal> {
    let providers: Providers = visit.get("/v1/mail/providers").await?;
    Ok(html! {
        p.fine { "In the order in which they are asked. A provider that fails is left alone for a while, and then tried with one message." }
        div.cards { @for provider in &providers.data { div.card {
            h2 { (provider.name) " " (health(&provider.health)) " " @if provider.silent { (badge(Tone::Warn, "silent")) } }
            @if provider.silent { p { "It should have told what became of the last messages, and has not: look at its webhook." } }
            (facts(&[
                ("Place", html! { @if provider.role == "primary" { "asked first" } @else { "stands in for the first" } }),
                ("Faults in a row", html! { (provider.failures) }),
                ("Not asked until", html! { @match &provider.blocked_until { Some(at) => (when(at)), None => "asked now" } }),
                ("Tells what becomes of mail", html! { @if provider.tells_events { "yes" @if let Some(at) = &provider.last_event_at { ", last " (when(at)) } } @else { "no" } }),
                ("The same message twice", html! { @if provider.idempotent { "is delivered once" } @else { "is delivered twice; so it is never sent again" } }),
                ("At once", html! { (provider.batch) " messages, " (provider.most_recipients) " recipients, " (provider.most_bytes / 1_048_576) " MiB" }),
            ]))
            @if let Some(error) = &provider.last_error { p { "Last trouble, " (when(&error.at)) ": " strong { (error.class) } " " (error.message) } }
        } } }
    })
}

fn health(health: &str) -> maud::Markup {
    match health {
        "healthy" => badge(Tone::Good, "healthy"),
        "busy" => badge(Tone::Warn, "wants to be left alone"),
        "down" => badge(Tone::Bad, "down"),
        "on_trial" => badge(Tone::Going, "on trial"),
        other => badge(Tone::Calm, other),
    }
}
