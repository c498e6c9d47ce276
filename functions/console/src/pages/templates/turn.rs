//! A draft is published, sent as a test; an earlier version becomes the draft; everything is taken back.

use axum::{
    extract::{Path, State},
    http::Method,
    response::Response,
};
use maud::{Markup, html};
use serde_json::{Value, json};
use tenantry_model::Permission;

use super::{
    Which, api_of_one,
    edit::{Shown, refused},
    page_of_one,
};
use crate::{
    form::Sent,
    page::{Refusal, see_other},
    parts::{Field, csrf, input},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Mail is made of it.
pub(super) async fn publish(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let told = visit.ask().post(&format!("{}/publish", api_of_one(&which)), &json!({})).await;
    done(&visit, &which, "published", told.map(drop)).await
}

/// It is sent to one address.
pub(super) async fn test(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let body = json!({ "to": sent.fields.text("to") });
    let told = visit.ask().post(&format!("{}/test", api_of_one(&which)), &body).await;
    done(&visit, &which, "sent", told.map(drop)).await
}

/// An earlier version is the draft.
pub(super) async fn restore(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let version = sent.fields.text("version");
    let version: Value = version.parse::<i32>().map_or_else(|_| json!(version), |number| json!(number));
    let told = visit.ask().post(&format!("{}/restore", api_of_one(&which)), &json!({ "version": version })).await;
    done(&visit, &which, "restored", told.map(drop)).await
}

/// The tenant has no words of its own here any more.
pub(super) async fn reset(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let told = visit.ask().send(Method::DELETE, &api_of_one(&which), None, &[]).await;
    done(&visit, &which, "taken-back", told.map(drop)).await
}

async fn done(visit: &Visit, which: &Which, word: &str, told: Result<(), Trouble>) -> Result<Response, Refusal> {
    match told {
        Ok(()) => Ok(see_other(&format!("{}?said={word}", page_of_one(which)))),
        Err(trouble) => refused(visit, which, None, trouble).await,
    }
}

/// What can be done with what is there.
pub(super) fn actions(visit: &Visit, which: &Which, shown: &Shown) -> Markup {
    let page = page_of_one(which);
    html! {
        div.row {
            @if shown.draft.is_some() {
                form method="post" action={ (page) "/publish" } {
                    (csrf(&visit.person))
                    button.main type="submit" #template-publish { "Publish the draft" }
                }
            }
            @if shown.draft.is_some() || shown.published.is_some() {
                form method="post" action={ (page) "/reset" } data-confirm="Take the tenant's words back? A draft goes for good; what was published is kept among the versions." {
                    (csrf(&visit.person))
                    button.danger type="submit" #template-reset { "Take the tenant's words back" }
                }
            }
        }
        @if visit.person.may(Permission::MessagesSend) {
            details #template-test {
                summary { "Send a test" }
                form.filters method="post" action={ (page) "/test" } {
                    (csrf(&visit.person))
                    (input(&Field {
                        name: "to", id: Some("template-test-to"), label: "To", value: "", kind: Some("email"), autocomplete: Some("email"),
                        help: Some("The draft, or else what mail is made of, with the examples of the variables."), required: true, ..Field::default()
                    }))
                    button type="submit" #template-test-send { "Send it" }
                }
            }
        }
    }
}
