//! The domains of a tenant.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use tenantry_model::Permission;

use super::{
    api_of,
    dns::{Record, found},
    is_of_the_edition, not_in_this_edition, page_of,
    status::{is_moving, mark},
};
use crate::{
    page::{Page, Place, Refusal, Tab},
    parts::{List, Live, Seen, empty, pager, said, segment, when},
    trouble::Trouble,
    visit::Visit,
};

const TITLE: &str = "Managed sending";

/// Which page of the list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    after: Option<String>,
    said: Option<String>,
    #[serde(flatten)]
    seen: Seen,
}

/// A domain in the list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: String,
    name: String,
    unicode_name: String,
    status: String,
    from: String,
    is_default: bool,
    records: Vec<Record>,
    looked_at: Option<String>,
    next_look_at: Option<String>,
    released_at: Option<String>,
}

/// The list.
pub(super) async fn show(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(which): Query<Which>,
) -> Result<Page, Refusal> {
    let head = visit.tenant(&tenant).await?;
    let place = Place::Tenant(Tab::Domains);
    let list = match read(&visit, &tenant, which.after.as_deref()).await {
        Ok(list) => list,
        Err(trouble) if is_of_the_edition(&trouble) => {
            return Ok(visit.tenant_page(place, &head, TITLE, &not_in_this_edition(&trouble)));
        }
        Err(trouble) => return Err(visit.refused(trouble)),
    };
    let path = page_of(&tenant);
    let may = visit.person.may(Permission::SettingsManageEmail);
    let add = html! { @if may { p { a.button.main #add-domain href={ (path) "/new" } { "Add a domain" } } } };
    let from = from(&tenant);
    let live = Live::new("email-domains", &from).moving(moves(&list) && which.after.is_none());
    let body = html! {
        (said(which.said.as_deref()))
        p {
            "Send mail from a domain of your own. You publish a few DNS records; we look for them, confirm them, and keep watching, and say at \
             every moment what is missing."
        }
        @if list.data.is_empty() && which.after.is_none() {
            (empty("There is no domain yet: mail leaves by the platform's domain. Add one to send from it.", &add))
        } @else {
            (add)
            (live.draw(&table(&tenant, &list)))
            (pager(&list, &path, &[], which.after.as_deref()))
        }
    };
    Ok(visit.tenant_page(place, &head, TITLE, &body))
}

/// The table again.
pub(super) async fn live(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let list = read(&visit, &tenant, None).await.map_err(|trouble| visit.refused(trouble))?;
    let from = from(&tenant);
    Ok(Live::new("email-domains", &from).moving(moves(&list)).answer(&which.seen, &table(&tenant, &list)))
}

fn from(tenant: &str) -> String {
    format!("{}/live", page_of(tenant))
}

async fn read(visit: &Visit, tenant: &str, after: Option<&str>) -> Result<List<Line>, Trouble> {
    let after = after.map(|after| format!("?after={}", segment(after))).unwrap_or_default();
    visit.ask().get(&format!("{}{after}", api_of(tenant))).await
}

fn moves(list: &List<Line>) -> bool {
    list.data.iter().any(|line| is_moving(&line.status, line.released_at.is_some()))
}

fn table(tenant: &str, list: &List<Line>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Domains" { table {
            caption.unseen { "Domains that mail of this tenant comes from" }
            thead { tr {
                th scope="col" { "Domain" }
                th scope="col" { "Status" }
                th scope="col" { "Required records" }
                th scope="col" { "Mail comes from" }
                th scope="col" { "Last look" }
                th scope="col" { "Next look" }
            } }
            tbody { @for line in &list.data { (row(tenant, line)) } }
        } }
    }
}

fn row(tenant: &str, line: &Line) -> Markup {
    let (there, all) = found(&line.records);
    let moment = |at: &Option<String>| at.as_deref().map_or_else(|| html! { "–" }, when);
    html! {
        tr data-domain=(line.name) {
            th scope="row" {
                a id={ "domain-" (line.id) } href={ (page_of(tenant)) "/" (segment(&line.id)) } { (line.unicode_name) }
                @if line.unicode_name != line.name { br; code { (line.name) } }
            }
            td { (mark(&line.status)) }
            td { @if all == 0 { "–" } @else { (there) " of " (all) " found" } }
            td { (line.from) @if line.is_default { br; span.help { "used unless another address is asked for" } } }
            td { (moment(&line.looked_at)) }
            td { (moment(&line.next_look_at)) }
        }
    }
}
