//! The pages.

mod home;

use axum::Router;

use crate::state::Console;

/// Every page.
pub(crate) fn routes() -> Router<Console> {
    Router::new().merge(home::routes())
}
