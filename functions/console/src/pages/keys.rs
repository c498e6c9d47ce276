//! API keys: what machines sign in with.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::Method,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::Permission;

use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, see_other},
    parts::{Field, List, Tone, badge, copyable, csrf, empty, input, once, pager, said, segment, trouble_card, when},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Its routes.
pub(super) fn routes() -> Router<Console> {
    Router::new().route("/keys", get(show).post(make)).route("/keys/{id}/revoke", post(revoke))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    id: String,
    tenant_id: Option<String>,
    name: String,
    permissions: Vec<String>,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    created_by: String,
    created_at: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    after: Option<String>,
    said: Option<String>,
}

async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Page, Refusal> {
    let after = wanted.after.as_deref().map(|after| format!("&after={}", segment(after))).unwrap_or_default();
    let keys: List<Key> = visit.get(&format!("/v1/api-keys?limit=50{after}")).await?;
    let body = html! {
        (said(wanted.said.as_deref()))
        p.fine { "Machines sign in with a key. It may do what its maker allows it, for as long as it is good; its secret is shown once." }
        @if keys.data.is_empty() { (empty("There is no key yet.", &html! {})) } @else {
            (table(&visit.person, &keys.data))
            (pager(&keys, "/keys", &[], wanted.after.as_deref()))
        }
        (form(&visit.person, &Fields::default(), None))
    };
    Ok(visit.page(Place::Keys, "API keys", &body))
}

fn table(person: &Person, keys: &[Key]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="API keys" { table #keys {
            thead { tr { th scope="col" { "Key" } th scope="col" { "May" } th scope="col" { "Last used" } th scope="col" { "Good until" } th scope="col" { "Made" } th scope="col" { "" span.unseen { "Revoke" } } } }
            tbody { @for key in keys { tr {
                th scope="row" { (key.name) br; code { (key.id) } @if person.is_operator() { br; span.fine { (key.tenant_id.as_deref().unwrap_or("the platform's")) } } }
                td { (key.permissions.join(", ")) }
                td { @match &key.last_used_at { Some(at) => (when(at)), None => "never" } }
                td { @match (&key.revoked_at, &key.expires_at) { (Some(at), _) => { (badge(Tone::Calm, "revoked")) " " (when(at)) } (None, Some(at)) => (when(at)), (None, None) => "revoked by hand" } }
                td { (when(&key.created_at)) br; span.fine { "by " (key.created_by) } }
                td { @if key.revoked_at.is_none() { form method="post" action={ "/keys/" (segment(&key.id)) "/revoke" } {
                    (csrf(person))
                    button.danger.quiet type="submit" aria-label={ "Revoke " (key.name) } data-confirm="Whatever uses this key is refused from now on. Revoke it?" { "Revoke" }
                } } }
            } } }
        } }
    }
}

fn form(person: &Person, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let chosen = fields.all("permission");
    html! {
        form.card #new-key method="post" action="/keys" {
            h2 { "A new key" }
            @if let Some(trouble) = trouble { (trouble_card(trouble)) }
            (csrf(person)) (once())
            (input(&Field { name: "name", label: "What it is for", value: fields.text("name"), required: true, example: Some("Billing system"), ..Field::default() }.judged(trouble, "name")))
            (input(&Field { name: "days", label: "Good for so many days", value: fields.some("days").unwrap_or("365"), kind: Some("number"), help: Some("Empty: until somebody revokes it."), ..Field::default() }.judged(trouble, "expiresInDays")))
            @if person.is_operator() { (input(&Field { name: "tenant", label: "For which tenant", value: fields.text("tenant"), example: Some("ten_…"), help: Some("Empty: the platform's own."), ..Field::default() }.judged(trouble, "tenant"))) }
            fieldset { legend { "What it may do" }
                @for permission in Permission::ALL.iter().filter(|permission| person.may(**permission)) {
                    label.tick { input type="checkbox" name="permission" value=(permission.as_str()) checked[chosen.contains(&permission.as_str())]; span { code { (permission.as_str()) } } }
                }
            }
            button.main type="submit" { "Make the key" }
        }
    }
}

async fn make(State(console): State<Console>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let days = fields.some("days").map(|days| days.parse::<i64>().map_or_else(|_| json!(days), |days| json!(days)));
    let mut wish = json!({ "name": fields.text("name"), "permissions": fields.all("permission") });
    if let Some(days) = days {
        wish["expiresInDays"] = days;
    }
    if let Some(tenant) = fields.some("tenant") {
        wish["tenant"] = json!(tenant);
    }
    match visit.ask().post("/v1/api-keys", &wish).await {
        Ok(made) => {
            let body = html! {
                @match made["secret"].as_str() {
                    Some(secret) => div.card.warned {
                        p { strong { "This is shown once." } " When you leave this page, nobody can read it again. Put it where your machine keeps its secrets." }
                        p #key-secret { (copyable(secret, "the key")) }
                    },
                    None => div.card.trouble {
                        p { strong { "The form was sent twice." } " One key was made, and its secret was in the first answer alone. If nobody has it, revoke the key and make another." }
                    },
                }
                p { a.button href="/keys" { "Done" } }
            };
            Ok(visit.page(Place::Keys, "A new key", &body).into_response())
        }
        Err(trouble) if trouble.is_about_the_form() => {
            let body = form(&visit.person, &fields, Some(&trouble));
            Ok(visit.page(Place::Keys, "API keys", &body).with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

async fn revoke(State(console): State<Console>, Path(id): Path<String>, sent: Sent) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let path = format!("/v1/api-keys/{}", segment(&id));
    visit.ask().send(Method::DELETE, &path, None, &[]).await.map_err(|trouble| visit.refused(trouble))?;
    Ok(see_other("/keys?said=revoked"))
}
