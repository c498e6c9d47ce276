//! The pages.

mod audit;
mod domains;
mod email;
mod home;
mod imports;
mod keys;
mod messages;
mod portal;
mod providers;
mod runs;
mod suppressions;
mod tasks;
mod templates;
mod tenants;
mod webhooks;

use axum::Router;

use crate::state::Console;

/// Every page.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(home::routes())
        .merge(runs::routes())
        .merge(tenants::routes())
        .merge(imports::routes())
        .merge(providers::routes())
        .merge(messages::routes())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(tasks::routes())
        .merge(domains::routes())
        .merge(email::routes())
        .merge(templates::routes())
        .merge(webhooks::routes())
        .merge(portal::routes())
        .merge(suppressions::routes())
}
