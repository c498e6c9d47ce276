//! "Managed sending": the domains of a tenant that its mail comes from. Added, with records to publish, looked at until they stand, removed.

mod add;
pub(in crate::pages) mod dns;
mod list;
mod share;
mod show;
mod status;
mod turn;

use axum::{
    Router,
    routing::{get, post},
};
use maud::{Markup, html};

use crate::{parts::segment, state::Console, trouble::Trouble};

/// Its routes. No domain is called `new` or `live`: names have a dot, and ids an underscore.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/tenants/{tenant}/email/domains", get(list::show).post(add::add))
        .route("/tenants/{tenant}/email/domains/live", get(list::live))
        .route("/tenants/{tenant}/email/domains/new", get(add::show))
        .route("/tenants/{tenant}/email/domains/{domain}", get(show::show))
        .route("/tenants/{tenant}/email/domains/{domain}/live", get(show::live))
        .route("/tenants/{tenant}/email/domains/{domain}/check", post(turn::check))
        .route("/tenants/{tenant}/email/domains/{domain}/remove", post(turn::remove))
        .route("/tenants/{tenant}/email/domains/{domain}/link", post(share::make))
}

/// Where a tenant's domains are in the console.
fn page_of(tenant: &str) -> String {
    format!("/tenants/{}/email/domains", segment(tenant))
}

/// Where they are in the API.
fn api_of(tenant: &str) -> String {
    format!("/v1/tenants/{}/email-domains", segment(tenant))
}

/// What stands where the edition has no such thing.
pub(in crate::pages) fn not_in_this_edition(trouble: &Trouble) -> Markup {
    html! {
        div.empty #not-in-this-edition {
            p { (trouble.detail) }
            p { (trouble.next_action) }
        }
    }
}

/// Whether the edition is what stands in the way.
pub(in crate::pages) fn is_of_the_edition(trouble: &Trouble) -> bool {
    trouble.code == "feature_not_available"
}
