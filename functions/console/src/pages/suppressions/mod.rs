//! Addresses that a tenant does not write to: listed, searched, put on the list, taken off.

mod list;
mod turn;
mod words;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{parts::segment, state::Console};

/// Its routes.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/{tenant}/email/suppressions", get(list::show).post(turn::add))
        .route("/tenants/{tenant}/email/suppressions/remove", post(turn::remove))
}

/// The page.
fn page_of(tenant: &str) -> String {
    format!("/tenants/{}/email/suppressions", segment(tenant))
}

/// The list in the API.
fn api_of(tenant: &str) -> String {
    format!("/v1/tenants/{}/suppressions", segment(tenant))
}
