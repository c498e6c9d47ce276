//! Every page there is.

use axum::{Router, middleware::from_fn_with_state, routing::get};

use crate::{assets, guard::guard, page::Refusal, pages, session::keep, sign_in, state::Console, trouble::Trouble};

/// The whole console.
pub fn router(console: Console) -> Router {
    let pages = pages::routes().merge(sign_in::routes()).route("/assets/{version}/{name}", get(assets::serve));
    guarded(pages, console)
}

/// Pages with what stands around every page: who is there, and what browsers are told.
pub(crate) fn guarded(pages: Router<Console>, console: Console) -> Router {
    pages
        .fallback(no_such_page)
        .layer(from_fn_with_state(console.clone(), keep))
        .layer(from_fn_with_state(console.clone(), guard))
        .with_state(console)
}

async fn no_such_page() -> Refusal {
    Refusal::bare(Trouble::no_page())
}
