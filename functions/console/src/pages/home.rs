//! The first page.

use axum::{Router, routing::get};
use maud::html;

use crate::{page::{Page, Place}, state::Console, visit::Visit};

/// Its routes.
pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/", get(show))
}

async fn show(visit: Visit) -> Page {
    visit.page(Place::Home, "Home", &html! { p { "Welcome, " (visit.person.name) "." } })
}
