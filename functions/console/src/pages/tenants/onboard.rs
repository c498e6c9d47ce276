//! Onboarding a tenant.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde_json::{Value, json};
use tenantry_model::Permission;

use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, see_other},
    parts::{Field, csrf, input, once, segment, trouble_card},
    person::Person,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

pub(super) async fn form(visit: Visit) -> Result<Page, Refusal> {
    visit.needs(Permission::TenantsManage)?;
    Ok(visit.page(Place::Tenants, "Onboard a tenant", &drawn(&visit.person, &Fields::default(), None)))
}

pub(super) async fn begin(State(console): State<Console>, sent: Sent) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    match visit.ask().post("/v1/tenants", &wish(&fields)).await {
        Ok(run) => Ok(see_other(&format!("/runs/{}?said=begun", segment(run["id"].as_str().unwrap_or_default())))),
        Err(trouble) if trouble.is_about_the_form() => {
            let body = drawn(&visit.person, &fields, Some(&trouble));
            Ok(visit.page(Place::Tenants, "Onboard a tenant", &body).with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

/// What the API is asked for; what was left empty is not sent.
fn wish(fields: &Fields) -> Value {
    let mut wish = json!({
        "tenantName": fields.text("tenantName"),
        "adminUser": { "firstName": fields.text("firstName"), "lastName": fields.text("lastName"), "email": fields.text("email") },
    });
    for name in ["companyName", "contractLine", "externalKey"] {
        if let Some(value) = fields.some(name) {
            wish[name] = json!(value);
        }
    }
    wish
}

fn drawn(person: &Person, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    let text = |name: &'static str,
                label: &'static str,
                place: &str,
                kind: Option<&'static str>,
                autocomplete: Option<&'static str>| {
        input(
            &Field { name, label, value: fields.text(name), kind, autocomplete, required: true, ..Field::default() }
                .judged(trouble, place),
        )
    };
    let more = |name: &'static str, label: &'static str, help: &'static str| {
        input(
            &Field { name, label, value: fields.text(name), help: Some(help), ..Field::default() }
                .judged(trouble, name),
        )
    };
    html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        p { "The tenant, its administrator and its settings are made, and the administrator is welcomed by mail. Until the tenant is active, all of it can be undone." }
        form.card #onboard method="post" action="/tenants/new" {
            (csrf(person)) (once())
            (text("tenantName", "Tenant's name", "tenantName", None, Some("organization")))
            fieldset {
                legend { "Its administrator" }
                (text("firstName", "First name", "adminUser/firstName", None, Some("off")))
                (text("lastName", "Last name", "adminUser/lastName", None, Some("off")))
                (text("email", "E-mail address", "adminUser/email", Some("email"), Some("off")))
            }
            (more("companyName", "First company", "Where the tenant is one company of several."))
            (more("contractLine", "Plan", "basic, unless you name another."))
            (more("externalKey", "Your own key", "Onboarding the same key twice is one tenant."))
            button.main #onboard-submit type="submit" { "Onboard" }
        }
    }
}
