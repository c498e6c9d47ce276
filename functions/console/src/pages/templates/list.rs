//! All templates of a tenant.

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::{api_of, api_of_one, page_of, page_of_one};
use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, Tab, see_other},
    parts::{Field, List, Tone, badge, csrf, input, pager, said, segment, trouble_card, when},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Listed {
    after: Option<String>,
    said: Option<String>,
}

/// A template, in short.
#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) locales: Vec<Locale>,
}

/// A language of a template.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Locale {
    pub(super) locale: String,
    pub(super) system: bool,
    pub(super) published: Option<i32>,
    pub(super) draft: Option<i32>,
    pub(super) subject: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// The list.
pub(super) async fn show(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(listed): Query<Listed>,
) -> Result<Page, Refusal> {
    draw(&visit, &tenant, &listed, &Fields::default(), None).await
}

/// A template and a language were named: on to its page, if they can be names.
pub(super) async fn open(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let locale = fields.some("locale").unwrap_or("default");
    let which = (tenant, fields.text("name").to_owned(), locale.to_owned());
    if which.1.is_empty() {
        return Ok(see_other(&page_of(&which.0)));
    }
    match visit.ask().get::<Value>(&api_of_one(&which)).await {
        Err(trouble) if trouble.is_about_the_form() => {
            let page = draw(&visit, &which.0, &Listed::default(), &fields, Some(&trouble)).await?;
            Ok(page.with(trouble.status).into_response())
        }
        // One that is not there yet can be written.
        Err(trouble) if trouble.status != 404 => Err(visit.refused(trouble)),
        _ => Ok(see_other(&page_of_one(&which))),
    }
}

async fn draw(
    visit: &Visit,
    tenant: &str,
    listed: &Listed,
    fields: &Fields,
    trouble: Option<&Trouble>,
) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let after = listed.after.as_deref();
    let query = serde_urlencoded::to_string(after.map(|after| ("after", after)).into_iter().collect::<Vec<_>>())
        .unwrap_or_default();
    let list: List<Summary> = visit.get(&format!("{}?{query}", api_of(tenant))).await?;
    let body = html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        (said(listed.said.as_deref()))
        p {
            "What mail of this tenant says. The system brings a set in several languages; words of the tenant's own take their place, one language \
             at a time, and templates of its own names can be sent by them."
        }
        (table(tenant, &list))
        (pager(&list, &page_of(tenant), &[], after))
        section.card aria-label="Write a template" {
            h2 { "Write a template" }
            form method="post" action=(page_of(tenant)) #template-open-form {
                (csrf(&visit.person))
                (input(&Field {
                    name: "name", id: Some("template-name"), label: "Name", value: fields.text("name"), example: Some("invoice"),
                    help: Some("Small letters, digits and hyphens. A name of the system's takes the place of its mail."),
                    autocomplete: Some("off"), required: true, ..Field::default()
                }.judged(trouble, "name")))
                (input(&Field {
                    name: "locale", id: Some("template-locale"), label: "Language", value: fields.text("locale"), example: Some("default"),
                    help: Some("A tag such as de or pt-BR; default, for readers of any other language, where this is left empty."),
                    autocomplete: Some("off"), ..Field::default()
                }.judged(trouble, "locale")))
                button.main type="submit" #template-open { "Write it" }
            }
        }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Templates), &head, "Templates", &body))
}

fn table(tenant: &str, list: &List<Summary>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Templates" { table #templates {
            caption.unseen { "Templates, by name" }
            thead { tr {
                th scope="col" { "Template" }
                th scope="col" { "Whose words" }
                th scope="col" { "Languages with words of the tenant's" }
                th scope="col" { "Last written" }
            } }
            tbody { @for one in &list.data {
                @let own: Vec<&Locale> = one.locales.iter().filter(|locale| locale.published.or(locale.draft).is_some()).collect();
                tr {
                    th scope="row" { a href={ (page_of(tenant)) "/" (segment(&one.name)) } { (one.name) } }
                    td { (whose(&one.kind)) }
                    td { @if own.is_empty() { "–" } @for (at, locale) in own.iter().enumerate() {
                        @if at > 0 { ", " }
                        a href=(page_of_one(&(tenant.to_owned(), one.name.clone(), locale.locale.clone()))) { (locale.locale) }
                        @if locale.published.is_none() { " (draft)" }
                    } }
                    td { @match own.iter().filter_map(|locale| locale.updated_at.as_deref()).max() { Some(at) => { (when(at)) } None => { "–" } } }
                }
            } }
        } }
    }
}

/// Whose a template is.
pub(super) fn whose(kind: &str) -> Markup {
    match kind {
        "system" => badge(Tone::Calm, "The system's"),
        "overridden" => badge(Tone::Good, "The system's, with words of the tenant's"),
        "own" => badge(Tone::Good, "The tenant's own"),
        other => badge(Tone::Calm, other),
    }
}
