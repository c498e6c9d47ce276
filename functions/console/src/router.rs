//! Every page there is.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::get,
};

use crate::{assets, guard::guard, page::Refusal, pages, sign_in, state::Console, trouble::Trouble};

/// The whole console.
pub fn router(console: Console) -> Router {
    Router::new()
        .merge(sign_in::routes())
        .merge(pages::routes())
        .route("/assets/{version}/{name}", get(assets::serve))
        .fallback(no_such_page)
        .layer(from_fn_with_state(console.clone(), guard))
        .with_state(console)
}

async fn no_such_page() -> Refusal {
    Refusal::bare(Trouble::no_page())
}
