//! What a tenant's mail is made of: listed, written, looked at, published, and taken back.

mod edit;
mod list;
mod one;
mod picture;
mod source;
mod turn;
mod versions;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{parts::segment, state::Console};

/// Its routes.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/{tenant}/email/templates", get(list::show).post(list::open))
        .route("/tenants/{tenant}/email/templates/{name}", get(one::show))
        .route("/tenants/{tenant}/email/templates/{name}/{locale}", get(edit::show).post(edit::save))
        .route("/tenants/{tenant}/email/templates/{name}/{locale}/preview", get(picture::show))
        .route("/tenants/{tenant}/email/templates/{name}/{locale}/publish", post(turn::publish))
        .route("/tenants/{tenant}/email/templates/{name}/{locale}/test", post(turn::test))
        .route("/tenants/{tenant}/email/templates/{name}/{locale}/restore", post(turn::restore))
        .route("/tenants/{tenant}/email/templates/{name}/{locale}/reset", post(turn::reset))
}

/// One language of one template of a tenant, as the address names it.
type Which = (String, String, String);

/// The list.
fn page_of(tenant: &str) -> String {
    format!("/tenants/{}/email/templates", segment(tenant))
}

/// The list in the API.
fn api_of(tenant: &str) -> String {
    format!("/v1/tenants/{}/templates", segment(tenant))
}

/// One language of a template: its page.
fn page_of_one((tenant, name, locale): &Which) -> String {
    format!("{}/{}/{}", page_of(tenant), segment(name), segment(locale))
}

/// One language of a template in the API.
fn api_of_one((tenant, name, locale): &Which) -> String {
    format!("{}/{}/{}", api_of(tenant), segment(name), segment(locale))
}

/// What a language is called on the page.
fn language(locale: &str) -> String {
    if locale == "default" { "default (readers of any other language)".to_owned() } else { locale.to_owned() }
}
