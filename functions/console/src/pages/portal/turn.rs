//! A hostname is set, looked at, tried again, removed.

use axum::{
    extract::{Path, State},
    http::Method,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{api_of, page_of, show};
use crate::{
    form::{Fields, Sent},
    page::{Refusal, see_other},
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// It is set.
pub(super) async fn set(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let asked = sent.fields.text("domain");
    let told = visit.ask().send(Method::PUT, &api_of(&tenant), Some(&json!({ "domain": asked })), &[]).await;
    done(&visit, &tenant, "begun", told.map(drop), Some(asked)).await
}

/// It is looked at.
pub(super) async fn refresh(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let told = visit.ask().post(&format!("{}/refresh", api_of(&tenant)), &which(&sent.fields)).await;
    done(&visit, &tenant, "checked", told.map(drop), None).await
}

/// What has failed is tried again.
pub(super) async fn retry(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let told = visit.ask().post(&format!("{}/retry", api_of(&tenant)), &which(&sent.fields)).await;
    done(&visit, &tenant, "retried", told.map(drop), None).await
}

/// It goes.
pub(super) async fn remove(
    State(console): State<Console>,
    Path(tenant): Path<String>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let which: Vec<(&str, &str)> = sent.fields.some("domain").map(|domain| ("domain", domain)).into_iter().collect();
    let which = serde_urlencoded::to_string(which).unwrap_or_default();
    let told = visit.ask().send(Method::DELETE, &format!("{}?{which}", api_of(&tenant)), None, &[]).await;
    done(&visit, &tenant, "removed", told.map(drop), None).await
}

/// The hostname that a button is about.
fn which(fields: &Fields) -> Value {
    fields.some("domain").map_or_else(|| json!({}), |domain| json!({ "domain": domain }))
}

async fn done(
    visit: &Visit,
    tenant: &str,
    word: &str,
    told: Result<(), Trouble>,
    asked: Option<&str>,
) -> Result<Response, Refusal> {
    match told {
        Ok(()) => Ok(see_other(&format!("{}?said={word}", page_of(tenant)))),
        Err(trouble) if trouble.is_about_the_form() => {
            let page = show::draw(visit, tenant, None, Some(&trouble), asked).await?;
            Ok(page.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}
