//! One language of a template: its words, how they look, and what can be done with them.

use axum::{
    extract::{Path, Query, State},
    http::Method,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;

use super::{
    Which, api_of_one, language,
    one::{documented, variables},
    page_of, page_of_one, picture,
    source::{Row, Version, beginning, rows, written},
    turn, versions,
};
use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, Tab, see_other},
    parts::{Field, Tone, badge, csrf, input, said, segment, select, trouble_card, when},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Lines for variables beyond those that are filled in.
const EMPTY_LINES: usize = 3;

/// A language of a template.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Shown {
    pub(super) system: bool,
    pub(super) published: Option<Version>,
    pub(super) draft: Option<Version>,
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct More {
    said: Option<String>,
    /// The version that is looked at.
    version: Option<String>,
}

/// The page.
pub(super) async fn show(visit: Visit, Path(which): Path<Which>, Query(more): Query<More>) -> Result<Page, Refusal> {
    draw(&visit, &which, &more, None).await
}

/// The draft is written.
pub(super) async fn save(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let source = written(&fields, fields.on("own"));
    match visit.ask().send(Method::PUT, &api_of_one(&which), Some(&source), &[]).await {
        Ok(_) => Ok(see_other(&format!("{}?said=drafted", page_of_one(&which)))),
        Err(trouble) => refused(&visit, &which, Some(&fields), trouble).await,
    }
}

/// The page once more, with what is wrong.
pub(super) async fn refused(
    visit: &Visit,
    which: &Which,
    fields: Option<&Fields>,
    trouble: Trouble,
) -> Result<Response, Refusal> {
    if !trouble.is_about_the_form() {
        return Err(visit.refused(trouble));
    }
    let page = draw(visit, which, &More::default(), Some((fields, &trouble))).await?;
    Ok(page.with(trouble.status).into_response())
}

async fn draw(
    visit: &Visit,
    which: &Which,
    more: &More,
    refused: Option<(Option<&Fields>, &Trouble)>,
) -> Result<Page, Refusal> {
    let (tenant, name, locale) = which;
    let head = visit.tenant(tenant).await?;
    let shown = match visit.ask().get::<Shown>(&api_of_one(which)).await {
        Ok(shown) => shown,
        // It is not there yet, and is written here.
        Err(trouble) if trouble.status == 404 => Shown::default(),
        Err(trouble) => return Err(visit.refused(trouble)),
    };
    let variables = variables(visit, tenant, name).await?;
    // A mail of the system in a language that it has no words in is the system's all the same.
    let systems = shown.system || versions::is_of_the_system(visit, name).await?;
    let versions = versions::read(visit, which).await?;
    let trouble = refused.map(|(_, trouble)| trouble);
    let sent = refused.and_then(|(fields, _)| fields);
    let body = html! {
        p { a href={ (page_of(tenant)) "/" (segment(name)) } { "All languages of " (name) } }
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        (said(more.said.as_deref()))
        (stands(&shown, systems))
        (turn::actions(visit, which, &shown))
        @if systems || shown.draft.is_some() || shown.published.is_some() {
            (picture::frames(visit, which, &shown, systems, more.version.as_deref()).await)
        }
        (form(visit, which, &shown, systems, sent, trouble))
        (versions::table(visit, which, &versions))
        (documented(&variables))
    };
    let title = format!("Template {name}, {}", language(locale));
    Ok(visit.tenant_page(Place::Tenant(Tab::Templates), &head, &title, &body))
}

fn stands(shown: &Shown, systems: bool) -> Markup {
    let by = |version: &Version| {
        html! { " version " (version.version) ", written by " (version.written_by) ", " (when(&version.updated_at)) }
    };
    html! {
        div.card #template-status {
            p {
                @match (&shown.published, systems) {
                    (Some(version), _) => { (badge(Tone::Good, "Published")) " Mail is made of the tenant's words:" (by(version)) "." }
                    (None, true) => { (badge(Tone::Calm, "The system's words")) " Mail is made of the system's words; a draft takes their place when it is published." }
                    (None, false) => { (badge(Tone::Calm, "Not published")) " Nothing can be sent with it yet. Write a draft, look at it, and publish it." }
                }
            }
            @if let Some(draft) = &shown.draft { p { (badge(Tone::Going, "Draft")) (by(draft)) ". Nothing is sent with it until it is published." } }
        }
    }
}

fn form(
    visit: &Visit,
    which: &Which,
    shown: &Shown,
    systems: bool,
    sent: Option<&Fields>,
    trouble: Option<&Trouble>,
) -> Markup {
    let kept = shown.draft.as_ref().or(shown.published.as_ref()).map_or_else(beginning, Version::fields);
    let fields = sent.unwrap_or(&kept);
    let trouble = trouble.filter(|_| sent.is_some());
    let kind = if fields.text("kind") == "html" { "html" } else { "mjml" };
    html! {
        section.card aria-label="Words" {
            h2 { "Words" }
            p {
                "Handlebars: " code { "{{variable}}" } ", and " code { "if" } ", " code { "unless" } ", " code { "each" } " and " code { "with" }
                ". What stands in the variables is escaped."
            }
            form method="post" action=(page_of_one(which)) #template-form {
                (csrf(&visit.person))
                @if !systems { input type="hidden" name="own" value="on"; }
                (input(&Field {
                    name: "subject", id: Some("template-subject"), label: "Subject", value: fields.text("subject"), required: true,
                    autocomplete: Some("off"), ..Field::default()
                }.judged(trouble, "subject")))
                (select(&Field {
                    name: "kind", id: Some("template-kind"), label: "The HTML part is written in", value: kind, required: true, ..Field::default()
                }, &[("mjml", "MJML"), ("html", "HTML")]))
                (area("body", "HTML part", "MJML becomes HTML when it is published.", fields, trouble, &["mjml", "html"], 16))
                (area("text", "Text part", "Made of the HTML part where this is left empty.", fields, trouble, &["text"], 8))
                @if !systems { (own_variables(fields, trouble)) }
                button.main type="submit" #template-save { "Save the draft" }
            }
        }
    }
}

fn area(
    name: &str,
    label: &str,
    help: &str,
    fields: &Fields,
    trouble: Option<&Trouble>,
    places: &[&str],
    lines: u8,
) -> Markup {
    let about = |place: &str| places.contains(&place.trim_start_matches('/'));
    let wrong: Vec<&str> = trouble
        .into_iter()
        .flat_map(|trouble| &trouble.fields)
        .filter(|(place, _)| about(place))
        .map(|(_, words)| words.as_str())
        .collect();
    html! {
        div.field.wide {
            label for={ "template-" (name) } { (label) @if name == "text" { span.optional { " optional" } } }
            textarea id={ "template-" (name) } name=(name) rows=(lines) spellcheck="false" aria-invalid=[(!wrong.is_empty()).then_some("true")]
                aria-describedby={ "template-" (name) "-help" @if !wrong.is_empty() { " template-" (name) "-wrong" } } { "\n" (fields.text(name)) }
            p.help id={ "template-" (name) "-help" } { (help) }
            @if !wrong.is_empty() {
                ul.wrong id={ "template-" (name) "-wrong" } { @for words in wrong { li { (words) } } }
            }
        }
    }
}

/// The variables that a template of the tenant's own documents.
fn own_variables(fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let mut lines = rows(fields);
    lines.extend((0..EMPTY_LINES).map(|_| Row { name: "", meaning: "", required: true, example: "" }));
    let wrong: Vec<&str> = trouble
        .into_iter()
        .flat_map(|trouble| &trouble.fields)
        .filter(|(place, _)| place.starts_with("/variables"))
        .map(|(_, words)| words.as_str())
        .collect();
    html! {
        fieldset {
            legend { "Variables" }
            p.help { "What may stand in its places. The example says what kind of value it is: a text, or JSON such as 12 or [{\"what\": \"Tea\"}]." }
            @for words in wrong { p.wrong { (words) } }
            div.scroll tabindex="0" role="region" aria-label="Variables of the template" { table {
                caption.unseen { "Variables of the template" }
                thead { tr {
                    th scope="col" { "Name" } th scope="col" { "Meaning" } th scope="col" { "Must be given" } th scope="col" { "Example" }
                } }
                tbody { @for (at, line) in lines.iter().enumerate() { (variable(at + 1, line)) } }
            } }
        }
    }
}

fn variable(number: usize, line: &Row<'_>) -> Markup {
    html! {
        tr {
            td { input name="variable" value=(line.name) aria-label={ "Name of variable " (number) } autocomplete="off"; }
            td { input name="meaning" value=(line.meaning) aria-label={ "Meaning of variable " (number) } autocomplete="off"; }
            td {
                select name="required" aria-label={ "Must variable " (number) " be given" } {
                    option value="yes" selected[line.required] { "yes" }
                    option value="no" selected[!line.required] { "no" }
                }
            }
            td { input name="example" value=(line.example) aria-label={ "Example of variable " (number) } autocomplete="off"; }
        }
    }
}
