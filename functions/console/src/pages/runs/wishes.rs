//! What somebody wishes of a run.

use axum::{
    extract::{Path, State},
    response::Response,
};
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Run, kind_words};
use crate::{
    form::Sent,
    page::{Page, Place, Refusal, see_other},
    parts::{Field, csrf, input, segment, status, trouble_card},
    state::Console,
    visit::Visit,
};

/// What calling it off would do.
#[derive(Debug, Deserialize)]
struct Preview {
    accepted: bool,
    refusal: Option<String>,
    becomes: Option<Value>,
    #[serde(default)]
    undoes: Vec<String>,
}

/// What calling it off would do, before anybody does it.
pub(super) async fn preview(visit: Visit, Path(id): Path<String>) -> Result<Page, Refusal> {
    let id = segment(&id);
    let run: Run = visit.get(&format!("/v1/runs/{id}")).await?;
    let preview: Preview = visit.get(&format!("/v1/runs/{id}/cancel-preview")).await?;
    let body = html! {
        @if preview.accepted {
            div.card.warned {
                h2 { "If you cancel it now" }
                @if let Some(becomes) = &preview.becomes {
                    p { "It becomes " (status(becomes["status"].as_str().unwrap_or_default())) ", in the state " code { (becomes["state"].as_str().unwrap_or_default()) } "." }
                }
                @if preview.undoes.is_empty() { p { "Nothing has to be undone." } }
                @else { p { "This is undone, in this order:" } ol { @for one in &preview.undoes { li { (one) } } } }
                p { "The run decides at the moment when it hears of it: what happens meanwhile counts." }
            }
            form method="post" action={ "/runs/" (id) "/cancel" } {
                (csrf(&visit.person))
                (input(&Field { name: "reason", label: "Why", help: Some("For whoever reads the history."), ..Field::default() }))
                div.row { button.danger #run-cancel-now type="submit" { "Cancel the run" } a.button href={ "/runs/" (id) } { "Leave it as it is" } }
            }
        } @else {
            div.card.trouble { p { "It cannot be cancelled now: " (preview.refusal.as_deref().unwrap_or("the run does not accept it")) } }
            p { a.button href={ "/runs/" (id) } { "Back to the run" } }
        }
    };
    Ok(visit.page(Place::Runs, &format!("Cancel: {}", kind_words(&run.kind)), &body))
}

/// Calls it off.
pub(super) async fn cancel(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let reason = sent.fields.text("reason").to_owned();
    tell(&console, sent, &id, "cancel", &json!({ "reason": reason }), "cancelled").await
}

/// Tries again now.
pub(super) async fn retry(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    tell(&console, sent, &id, "retry", &json!({}), "retried").await
}

/// Begins nothing more of it.
pub(super) async fn pause(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    tell(&console, sent, &id, "pause", &json!({}), "paused").await
}

/// Goes on.
pub(super) async fn resume(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    tell(&console, sent, &id, "resume", &json!({}), "resumed").await
}

async fn tell(
    console: &Console,
    sent: Sent,
    id: &str,
    what: &str,
    body: &Value,
    word: &str,
) -> Result<Response, Refusal> {
    let id = segment(id);
    let visit = Visit::of(console, sent.person);
    match visit.ask().post(&format!("/v1/runs/{id}/{what}"), body).await {
        Ok(_) => Ok(see_other(&format!("/runs/{id}?said={word}"))),
        Err(trouble) if trouble.is_about_the_form() => {
            let back = html! { (trouble_card(&trouble)) p { a.button href={ "/runs/" (id) } { "Back to the run" } } };
            Err(Refusal::Shown(Box::new(visit.page(Place::Runs, &trouble.title, &back).with(trouble.status))))
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}
