//! An endpoint is changed, switched off and on.

use axum::{
    extract::{Path, State},
    http::Method,
    response::Response,
};
use serde_json::json;

use super::{Which, api_of_one, form, turn::done};
use crate::{form::Sent, page::Refusal, state::Console, visit::Visit};

/// The form was sent, with the version that it was drawn from.
pub(super) async fn change(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let version = [("if-match", fields.text("version"))];
    let told = visit.ask().send(Method::PATCH, &api_of_one(&which), Some(&form::wish(&fields)), &version).await;
    done(&visit, &which, "saved", Some(&fields), told.map(drop)).await
}

/// It is told of events, or not.
pub(super) async fn switch(
    State(console): State<Console>,
    Path(which): Path<Which>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let (wanted, version) =
        (json!({ "status": sent.fields.text("status") }), [("if-match", sent.fields.text("version"))]);
    let told = visit.ask().send(Method::PATCH, &api_of_one(&which), Some(&wanted), &version).await;
    done(&visit, &which, "saved", None, told.map(drop)).await
}
