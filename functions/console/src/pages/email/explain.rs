//! Which way a message would take, and why.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    notifications::Defaults,
    page_of,
    show::{More, Part, draw},
};
use crate::{
    form::{Fields, Sent},
    page::Refusal,
    parts::{Field, Tone, badge, csrf, facts, input, select, tick, trouble_card},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// What would be decided.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Explanation {
    decision: String,
    from: Option<String>,
    from_name: Option<String>,
    tier: Option<String>,
    reply_to: Option<String>,
    reasons: Vec<Reason>,
    left_out: Vec<LeftOut>,
    provider: Option<String>,
}

/// A step that led there.
#[derive(Debug, Deserialize)]
struct Reason {
    text: String,
    operator: Option<String>,
}

/// Whom it would not go to.
#[derive(Debug, Deserialize)]
struct LeftOut {
    address: String,
    why: String,
}

/// The form was sent: nothing is stored, and nothing leaves.
pub(super) async fn explain(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let asked = visit.ask().post("/v1/messages/explain", &message(&tenant, &fields)).await;
    let explained = match asked {
        Ok(answer) => serde_json::from_value(answer).map_err(|_| Trouble::ours("The answer could not be read.")),
        Err(trouble) => Err(trouble),
    };
    match explained {
        Ok(explanation) => {
            let more = More { explained: Some((&fields, &explanation)), ..More::default() };
            Ok(draw(&visit, &tenant, &more).await?.into_response())
        }
        Err(trouble) if trouble.is_about_the_form() => {
            let more = More { refused: Some((Part::Explain, &fields, &trouble)), ..More::default() };
            Ok(draw(&visit, &tenant, &more).await?.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

fn message(tenant: &str, fields: &Fields) -> Value {
    let mut message =
        json!({ "tenantId": tenant, "to": fields.text("to"), "subject": "A question", "text": "A question." });
    for name in ["from", "category"] {
        if let Some(value) = fields.some(name) {
            message[name] = json!(value);
        }
    }
    if fields.on("insistFrom") {
        message["insistFrom"] = json!(true);
    }
    message
}

/// The form, with the answer.
pub(super) fn form(visit: &Visit, tenant: &str, defaults: &Defaults, more: &More<'_>) -> Markup {
    let sent = more.sent(Part::Explain);
    let trouble = sent.map(|(_, trouble)| trouble);
    let fields = sent.map(|(fields, _)| fields).or(more.explained.map(|(fields, _)| fields));
    let typed = |name: &str| fields.map_or("", |fields| fields.text(name));
    let categories: Vec<(&str, &str)> = std::iter::once(("", "as usual (notifications)"))
        .chain(defaults.known().map(|category| (category, category)))
        .collect();
    html! {
        section.card #explain aria-label="Which way a message takes" {
            h2 { "Which way would a message take?" }
            p { "Says from which address a message would leave, and why. Nothing is sent." }
            @if let Some(trouble) = trouble { (trouble_card(trouble)) }
            @if let Some((_, explanation)) = more.explained { (answer(explanation)) }
            form method="post" action={ (page_of(tenant)) "/explain#explain" } {
                (csrf(&visit.person))
                (input(&Field {
                    name: "to", id: Some("explain-to"), label: "To", value: typed("to"), kind: Some("email"), example: Some("ada@example.com"),
                    autocomplete: Some("off"), required: true, ..Field::default()
                }.judged(trouble, "to")))
                (input(&Field {
                    name: "from", id: Some("explain-from"), label: "From", value: typed("from"), kind: Some("email"),
                    help: Some("The address that somebody asks for; the default one where this is left empty."), autocomplete: Some("off"),
                    ..Field::default()
                }.judged(trouble, "from")))
                (select(&Field {
                    name: "category", id: Some("explain-category"), label: "Category", value: typed("category"), ..Field::default()
                }.judged(trouble, "category"), &categories))
                (tick("insistFrom", "Rather refuse it than send it from another address.", fields.is_some_and(|fields| fields.on("insistFrom"))))
                button type="submit" #explain-submit { "Explain" }
            }
        }
    }
}

fn answer(explanation: &Explanation) -> Markup {
    let (tone, words) = match explanation.decision.as_str() {
        "send" => (Tone::Good, "It would leave"),
        "hold" => (Tone::Warn, "It would wait"),
        "suppress" => (Tone::Warn, "It would not leave"),
        "refuse" => (Tone::Bad, "It would be refused"),
        other => (Tone::Calm, other),
    };
    let mut known = Vec::new();
    if let Some(from) = &explanation.from {
        known.push(("From", html! { @if let Some(name) = &explanation.from_name { (name) " " } code { (from) } }));
    }
    if let Some(tier) = &explanation.tier {
        known.push(("Domain of", html! { @if tier == "custom" { "the tenant" } @else { "the platform" } }));
    }
    if let Some(reply_to) = &explanation.reply_to {
        known.push(("Answers go to", html! { code { (reply_to) } }));
    }
    if let Some(provider) = &explanation.provider {
        known.push(("Carried by", html! { (provider) }));
    }
    html! {
        div #explanation role="status" {
            p { (badge(tone, words)) }
            (facts(&known))
            ol { @for reason in &explanation.reasons { li { (reason.text) @if let Some(operator) = &reason.operator { span.help { " " (operator) } } } } }
            @for left in &explanation.left_out { p { "Not to " code { (left.address) } ": " (left.why) } }
        }
    }
}
