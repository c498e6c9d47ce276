//! Tenants: found, onboarded, looked at, changed, and let go.

mod change;
mod export;
mod list;
mod offboarding;
mod onboard;
mod show;

use axum::{
    Router,
    routing::{get, post},
};
use serde::Deserialize;

use crate::{parts::segment, state::Console, trouble::Trouble, visit::Visit};

/// Their routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants", get(list::show))
        .route("/tenants/new", get(onboard::form).post(onboard::begin))
        .route("/tenants/{id}", get(show::show).post(change::save))
        .route("/tenants/{id}/suspend", post(change::suspend))
        .route("/tenants/{id}/resume", post(change::resume))
        .route("/tenants/{id}/offboarding", get(offboarding::show).post(offboarding::begin))
        .route("/tenants/{id}/offboarding/live", get(offboarding::live))
        .route("/tenants/{id}/offboarding/{wish}", post(offboarding::wish))
        .route("/tenants/{id}/exports", get(export::show).post(export::begin))
        .route("/tenants/{id}/exports/live", get(export::live))
        .route("/tenants/{id}/exports/{export}/parts/{part}", get(export::part))
}

/// A tenant, as far as pages draw it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) email: Option<String>,
    pub(crate) contract_line: String,
    pub(crate) status: String,
    pub(crate) external_key: Option<String>,
    pub(crate) portal_host: Option<String>,
    pub(crate) run_id: String,
    pub(crate) created_at: String,
    pub(crate) activated_at: Option<String>,
    pub(crate) suspended_at: Option<String>,
    pub(crate) suspended_reason: Option<String>,
    pub(crate) offboarding_run_id: Option<String>,
}

/// The tenant, and the ETag that a change of it is sent with.
async fn with_etag(visit: &Visit, id: &str) -> Result<(Tenant, String), Trouble> {
    let path = format!("/v1/tenants/{}", segment(id));
    let answer = visit.ask().send(axum::http::Method::GET, &path, None, &[]).await?;
    let tenant = serde_json::from_slice(&answer.bytes).map_err(|_| Trouble::ours("The tenant could not be read."))?;
    Ok((tenant, answer.etag.unwrap_or_default()))
}
