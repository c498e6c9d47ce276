//! One template in all its languages.

use axum::extract::Path;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::{
    api_of, language,
    list::{Summary, whose},
    page_of, page_of_one,
};
use crate::{
    page::{Page, Place, Refusal, Tab},
    parts::{Field, Tone, badge, csrf, hidden, input, segment, when},
    visit::Visit,
};

/// A template.
#[derive(Debug, Deserialize)]
struct Shown {
    #[serde(flatten)]
    summary: Summary,
    variables: Vec<Variable>,
}

/// Something that may stand in its places.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) meaning: String,
    #[serde(default = "yes")]
    pub(super) required: bool,
    pub(super) example: Value,
}

fn yes() -> bool {
    true
}

/// The variables of a template that is there; none for one that is yet to be written.
pub(super) async fn variables(visit: &Visit, tenant: &str, name: &str) -> Result<Vec<Variable>, Refusal> {
    match visit.ask().get::<Shown>(&format!("{}/{}", api_of(tenant), segment(name))).await {
        Ok(shown) => Ok(shown.variables),
        Err(trouble) if trouble.status == 404 => Ok(Vec::new()),
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

/// The page.
pub(super) async fn show(visit: Visit, Path((tenant, name)): Path<(String, String)>) -> Result<Page, Refusal> {
    let head = visit.tenant(&tenant).await?;
    let shown: Shown = visit.get(&format!("{}/{}", api_of(&tenant), segment(&name))).await?;
    let body = html! {
        p { (whose(&shown.summary.kind)) " " a href=(page_of(&tenant)) { "All templates" } }
        (languages(&tenant, &shown.summary))
        section.card aria-label="Another language" {
            h2 { "Another language" }
            form.filters method="post" action=(page_of(&tenant)) {
                (csrf(&visit.person)) (hidden("name", &name))
                (input(&Field {
                    name: "locale", id: Some("template-locale"), label: "Language", value: "", example: Some("de-AT"), autocomplete: Some("off"),
                    required: true, ..Field::default()
                }))
                button type="submit" { "Write it" }
            }
        }
        (documented(&shown.variables))
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Templates), &head, &format!("Template {name}"), &body))
}

fn languages(tenant: &str, summary: &Summary) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Languages" { table {
            caption.unseen { "Languages of the template" }
            thead { tr {
                th scope="col" { "Language" }
                th scope="col" { "Mail is made of" }
                th scope="col" { "Subject of the tenant's" }
                th scope="col" { "Draft" }
                th scope="col" { "Last written" }
            } }
            tbody { @for locale in &summary.locales {
                tr {
                    th scope="row" {
                        a href=(page_of_one(&(tenant.to_owned(), summary.name.clone(), locale.locale.clone()))) { (language(&locale.locale)) }
                    }
                    td {
                        @if let Some(version) = locale.published { (badge(Tone::Good, "the tenant's words")) " version " (version) }
                        @else if locale.system { "the system's words" }
                        @else { "nothing yet" }
                    }
                    td { (locale.subject.as_deref().unwrap_or("–")) }
                    td { @match locale.draft { Some(version) => { (badge(Tone::Going, "draft")) " version " (version) } None => { "–" } } }
                    td { @match &locale.updated_at { Some(at) => { (when(at)) } None => { "–" } } }
                }
            } }
        } }
    }
}

/// What may stand in the places of a template.
pub(super) fn documented(variables: &[Variable]) -> Markup {
    html! {
        h2 { "Variables" }
        @if variables.is_empty() {
            p { "This template has none." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Variables" { table {
                caption.unseen { "What may stand in the places of the template" }
                thead { tr {
                    th scope="col" { "Written as" }
                    th scope="col" { "Meaning" }
                    th scope="col" { "Must be given" }
                    th scope="col" { "Example" }
                } }
                tbody { @for variable in variables {
                    tr {
                        th scope="row" { code { "{{" (variable.name) "}}" } }
                        td { (variable.meaning) }
                        td { @if variable.required { "yes" } @else { "no" } }
                        td { code { (text(&variable.example)) } }
                    }
                } }
            } }
        }
    }
}

/// An example as it is typed: a text as it is, anything else as JSON.
pub(super) fn text(example: &Value) -> String {
    example.as_str().map_or_else(|| example.to_string(), str::to_owned)
}
