//! The hostname of a tenant's portal: set, with the record to create, watched until it serves, changed, removed.

mod hostname;
mod show;
mod status;
mod turn;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{parts::segment, state::Console};

/// Its routes.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/{tenant}/portal", get(show::show).post(turn::set))
        .route("/tenants/{tenant}/portal/live", get(show::live))
        .route("/tenants/{tenant}/portal/refresh", post(turn::refresh))
        .route("/tenants/{tenant}/portal/retry", post(turn::retry))
        .route("/tenants/{tenant}/portal/remove", post(turn::remove))
}

/// The page.
fn page_of(tenant: &str) -> String {
    format!("/tenants/{}/portal", segment(tenant))
}

/// The portal in the API.
fn api_of(tenant: &str) -> String {
    format!("/v1/tenants/{}/portal-domain", segment(tenant))
}
