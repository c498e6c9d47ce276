//! One tenant: how it stands, and what can be done.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use tenantry_model::Permission;

use super::{Tenant, with_etag};
use crate::{
    form::Fields,
    page::{Page, Place, Refusal, Tab},
    pages::runs::{Run, table},
    parts::{Field, List, copyable, csrf, facts, hidden, input, said, segment, status, trouble_card, when},
    person::Person,
    trouble::Trouble,
    visit::{TenantHead, Visit},
};

/// What was said before.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(before): Query<Said>) -> Result<Page, Refusal> {
    let (tenant, etag) = with_etag(&visit, &id).await.map_err(|trouble| visit.refused(trouble))?;
    let runs: List<Run> = visit.get(&format!("/v1/runs?tenant={}&limit=10", segment(&id))).await?;
    let body = html! { (said(before.said.as_deref())) (drawn(&visit.person, &tenant, &runs.data, &etag, &Fields::default(), None)) };
    Ok(framed(&visit, &tenant, &body))
}

/// The page of a tenant around its body.
pub(super) fn framed(visit: &Visit, tenant: &Tenant, body: &Markup) -> Page {
    titled(visit, tenant, &tenant.name, body)
}

/// A page of a tenant under a title of its own.
pub(super) fn titled(visit: &Visit, tenant: &Tenant, title: &str, body: &Markup) -> Page {
    let head = TenantHead { id: tenant.id.clone(), name: tenant.name.clone() };
    visit.tenant_page(Place::Tenant(Tab::Overview), &head, title, body)
}

/// The page; with what was typed, and what is wrong with it.
pub(super) fn drawn(
    person: &Person,
    tenant: &Tenant,
    runs: &[Run],
    etag: &str,
    fields: &Fields,
    trouble: Option<&Trouble>,
) -> Markup {
    let id = segment(&tenant.id);
    html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        @if tenant.status == "suspended" {
            div.card.warned { p { strong { "Suspended" } @if let Some(at) = &tenant.suspended_at { " since " (when(at)) } ": " (tenant.suspended_reason.as_deref().unwrap_or("no reason is written down")) }
                p { "Its mail waits, and its people cannot sign in. Its domains and its portal stay as they are." } }
        }
        @if let Some(run) = tenant.offboarding_run_id.as_ref().filter(|_| tenant.status == "offboarding") {
            div.card.warned { p { strong { "Leaving. " } a href={ "/tenants/" (id) "/offboarding" } { "See how far it is, or bring it back" } " (" a href={ "/runs/" (segment(run)) } { "its run" } ")." } }
        }
        div.card {
            (facts(&[
                ("Status", html! { span #tenant-status { (status(&tenant.status)) } }),
                ("Plan", html! { (tenant.contract_line) }),
                ("Contact", html! { (tenant.email.as_deref().unwrap_or("none any more")) }),
                ("Portal", html! { @match &tenant.portal_host { Some(host) => (copyable(host, "the portal's host")), None => "not yet" } }),
                ("Short name", html! { code { (tenant.slug) } }),
                ("Your key", html! { (tenant.external_key.as_deref().unwrap_or("none")) }),
                ("Created", html! { (when(&tenant.created_at)) ", " a href={ "/runs/" (segment(&tenant.run_id)) } { "its onboarding" } }),
                ("Active since", html! { @match &tenant.activated_at { Some(at) => (when(at)), None => "not yet" } }),
                ("Id", copyable(&tenant.id, "the tenant's id")),
            ]))
            div.row {
                @if person.may(Permission::MessagesRead) { a.button href={ "/messages?tenant=" (id) } { "Its messages" } }
                a.button href={ "/runs?tenant=" (id) } { "Its runs" }
                @if person.may(Permission::AuditRead) { a.button href={ "/audit?tenant=" (id) } { "Its audit log" } }
            }
        }
        @if person.may(Permission::TenantsManage) && ["active", "suspended"].contains(&tenant.status.as_str()) { (changes(person, tenant, &id, etag, fields, trouble)) }
        h2 { "Latest runs" }
        @if runs.is_empty() { p { "None yet." } } @else { (table(runs)) }
    }
}

fn changes(
    person: &Person,
    tenant: &Tenant,
    id: &str,
    etag: &str,
    fields: &Fields,
    trouble: Option<&Trouble>,
) -> Markup {
    let value = |name: &str, now: &str| fields.some(name).map_or_else(|| now.to_owned(), str::to_owned);
    let (name, email, plan) = (
        value("name", &tenant.name),
        value("email", tenant.email.as_deref().unwrap_or_default()),
        value("contractLine", &tenant.contract_line),
    );
    html! {
        div.cards {
            form.card #change-tenant method="post" action={ "/tenants/" (id) } {
                h2 { "Name, contact, plan" }
                (csrf(person)) (hidden("etag", etag))
                (input(&Field { name: "name", label: "Name", value: &name, required: true, autocomplete: Some("off"), ..Field::default() }.judged(trouble, "name")))
                (input(&Field { name: "email", label: "Contact", value: &email, kind: Some("email"), required: true, autocomplete: Some("off"), ..Field::default() }.judged(trouble, "email")))
                (input(&Field { name: "contractLine", label: "Plan", value: &plan, required: true, ..Field::default() }.judged(trouble, "contractLine")))
                button.main type="submit" { "Save" }
            }
            div.card {
                @if tenant.status == "active" {
                    h2 { "Suspend" }
                    p { "Its mail stops, and its people cannot sign in, until it is resumed. Nothing is lost: what waits leaves afterwards." }
                    form #suspend-tenant method="post" action={ "/tenants/" (id) "/suspend" } {
                        (csrf(person))
                        (input(&Field { name: "reason", label: "Why", value: fields.text("reason"), required: true, ..Field::default() }.judged(trouble, "reason")))
                        button.danger type="submit" { "Suspend" }
                    }
                } @else {
                    h2 { "Resume" }
                    p { "Its people can sign in again, and what waits leaves." }
                    form #resume-tenant method="post" action={ "/tenants/" (id) "/resume" } { (csrf(person)) button.main type="submit" { "Resume" } }
                }
            }
            div.card {
                h2 { "Export and offboarding" }
                p { "Everything that is the tenant's own, as a file. Offboarding shows first what it would take down, and waits before anything goes." }
                div.row { a.button #exports href={ "/tenants/" (id) "/exports" } { "Exports" } a.button #offboarding href={ "/tenants/" (id) "/offboarding" } { "Offboarding" } }
            }
        }
    }
}
