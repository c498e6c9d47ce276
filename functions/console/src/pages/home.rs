//! The first page: what needs somebody, how much there is, and what the last days came to.

use axum::{Router, routing::get};
use maud::{Markup, html};
use serde_json::Value;
use tenantry_model::Permission;

use crate::{
    page::{Page, Place, Refusal},
    parts::{segment, when},
    person::Person,
    picture::{self, Series},
    state::Console,
    visit::Visit,
};

/// Its routes.
pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/", get(show))
}

async fn show(visit: Visit) -> Result<Page, Refusal> {
    let seen: Value = visit.get("/v1/overview").await?;
    let person = &visit.person;
    let body = html! {
        (needs(person, &seen))
        @if let Some(tenant) = person.tenant { (next_steps(&tenant.to_string(), &seen)) }
        (tiles(person, &seen))
        (charts(person, &seen))
    };
    Ok(visit.page(Place::Home, "Home", &body))
}

fn needs(person: &Person, seen: &Value) -> Markup {
    let needs = list(&seen["needsAction"]);
    html! {
        section aria-labelledby="needs" {
            h2 #needs { "What needs action" }
            @if needs.is_empty() { div.card.pleased { p { "Nothing. Everything goes on by itself." } } }
            div.cards { @for need in needs {
                div.card.warned {
                    h3 { (text(need, "title")) }
                    ul { @for one in list(&need["sample"]) { li {
                        a href=(place_of(text(need, "kind"), one)) { (text(one, "title")) }
                        @if let Some(since) = one["since"].as_str() { span.fine { " since " (when(since)) } }
                    } } }
                    @if let Some((to, words)) = all_of(person, text(need, "kind")) { p { a href=(to) { (words) } } }
                }
            } }
        }
    }
}

/// Where one of them is looked at.
fn place_of(kind: &str, one: &Value) -> String {
    let (id, tenant) = (segment(text(one, "id")), segment(text(one, "tenantId")));
    match kind {
        "task" => format!("/tasks/{id}"),
        "degraded_domain" => format!("/tenants/{tenant}/email/domains/{id}"),
        "stuck_portal" => format!("/tenants/{tenant}/portal"),
        "webhook_failing" => format!("/tenants/{tenant}/webhooks/{id}"),
        "paused_sending" => format!("/tenants/{id}/email"),
        _ => format!("/runs/{id}"),
    }
}

/// Where all of a kind are looked at.
fn all_of(person: &Person, kind: &str) -> Option<(&'static str, &'static str)> {
    match kind {
        "task" if person.may(Permission::TasksAnswer) => Some(("/tasks", "All tasks")),
        "failed_run" => Some(("/runs?status=failed", "All failed runs")),
        "stuck_portal" if person.is_operator() => Some(("/runs?kind=portal_domain", "All hostnames")),
        "degraded_domain" | "waiting_long" if person.is_operator() => {
            Some(("/runs?kind=email_domain", "All sending domains"))
        }
        _ => None,
    }
}

/// What a tenant's own set-up still lacks.
fn next_steps(tenant: &str, seen: &Value) -> Markup {
    let none =
        |what: &str| seen["counts"][what].as_object().is_some_and(|counts| counts.values().all(|count| count == 0));
    html! {
        @if none("domains") || none("portals") {
            section aria-labelledby="next" {
                h2 #next { "Make it yours" }
                div.cards {
                    @if none("domains") { div.card { h3 { "Send mail under your own domain" } p { "Your mail leaves from our domain so far. Add a domain of yours, and publish a few records where its DNS is managed." } p { a.button.main href={ "/tenants/" (tenant) "/email/domains" } { "Add a sending domain" } } } }
                    @if none("portals") { div.card { h3 { "Give your portal your own address" } p { "Your customers find you under our address so far. One CNAME record makes it yours, with its certificate." } p { a.button.main href={ "/tenants/" (tenant) "/portal" } { "Set the portal's address" } } } }
                }
            }
        }
    }
}

fn tiles(person: &Person, seen: &Value) -> Markup {
    let counts = &seen["counts"];
    let most = seen["countsStopAt"].as_i64().unwrap_or(i64::MAX);
    let count = |value: &Value, stops: bool| match value.as_i64() {
        Some(count) if stops && count >= most => format!("{count}+"),
        Some(count) => count.to_string(),
        None => "0".to_owned(),
    };
    let mut tiles: Vec<(String, &str, Option<&str>)> = Vec::new();
    if person.is_operator() {
        tiles.push((count(&counts["tenants"]["active"], false), "active tenants", Some("/tenants?status=active")));
        tiles.push((count(&counts["tenants"]["suspended"], false), "suspended", Some("/tenants?status=suspended")));
    }
    tiles.extend([
        (count(&counts["runs"]["running"], true), "runs under way", Some("/runs?status=running")),
        (count(&counts["runs"]["waiting"], true), "wait for a person", Some("/runs?status=waiting")),
        (count(&counts["runs"]["failed24h"], true), "failed in 24 hours", Some("/runs?status=failed")),
        (count(&counts["domains"]["verified"], true), "verified domains", None),
        (count(&counts["portals"]["active"], true), "live portals", None),
    ]);
    if counts["messagesToday"].is_number() {
        tiles.push((count(&counts["messagesToday"], false), "messages today", Some("/messages")));
        tiles.push((count(&counts["messagesYesterday"], false), "messages yesterday", None));
    }
    html! {
        section aria-labelledby="numbers" {
            h2 #numbers { "At a glance" }
            div.tiles { @for (number, words, to) in tiles {
                div.tile { span.big { (number) } span.what { @match to { Some(to) => a href=(to) { (words) }, None => (words) } } }
            } }
        }
    }
}

fn charts(person: &Person, seen: &Value) -> Markup {
    let days = list(&seen["days"]);
    let names = |days: &[Value]| days.iter().map(|day| text(day, "day").to_owned()).collect::<Vec<_>>();
    let series = |days: &[Value], what: &[(&str, &str)]| -> Vec<Series> {
        let one = |(name, words): &(&str, &str)| Series {
            name: (*words).to_owned(),
            values: days.iter().map(|day| day[*name].as_f64().unwrap_or(0.0)).collect(),
            colour: colour(name),
        };
        what.iter().map(one).collect()
    };
    let spark = |what: &str, name: &str| {
        let points: Vec<f64> = days.iter().map(|day| day[name].as_f64().unwrap_or(0.0)).collect();
        html! { div.tile { span.what { (what) ": " (points.iter().sum::<f64>()) } (picture::sparkline(what, &points)) } }
    };
    let sum = |name: &str| days.iter().map(|day| day[name].as_f64().unwrap_or(0.0)).sum::<f64>();
    let (completed, failed) = (sum("completed"), sum("failed"));
    let range = |what: &str, name: &str| {
        let times = &seen[name];
        html! { div.card { h3 { (what) } (picture::percentiles(what, times["p50Seconds"].as_f64(), times["p95Seconds"].as_f64())) p.fine { (times["count"].as_i64().unwrap_or(0)) " in 30 days" } } }
    };
    // What has left, and nobody has told yet what became of it: all there is where a provider tells nothing.
    let silent = |days: &[Value]| Series {
        colour: Some(1),
        name: "Sent, no word yet".to_owned(),
        values: days
            .iter()
            .map(|day| {
                let of = |name: &str| day[name].as_f64().unwrap_or(0.0);
                (of("sent") - of("delivered") - of("bounced") - of("complained")).max(0.0)
            })
            .collect(),
    };
    let mail =
        [("delivered", "Delivered"), ("bounced", "Bounced"), ("complained", "Complained about"), ("failed", "Failed")];
    html! {
        section aria-labelledby="days" {
            h2 #days { "The last days" }
            div.tiles {
                (spark("Runs begun", "started")) (spark("Runs completed", "completed")) (spark("Runs failed", "failed"))
                @if completed + failed > 0.0 { div.tile { span.what { "Of what ended, completed" } (picture::donut("Of the runs that ended, completed", completed / (completed + failed))) } }
            }
            div.cards {
                div.card { h3 { "Runs by day" } (picture::bars("Runs by day", &names(days), &series(days, &[("completed", "Completed"), ("failed", "Failed")]))) }
                @for provider in list(&seen["deliveryByProvider"]) {
                    @let days = list(&provider["days"]);
                    @let title = if person.is_operator() { format!("Mail by {}", text(provider, "provider")) } else { "Your mail by day".to_owned() };
                    @let bars: Vec<Series> = series(days, &mail).into_iter().chain([silent(days)]).collect();
                    div.card { h3 { (title) } (picture::bars(&title, &names(days), &bars)) }
                }
            }
            h2 { "How long it takes" }
            div.cards {
                (range("From wish to verified domain", "timeToVerified"))
                (range("From wish to live portal", "timeToActive"))
                @if person.is_operator() { (range("Onboarding", "onboarding")) }
            }
        }
    }
}

/// What went well is green and what failed is red, in every picture.
fn colour(name: &str) -> Option<usize> {
    match name {
        "completed" | "delivered" => Some(2),
        "bounced" => Some(3),
        "failed" => Some(4),
        "complained" => Some(5),
        _ => None,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}
