//! What can still be changed of a message that waits.

use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;
use serde_json::json;

use crate::{
    form::Sent,
    page::{Place, Refusal, see_other},
    parts::{segment, trouble_card},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

pub(super) async fn cancel(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let (id, visit) = (segment(&id), Visit::of(&console, sent.person));
    let done = visit.ask().post(&format!("/v1/messages/{id}/cancel"), &json!({})).await;
    told(&visit, &id, done.err(), "cancelled")
}

pub(super) async fn reschedule(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let (id, visit) = (segment(&id), Visit::of(&console, sent.person));
    // A browser gives the minute without a zone; the form says that it is UTC.
    let at = match sent.fields.text("at") {
        minute if minute.len() == 16 => format!("{minute}:00Z"),
        other => other.to_owned(),
    };
    let body = json!({ "sendAt": at });
    let done = visit.ask().post(&format!("/v1/messages/{id}/reschedule"), &body).await;
    told(&visit, &id, done.err(), "saved")
}

fn told(visit: &Visit, id: &str, trouble: Option<Trouble>, word: &str) -> Result<Response, Refusal> {
    match trouble {
        None => Ok(see_other(&format!("/messages/{id}?said={word}"))),
        Some(trouble) if trouble.is_about_the_form() => {
            let back =
                html! { (trouble_card(&trouble)) p { a.button href={ "/messages/" (id) } { "Back to the message" } } };
            Err(Refusal::Shown(Box::new(visit.page(Place::Messages, &trouble.title, &back).with(trouble.status))))
        }
        Some(trouble) => Err(visit.refused(trouble)),
    }
}
