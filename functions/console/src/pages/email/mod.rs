//! How a tenant's mail looks and which way it takes: tiers and routing, sender, limits, which mail its users get.

mod change;
mod explain;
mod form;
mod notifications;
mod sending;
mod settings;
mod show;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{parts::segment, state::Console};

/// Its routes.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/{tenant}/email", get(show::show).post(change::change))
        .route("/tenants/{tenant}/email/pause", post(sending::pause))
        .route("/tenants/{tenant}/email/resume", post(sending::resume))
        .route("/tenants/{tenant}/email/notifications", post(notifications::choose))
        .route("/tenants/{tenant}/email/explain", post(explain::explain))
}

/// The page.
fn page_of(tenant: &str) -> String {
    format!("/tenants/{}/email", segment(tenant))
}

/// Something of the tenant in the API.
fn api_of(tenant: &str, what: &str) -> String {
    format!("/v1/tenants/{}/{what}", segment(tenant))
}
