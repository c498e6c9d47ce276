//! Files of tenants.

mod show;
mod start;

use axum::{Router, routing::get};
use serde::Deserialize;

use crate::{pages::runs::Run, state::Console};

/// Their routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/import", get(start::form).post(start::begin))
        .route("/imports/{id}", get(show::show))
        .route("/imports/{id}/live", get(show::live))
}

/// An import, as far as pages draw it.
#[derive(Debug, Deserialize)]
struct Import {
    run: Run,
    total: u32,
    waiting: u32,
    running: u32,
    succeeded: u32,
    failed: u32,
    invalid: u32,
    duplicate: u32,
    cancelled: u32,
}
