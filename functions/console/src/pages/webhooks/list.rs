//! The endpoints of a tenant.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;

use super::{api_of, endpoint::Endpoint, page_of};
use crate::{
    page::{Page, Place, Refusal, Tab},
    parts::{List, empty, pager, said, segment, status, when},
    visit::Visit,
};

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Listed {
    after: Option<String>,
    said: Option<String>,
}

/// The list.
pub(super) async fn show(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(listed): Query<Listed>,
) -> Result<Page, Refusal> {
    let head = visit.tenant(&tenant).await?;
    let after = listed.after.as_deref();
    let query: Vec<(&str, &str)> = after.map(|after| ("after", after)).into_iter().collect();
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let list: List<Endpoint> = visit.get(&format!("{}?{query}", api_of(&tenant))).await?;
    let add = html! { p { a.button.main #webhook-new href={ (page_of(&tenant)) "/new" } { "Add an endpoint" } } };
    let body = html! {
        (said(listed.said.as_deref()))
        p {
            "Have a server of yours told of what happens: a domain is verified, the portal is live, the plan has changed. Each event is sent by POST, \
             signed as Standard Webhooks say, and tried again for about three days until your server takes it."
        }
        @if list.data.is_empty() && after.is_none() {
            (empty("There is no endpoint yet, so nobody is told.", &add))
        } @else {
            (add)
            (table(&tenant, &list))
            (pager(&list, &page_of(&tenant), &[], after))
        }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Webhooks), &head, "Webhooks", &body))
}

fn table(tenant: &str, list: &List<Endpoint>) -> Markup {
    let moment = |at: &Option<String>| at.as_deref().map_or_else(|| html! { "–" }, when);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Endpoints" { table #webhook-endpoints {
            caption.unseen { "Webhook endpoints, newest first" }
            thead { tr {
                th scope="col" { "Endpoint" }
                th scope="col" { "Health" }
                th scope="col" { "Told of" }
                th scope="col" { "Last taken" }
                th scope="col" { "Last failure" }
            } }
            tbody { @for one in &list.data {
                tr {
                    th scope="row" {
                        a href={ (page_of(tenant)) "/" (segment(&one.id)) } { (one.url) }
                        @if !one.description.is_empty() { br; span.help { (one.description) } }
                    }
                    td { (status(&one.health)) }
                    td { @if one.asks_for_all() { "everything" } @else { (one.events.join(", ")) } }
                    td { (moment(&one.last_success_at)) }
                    td { (moment(&one.last_failure_at)) }
                }
            } }
        } }
    }
}
