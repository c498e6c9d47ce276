//! The pages.

mod domains;
mod email;
mod templates;
mod webhooks;
mod audit;
mod keys;
mod messages;
mod providers;
mod home;
mod tenants;
mod imports;
mod portal;
mod runs;
mod suppressions;
mod tasks;

use axum::Router;

use crate::state::Console;

/// Every page.
pub(crate) fn routes() -> Router<Console> {
    Router::new().merge(home::routes()).merge(runs::routes()).merge(tenants::routes()).merge(imports::routes()).merge(providers::routes()).merge(messages::routes()).merge(keys::routes()).merge(audit::routes()).merge(tasks::routes()).merge(domains::routes()).merge(email::routes()).merge(templates::routes()).merge(webhooks::routes()).merge(portal::routes()).merge(suppressions::routes())
}
