//! One endpoint: how it stands, what can be done with it, what it was told.

use axum::{
    extract::{Path, Query},
    http::Method,
    response::Response,
};
use maud::{Markup, html};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::{Which, api_of_one, deliveries, form, page_of, page_of_one};
use crate::{
    form::Fields,
    page::{Page, Place, Refusal, Tab},
    parts::{Field, Live, Seen, copyable, csrf, facts, hidden, input, once, said, status, trouble_card, when},
    trouble::Trouble,
    visit::Visit,
};

/// An endpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoint {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) events: Vec<String>,
    pub(super) description: String,
    status: String,
    disabled_reason: Option<String>,
    pub(super) health: String,
    failing_since: Option<String>,
    pub(super) last_success_at: Option<String>,
    pub(super) last_failure_at: Option<String>,
    previous_secret_until: Option<String>,
    created_by: String,
    created_at: String,
    /// The version, to be sent with a change.
    #[serde(skip)]
    etag: String,
}

impl Endpoint {
    /// Whether it is told of everything.
    pub(super) fn asks_for_all(&self) -> bool {
        self.events.iter().any(|event| event == "*")
    }

    fn is_on(&self) -> bool {
        self.status == "enabled"
    }

    async fn read(visit: &Visit, which: &Which) -> Result<Self, Refusal> {
        let answer = visit.ask().send(Method::GET, &api_of_one(which), None, &[]).await;
        let answer = answer.map_err(|trouble| visit.refused(trouble))?;
        let unreadable = |_| visit.refused(Trouble::ours("The endpoint could not be read."));
        let endpoint: Self = serde_json::from_slice(&answer.bytes).map_err(unreadable)?;
        Ok(Self { etag: answer.etag.unwrap_or_default(), ..endpoint })
    }
}

/// The secret in an answer that made one.
pub(super) fn secret_of(made: &Value) -> Option<SecretString> {
    made["secret"].as_str().map(SecretString::from)
}

/// What the page shows besides the endpoint.
#[derive(Default)]
pub(super) struct Shown<'a> {
    /// The word of what was done.
    pub(super) said: Option<&'a str>,
    /// A secret that was just made.
    pub(super) secret: Option<&'a SecretString>,
    /// Whether a secret should be there: the page is the answer to a form that makes one.
    pub(super) fresh: bool,
    /// What stands in the way of what was just wished, with the form if it was the endpoint's.
    pub(super) refused: Option<(Option<&'a Fields>, &'a Trouble)>,
    /// Which deliveries are shown.
    pub(super) listed: deliveries::Listed,
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    said: Option<String>,
    #[serde(flatten)]
    listed: deliveries::Listed,
    #[serde(flatten)]
    seen: Seen,
}

/// The page.
pub(super) async fn show(visit: Visit, Path(which): Path<Which>, Query(asked): Query<Asked>) -> Result<Page, Refusal> {
    draw(&visit, &which, &Shown { said: asked.said.as_deref(), listed: asked.listed, ..Shown::default() }).await
}

/// The deliveries again.
pub(super) async fn live(
    visit: Visit,
    Path(which): Path<Which>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    let list = deliveries::read(&visit, &which, &asked.listed).await?;
    let from = format!("{}/live", page_of_one(&which));
    let piece = Live::new("webhook-deliveries", &from).moving(deliveries::is_moving(&list, visit.now()));
    Ok(piece.going_on(&asked.seen, visit.now()).answer(&asked.seen, &deliveries::table(&which.0, &list)))
}

/// The page, with more.
pub(super) async fn draw(visit: &Visit, which: &Which, shown: &Shown<'_>) -> Result<Page, Refusal> {
    let head = visit.tenant(&which.0).await?;
    let endpoint = Endpoint::read(visit, which).await?;
    let types = form::types(visit).await?;
    let list = deliveries::read(visit, which, &shown.listed).await?;
    let from = format!("{}/live", page_of_one(which));
    let sent = matches!(shown.said, Some("tested" | "replayed"));
    let moves = deliveries::is_moving(&list, visit.now()) && !shown.listed.narrows();
    let piece = Live::new("webhook-deliveries", &from).moving(moves).after_a_look(sent, visit.now());
    let page = page_of_one(which);
    let body = html! {
        p { a href=(page_of(&which.0)) { "All endpoints" } }
        @if let Some((_, trouble)) = shown.refused { (trouble_card(trouble)) }
        (said(shown.said))
        (secret(shown))
        (banner(&endpoint))
        (actions(visit, which, &endpoint))
        h2 { "Deliveries" }
        (deliveries::filters(&page, &shown.listed))
        @if list.data.is_empty() && !shown.listed.narrows() && !sent {
            p #webhook-no-deliveries { "It was told nothing so far. Send a test to see that it works." }
        } @else {
            (piece.draw(&deliveries::table(&which.0, &list)))
            (deliveries::pages(&page, &list, &shown.listed))
        }
        (edit(visit, which, &endpoint, &types, shown))
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Webhooks), &head, "Webhook endpoint", &body))
}

fn secret(shown: &Shown<'_>) -> Markup {
    html! {
        @if let Some(secret) = shown.secret {
            div.card.warned #webhook-secret role="status" {
                p { strong { "The secret. It is shown now, and never again." } }
                p { (copyable(secret.expose_secret(), "the secret")) }
                p {
                    "Your server checks with it that an event comes from us: put it where your server's secrets are kept. Whoever has it can send \
                     your server events in our name. If it is lost, give the endpoint a new one."
                }
            }
        } @else if shown.fresh {
            div.card.warned { p { "This form was sent before, and the secret was shown then. If nobody has kept it, give the endpoint a new one below." } }
        }
    }
}

fn banner(endpoint: &Endpoint) -> Markup {
    let (side, meaning) = match endpoint.health.as_str() {
        "healthy" => ("pleased", "It took what it was told last."),
        "failing" => (
            "warned",
            "It has not taken what it was told last. Each event is tried ten times in about three days; when nothing is taken for days, you are \
             warned, and then the endpoint is switched off.",
        ),
        "disabled" => (
            "trouble",
            "It is switched off, and told nothing. What it misses can be replayed for 30 days once it is on again.",
        ),
        _ => ("plain", "It was told nothing so far."),
    };
    let moment = |at: &Option<String>| at.as_deref().map(when);
    let mut known = vec![("URL", html! { code { (endpoint.url) } })];
    let more = [
        ("Failing since", moment(&endpoint.failing_since)),
        ("Last taken", moment(&endpoint.last_success_at)),
        ("Last failure", moment(&endpoint.last_failure_at)),
        ("Signed with the secret before, too, until", moment(&endpoint.previous_secret_until)),
    ];
    known.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    known.push(("Added", html! { (when(&endpoint.created_at)) " by " (endpoint.created_by) }));
    html! {
        section.card.(side) #webhook-status data-health=(endpoint.health) aria-label="How it stands" {
            p { (status(&endpoint.health)) " " (meaning) }
            @if let Some(reason) = &endpoint.disabled_reason { p { (reason) } }
            (facts(&known))
        }
    }
}

fn actions(visit: &Visit, which: &Which, endpoint: &Endpoint) -> Markup {
    let page = page_of_one(which);
    let (to, words) = if endpoint.is_on() { ("disabled", "Switch it off") } else { ("enabled", "Switch it on") };
    html! {
        div.row {
            @if endpoint.is_on() {
                form method="post" action={ (page) "/test" } { (csrf(&visit.person)) button.main type="submit" #webhook-test { "Send a test" } }
            }
            form method="post" action={ (page) "/switch" } {
                (csrf(&visit.person)) (hidden("version", &endpoint.etag)) (hidden("status", to))
                button type="submit" #webhook-switch { (words) }
            }
        }
        @if endpoint.is_on() {
            details #webhook-replay {
                summary { "Send what it has missed" }
                p { "Every event since then that it asks for and has not taken is sent once more, oldest first. The same event may come twice: its id tells." }
                form.filters method="post" action={ (page) "/replay" } {
                    (csrf(&visit.person)) (once())
                    (input(&Field {
                        name: "since", id: Some("webhook-since"), label: "Since (UTC)", value: "", kind: Some("datetime-local"),
                        help: Some("At most 30 days ago."), required: true, ..Field::default()
                    }))
                    button type="submit" #webhook-replay-submit { "Send them" }
                }
            }
        }
        details #webhook-rotate {
            summary { "Give it a new secret" }
            p { "For 24 hours deliveries are signed with both secrets, so that your server can change over. The new one is shown once." }
            form method="post" action={ (page) "/rotate" } { (csrf(&visit.person)) (once()) button type="submit" #webhook-rotate-submit { "Make a new secret" } }
        }
        details #webhook-remove {
            summary { "Delete it" }
            p { "It is told nothing any more, and its secret is destroyed. That cannot be undone; an endpoint that is only to rest can be switched off." }
            form method="post" action={ (page) "/remove" } { (csrf(&visit.person)) button.danger type="submit" #webhook-remove-submit { "Delete the endpoint" } }
        }
    }
}

fn edit(visit: &Visit, which: &Which, endpoint: &Endpoint, types: &[form::EventType], shown: &Shown<'_>) -> Markup {
    let kept = form::fields(&endpoint.url, &endpoint.description, &endpoint.events);
    let (sent, trouble) = match shown.refused {
        Some((Some(fields), trouble)) => (fields, Some(trouble)),
        _ => (&kept, None),
    };
    html! {
        details #webhook-edit open[trouble.is_some()] {
            summary { "Change it" }
            form method="post" action=(page_of_one(which)) {
                (csrf(&visit.person))
                (hidden("version", &endpoint.etag))
                (form::draw(types, sent, trouble))
                button.main type="submit" #webhook-save { "Save" }
            }
        }
    }
}
