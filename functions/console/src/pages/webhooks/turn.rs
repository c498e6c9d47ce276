//! An endpoint gets a new secret, a test, what it has missed; or goes.

use axum::{
    extract::{Path, State},
    http::Method,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{
    Which, api_of_one,
    endpoint::{Shown, draw, secret_of},
    page_of, page_of_one,
};
use crate::{
    form::{Fields, Sent},
    page::{Refusal, see_other},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// A new secret, shown once.
pub(super) async fn rotate(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    match visit.ask().post(&format!("{}/rotate-secret", api_of_one(&which)), &json!({})).await {
        Ok(made) => {
            let secret = secret_of(&made);
            let shown = Shown { secret: secret.as_ref(), fresh: true, ..Shown::default() };
            Ok(draw(&visit, &which, &shown).await?.into_response())
        }
        Err(trouble) => done(&visit, &which, "", None, Err(trouble)).await,
    }
}

/// A test.
pub(super) async fn test(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let told = visit.ask().post(&format!("{}/test", api_of_one(&which)), &json!({})).await;
    done(&visit, &which, "tested", None, told.map(drop)).await
}

/// What it has missed.
pub(super) async fn replay(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    // What a browser gives for a moment has no seconds and no zone; the label says which zone is meant.
    let since = sent.fields.text("since");
    let since = if since.len() == 16 { format!("{since}:00Z") } else { format!("{since}Z") };
    let told = visit.ask().post(&format!("{}/replay", api_of_one(&which)), &json!({ "since": since })).await;
    done(&visit, &which, "replayed", None, told.map(drop)).await
}

/// It goes.
pub(super) async fn remove(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    match visit.ask().send(Method::DELETE, &api_of_one(&which), None, &[]).await {
        Ok(_) => Ok(see_other(&format!("{}?said=removed", page_of(&which.0)))),
        Err(trouble) => done(&visit, &which, "", None, Err(trouble)).await,
    }
}

/// Back to the endpoint; or its page with what stands in the way, and the form that was sent, if it was the endpoint's.
pub(super) async fn done(
    visit: &Visit,
    which: &Which,
    word: &str,
    fields: Option<&Fields>,
    told: Result<(), Trouble>,
) -> Result<Response, Refusal> {
    match told {
        Ok(()) => Ok(see_other(&format!("{}?said={word}", page_of_one(which)))),
        Err(trouble) if trouble.is_about_the_form() => {
            let shown = Shown { refused: Some((fields, &trouble)), ..Shown::default() };
            Ok(draw(visit, which, &shown).await?.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}
