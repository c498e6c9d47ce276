//! The list, its search, and the form.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use tenantry_model::Permission;

use super::{
    api_of, page_of,
    words::{REASONS, consequence, of},
};
use crate::{
    form::Fields,
    page::{Page, Place, Refusal, Tab},
    parts::{Field, List, csrf, empty, hidden, input, pager, said, segment, select, trouble_card, when},
    trouble::Trouble,
    visit::Visit,
};

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    address: String,
    #[serde(default)]
    reason: String,
    after: Option<String>,
    said: Option<String>,
}

/// An entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    address: String,
    reason: String,
    category: Option<String>,
    note: Option<String>,
    message_id: Option<String>,
    created_by: String,
    created_at: String,
    expires_at: Option<String>,
}

/// The page.
pub(super) async fn show(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Page, Refusal> {
    draw(&visit, &tenant, &wanted, &Fields::default(), None).await
}

/// The page, with a form that was refused.
pub(super) async fn draw(
    visit: &Visit,
    tenant: &str,
    wanted: &Wanted,
    fields: &Fields,
    trouble: Option<&Trouble>,
) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let (address, reason) = (wanted.address.trim(), wanted.reason.as_str());
    let filters = [("address", address), ("reason", reason)];
    let after = wanted.after.as_deref();
    let pairs = filters.into_iter().filter(|(_, value)| !value.is_empty()).chain(after.map(|after| ("after", after)));
    let query = serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default();
    let list: List<Entry> = visit.get(&format!("{}?{query}", api_of(tenant))).await?;
    let may = visit.person.may(Permission::SettingsManageEmail);
    let searched = filters.iter().any(|(_, value)| !value.is_empty());
    let body = html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        (said(wanted.said.as_deref()))
        p {
            "Nothing is sent to an address on this list. Most come here by themselves: mail came back, or the recipient has unsubscribed or called \
             it spam. Writing on would harm how receivers see all of this tenant's mail."
        }
        (search(tenant, address, reason))
        @if list.data.is_empty() {
            @if searched {
                (empty("No address fits.", &html! { p { a href=(page_of(tenant)) { "Show the whole list" } } }))
            } @else {
                (empty("Nobody is on the list: every address is written to.", &html! {}))
            }
        } @else {
            (table(visit, tenant, &list, may))
            (pager(&list, &page_of(tenant), &filters, after))
        }
        @if may { (form(visit, tenant, fields, trouble)) }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Suppressions), &head, "Suppressions", &body))
}

fn search(tenant: &str, address: &str, reason: &str) -> Markup {
    html! {
        form.filters method="get" action=(page_of(tenant)) role="search" aria-label="Search the list" {
            (input(&Field {
                name: "address", id: Some("suppression-search"), label: "Address", value: address, kind: Some("search"),
                autocomplete: Some("off"), ..Field::default()
            }))
            (select(&Field { name: "reason", id: Some("suppression-reason"), label: "Reason", value: reason, ..Field::default() }, &REASONS))
            button type="submit" #suppression-find { "Search" }
        }
    }
}

fn table(visit: &Visit, tenant: &str, list: &List<Entry>, may: bool) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Suppressed addresses" { table #suppressions {
            caption.unseen { "Suppressed addresses, newest first" }
            thead { tr {
                th scope="col" { "Address" }
                th scope="col" { "Why" }
                th scope="col" { "Of which mail" }
                th scope="col" { "Since" }
                th scope="col" { "Until" }
                th scope="col" { "By" }
                @if may { th scope="col" { "Take off" } }
            } }
            tbody { @for entry in &list.data {
                tr {
                    th scope="row" { (entry.address) @if let Some(note) = &entry.note { br; span.help { (note) } } }
                    td { (of(&entry.reason)) @if let Some(id) = &entry.message_id { br; a href={ "/messages/" (segment(id)) } { "the message" } } }
                    td { (entry.category.as_deref().unwrap_or("all mail")) }
                    td { (when(&entry.created_at)) }
                    td { @match &entry.expires_at { Some(at) => { (when(at)) } None => { "for good" } } }
                    td { (entry.created_by) }
                    @if may { td { (removal(visit, tenant, entry)) } }
                }
            } }
        } }
    }
}

/// Asks before an address is written to again.
fn removal(visit: &Visit, tenant: &str, entry: &Entry) -> Markup {
    html! {
        details {
            summary { "Take off" span.unseen { " " (entry.address) } }
            p { (consequence(&entry.reason)) " All entries of the address go, whatever their reason." }
            form method="post" action={ (page_of(tenant)) "/remove" } {
                (csrf(&visit.person)) (hidden("address", &entry.address))
                button.danger type="submit" { "Write to " (entry.address) " again" }
            }
        }
    }
}

fn form(visit: &Visit, tenant: &str, fields: &Fields, trouble: Option<&Trouble>) -> Markup {
    html! {
        section.card aria-label="Put an address on the list" {
            h2 { "Put an address on the list" }
            p { "Nothing is sent to it any more, log-in links included." }
            form method="post" action=(page_of(tenant)) #suppression-form {
                (csrf(&visit.person))
                (input(&Field {
                    name: "address", id: Some("suppression-address"), label: "Address", value: fields.text("address"), kind: Some("email"),
                    autocomplete: Some("off"), required: true, ..Field::default()
                }.judged(trouble, "address")))
                (input(&Field {
                    name: "note", id: Some("suppression-note"), label: "Why", value: fields.text("note"),
                    help: Some("For whoever reads the list later."), ..Field::default()
                }.judged(trouble, "note")))
                (input(&Field {
                    name: "expiresAt", id: Some("suppression-until"), label: "Until (UTC)", value: fields.text("expiresAt"),
                    kind: Some("datetime-local"), help: Some("It goes off the list by itself then; without, it stays."), ..Field::default()
                }.judged(trouble, "expiresAt")))
                button.main type="submit" #suppression-add { "Put it on the list" }
            }
        }
    }
}
