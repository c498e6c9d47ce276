//! Changes of a tenant.

use axum::{
    extract::{Path, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{show, with_etag};
use crate::{
    form::{Fields, Sent},
    page::{Refusal, see_other},
    pages::runs::Run,
    parts::{List, segment},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// Name, contact and plan, if nobody else has changed them since the form was drawn.
pub(super) async fn save(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let wish: serde_json::Map<String, Value> = ["name", "email", "contractLine"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), json!(fields.some(name)?))))
        .collect();
    let path = format!("/v1/tenants/{}", segment(&id));
    let done =
        visit.ask().send(Method::PATCH, &path, Some(&Value::Object(wish)), &[("if-match", fields.text("etag"))]).await;
    told(&visit, &id, &fields, done.err(), "saved").await
}

pub(super) async fn suspend(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let done = visit
        .ask()
        .post(&format!("/v1/tenants/{}/suspend", segment(&id)), &json!({ "reason": fields.text("reason") }))
        .await;
    told(&visit, &id, &fields, done.err(), "suspended").await
}

pub(super) async fn resume(
    State(console): State<Console>,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let Sent { person, fields } = sent;
    let visit = Visit::of(&console, person);
    let done = visit.ask().post(&format!("/v1/tenants/{}/resume", segment(&id)), &json!({})).await;
    told(&visit, &id, &fields, done.err(), "unsuspended").await
}

async fn told(
    visit: &Visit,
    id: &str,
    fields: &Fields,
    trouble: Option<Trouble>,
    word: &str,
) -> Result<Response, Refusal> {
    let Some(trouble) = trouble else { return Ok(see_other(&format!("/tenants/{}?said={word}", segment(id)))) };
    if !trouble.is_about_the_form() {
        return Err(visit.refused(trouble));
    }
    let (tenant, etag) = with_etag(visit, id).await.map_err(|trouble| visit.refused(trouble))?;
    let runs: List<Run> = visit.get(&format!("/v1/runs?tenant={}&limit=10", segment(id))).await?;
    // Somebody else has changed it: what they wrote is shown, so that nobody saves over it unseen.
    let theirs = Fields::default();
    let shown = if trouble.status == StatusCode::PRECONDITION_FAILED { &theirs } else { fields };
    let body = show::drawn(&visit.person, &tenant, &runs.data, &etag, shown, Some(&trouble));
    Ok(show::framed(visit, &tenant, &body).with(trouble.status).into_response())
}
