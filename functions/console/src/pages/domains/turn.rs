//! A domain is looked at now, or removed.

use axum::{
    extract::{Path, State},
    http::Method,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{api_of, page_of, show};
use crate::{
    form::Sent,
    page::{Refusal, see_other},
    parts::segment,
    state::Console,
    trouble::Trouble,
    visit::Visit,
};

/// It is looked at.
pub(super) async fn check(
    State(console): State<Console>,
    Path((tenant, domain)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let body = json!({ "dnsConfigured": sent.fields.on("dnsConfigured") });
    let told = visit.ask().post(&format!("{}/{}/check", api_of(&tenant), segment(&domain)), &body).await;
    done(&visit, &tenant, &domain, "checked", told.map(drop)).await
}

/// It goes.
pub(super) async fn remove(
    State(console): State<Console>,
    Path((tenant, domain)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Refusal> {
    let visit = Visit::of(&console, sent.person);
    let path = format!("{}/{}", api_of(&tenant), segment(&domain));
    let told = visit.ask().send(Method::DELETE, &path, None, &[]).await;
    done(&visit, &tenant, &domain, "removed", told.map(drop)).await
}

async fn done(
    visit: &Visit,
    tenant: &str,
    domain: &str,
    word: &str,
    told: Result<(), Trouble>,
) -> Result<Response, Refusal> {
    match told {
        Ok(()) => Ok(see_other(&format!("{}/{}?said={word}", page_of(tenant), segment(domain)))),
        Err(trouble) if trouble.is_about_the_form() => {
            let page = show::draw(visit, tenant, domain, None, Some(&trouble), None).await?;
            Ok(page.with(trouble.status).into_response())
        }
        Err(trouble) => Err(visit.refused(trouble)),
    }
}
