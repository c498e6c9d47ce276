//! Where a tenant is told of events: endpoints, their secrets, and how each delivery went.

mod add;
mod change;
mod deliveries;
mod delivery;
mod endpoint;
mod form;
mod list;
mod turn;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{parts::segment, state::Console};

/// Its routes. No endpoint is called `new` or `deliveries`: ids begin with `whe_`.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/{tenant}/webhooks", get(list::show).post(add::add))
        .route("/tenants/{tenant}/webhooks/new", get(add::show))
        .route("/tenants/{tenant}/webhooks/deliveries/{delivery}", get(delivery::show))
        .route("/tenants/{tenant}/webhooks/deliveries/{delivery}/replay", post(delivery::replay))
        .route("/tenants/{tenant}/webhooks/{endpoint}", get(endpoint::show).post(change::change))
        .route("/tenants/{tenant}/webhooks/{endpoint}/live", get(endpoint::live))
        .route("/tenants/{tenant}/webhooks/{endpoint}/switch", post(change::switch))
        .route("/tenants/{tenant}/webhooks/{endpoint}/rotate", post(turn::rotate))
        .route("/tenants/{tenant}/webhooks/{endpoint}/test", post(turn::test))
        .route("/tenants/{tenant}/webhooks/{endpoint}/replay", post(turn::replay))
        .route("/tenants/{tenant}/webhooks/{endpoint}/remove", post(turn::remove))
}

/// One endpoint of a tenant, as the address names it.
type Which = (String, String);

/// The list.
fn page_of(tenant: &str) -> String {
    format!("/tenants/{}/webhooks", segment(tenant))
}

/// The list in the API.
fn api_of(tenant: &str) -> String {
    format!("/v1/tenants/{}/webhook-endpoints", segment(tenant))
}

/// The page of an endpoint.
fn page_of_one((tenant, endpoint): &Which) -> String {
    format!("{}/{}", page_of(tenant), segment(endpoint))
}

/// An endpoint in the API.
fn api_of_one((tenant, endpoint): &Which) -> String {
    format!("{}/{}", api_of(tenant), segment(endpoint))
}
