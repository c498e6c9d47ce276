//! A domain is added.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde_json::{Value, json};
use tenantry_model::Permission;

use super::{api_of, page_of, status::steps};
use crate::{
    form::{Fields, Sent},
    page::{Page, Place, Refusal, Tab, see_other},
    parts::{Field, csrf, input, once, segment, tick, trouble_card},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// The form.
pub(super) async fn show(visit: Visit, Path(tenant): Path<String>) -> Result<Page, Refusal> {
    // Another tenant is not there, whatever one may do in one's own.
    visit.tenant(&tenant).await?;
    visit.needs(Permission::SettingsManageEmail)?;
    draw(&visit, &tenant, &Fields::default(), None).await
}

/// The form was sent: on to the domain, or the form again with what is wrong.
pub(super) async fn add(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    match visit.ask().post(&api_of(&tenant), &wish(&fields)).await {
        Ok(domain) => {
            let id = segment(domain["id"].as_str().unwrap_or_default());
            Ok(see_other(&format!("{}/{id}?said=begun", page_of(&tenant))))
        }
        Err(trouble) if trouble.is_about_the_form() => {
            let status = trouble.status;
            Ok(draw(&visit, &tenant, &fields, Some(&trouble)).await?.with(status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}

fn wish(fields: &Fields) -> Value {
    let mut wish = json!({ "name": fields.text("name"), "confirmApex": fields.on("confirmApex") });
    for name in ["mailbox", "region"] {
        if let Some(value) = fields.some(name) {
            wish[name] = json!(value);
        }
    }
    wish
}

async fn draw(visit: &Visit, tenant: &str, fields: &Fields, trouble: Option<&Trouble>) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let apex = trouble.is_some_and(|trouble| trouble.code == "apex_not_confirmed");
    let body = html! {
        @match trouble {
            Some(trouble) if apex => {
                div.card.warned #apex-warning role="alert" {
                    p { (trouble.detail) }
                    p { "Name a subdomain; or, if nothing else will do, confirm below that you want the domain itself." }
                }
            }
            Some(trouble) => { (trouble_card(trouble)) }
            None => {}
        }
        (way())
        form method="post" action=(page_of(tenant)) #add-domain-form {
            (csrf(&visit.person)) (once())
            (input(&Field {
                name: "name", id: Some("domain-name"), label: "Domain", value: fields.text("name"), example: Some("mail.yourcompany.com"),
                help: Some("Best a subdomain that nothing else uses, such as mail.yourcompany.com. You need to be able to change its DNS."),
                autocomplete: Some("off"), required: true, ..Field::default()
            }.judged(trouble, "name")))
            (input(&Field {
                name: "mailbox", id: Some("domain-mailbox"), label: "Sender", value: fields.text("mailbox"), example: Some("noreply"),
                help: Some("What stands before the @; noreply where this is left empty."), autocomplete: Some("off"), ..Field::default()
            }.judged(trouble, "mailbox")))
            details open[fields.some("region").is_some()] {
                summary { "More" }
                (input(&Field {
                    name: "region", id: Some("domain-region"), label: "Region", value: fields.text("region"), example: Some("eu-west-1"),
                    help: Some("Where its mail is to be handled, where there is a choice; the usual region otherwise."),
                    autocomplete: Some("off"), ..Field::default()
                }.judged(trouble, "region")))
            }
            @if apex || fields.on("confirmApex") {
                (tick("confirmApex", "Yes, I want the domain itself and not a subdomain of it.", fields.on("confirmApex")))
            }
            div.row {
                button.main type="submit" #domain-submit { "Add the domain" }
                a.button href=(page_of(tenant)) { "Back" }
            }
        }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Domains), &head, "Add a domain", &body))
}

/// What comes after the form.
fn way() -> Markup {
    html! { details { summary { "How it goes on" } (steps("created")) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_empty_is_not_wished_for() {
        let fields = Fields(vec![("name".into(), " mail.acme.com ".into()), ("mailbox".into(), String::new())]);
        assert_eq!(wish(&fields), json!({ "name": "mail.acme.com", "confirmApex": false }));
    }
}
