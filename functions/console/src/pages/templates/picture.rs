//! How a template looks: its HTML in a frame that can do nothing, and its text.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Which, api_of_one, edit::Shown, page_of_one};
use crate::{page::Refusal, parts::trouble_card, person::Person, state::Console, trouble::Trouble, visit::Visit};

/// What a mail may do that is shown here: be seen. No script, no form, nothing loaded from anywhere; only our pages may frame it.
const POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

/// Which version is looked at.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Looked {
    version: Option<String>,
}

/// A mail as it would be.
#[derive(Debug, Deserialize)]
struct Preview {
    subject: String,
    text: String,
    html: String,
    status: String,
    version: Option<i32>,
}

/// The HTML part alone, for the frame.
pub(super) async fn show(
    State(console): State<Console>,
    person: Person,
    Path(which): Path<Which>,
    Query(looked): Query<Looked>,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, person);
    let (status, html) = match preview(&visit, &which, looked.version.as_deref()).await {
        Ok(preview) => (StatusCode::OK, preview.html),
        Err(trouble) => {
            let words = html! { (trouble.title) ": " (trouble.detail) };
            let page = html! { (DOCTYPE) html lang="en" { head { title { (trouble.title) } } body { p { (words) } } } };
            (trouble.status, page.into_string())
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    Ok((status, headers, html).into_response())
}

async fn preview(visit: &Visit, which: &Which, version: Option<&str>) -> Result<Preview, Trouble> {
    let body = match version {
        None => json!({}),
        Some(version) => {
            json!({ "version": version.parse::<i32>().map_or_else(|_| json!(version), |number| json!(number)) })
        }
    };
    let shown: Value = visit.ask().post(&format!("{}/preview", api_of_one(which)), &body).await?;
    serde_json::from_value(shown).map_err(|_| Trouble::ours("The mail could not be read."))
}

/// The look at one version, with the choice of the others.
pub(super) async fn frames(
    visit: &Visit,
    which: &Which,
    shown: &Shown,
    systems: bool,
    version: Option<&str>,
) -> Markup {
    let page = page_of_one(which);
    let others = [
        (shown.draft.is_some(), "draft", "Draft"),
        (shown.published.is_some(), "published", "Published"),
        (systems, "system", "The system's"),
    ];
    let looked = preview(visit, which, version).await;
    html! {
        section.card #template-preview aria-label="How it looks" {
            h2 { "How it looks" }
            p.row {
                @for (_, name, words) in others.into_iter().filter(|(there, ..)| *there) {
                    a.button href={ (page) "?version=" (name) "#template-preview" } aria-current=[(version == Some(name)).then_some("true")] { (words) }
                }
            }
            @match &looked {
                Err(trouble) => { (trouble_card(trouble)) }
                Ok(preview) => { (mail(&page, preview, version)) }
            }
        }
    }
}

fn mail(page: &str, preview: &Preview, version: Option<&str>) -> Markup {
    let query = version.map(|version| serde_urlencoded::to_string([("version", version)]).unwrap_or_default());
    let from = format!("{page}/preview?{}", query.unwrap_or_default());
    html! {
        p.help {
            "With the examples of the variables. Made of: " (preview.status.replace('_', " "))
            @if let Some(version) = preview.version { ", version " (version) } "."
        }
        p { "Subject: " strong #template-preview-subject { (preview.subject) } }
        iframe.mail src=(from) sandbox="" title="The HTML part" {}
        details { summary { "The text part" } pre tabindex="0" { (preview.text) } }
    }
}
