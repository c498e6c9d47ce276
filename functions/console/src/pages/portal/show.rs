//! The page.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use tenantry_model::Permission;

use super::{api_of, hostname::Hostname, page_of};
use crate::{
    page::{Page, Place, Refusal, Tab},
    parts::{Field, Live, Seen, copyable, csrf, input, said, trouble_card},
    trouble::Trouble,
    visit::Visit,
};

/// A tenant's portal.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Portal {
    canonical_host: Option<String>,
    editable: bool,
    note: Option<String>,
    /// The hostname that was set, and nothing where none is.
    domain: Option<String>,
    replacement: Option<Hostname>,
}

/// A portal with its first hostname.
pub(super) struct Known {
    portal: Portal,
    hostname: Option<Hostname>,
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    said: Option<String>,
    #[serde(flatten)]
    seen: Seen,
}

/// The page.
pub(super) async fn show(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(which): Query<Which>,
) -> Result<Page, Refusal> {
    draw(&visit, &tenant, which.said.as_deref(), None, None).await
}

/// What moves of it.
pub(super) async fn live(
    visit: Visit,
    Path(tenant): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let known = Known::read(&visit, &tenant).await?;
    let from = from(&tenant);
    let piece = piece(&from, &known).going_on(&which.seen, visit.now());
    Ok(piece.answer(&which.seen, &known.draw(&visit, &tenant)))
}

fn from(tenant: &str) -> String {
    format!("{}/live", page_of(tenant))
}

fn piece<'a>(from: &'a str, known: &Known) -> Live<'a> {
    Live::new("client-portal-domain", from).every("every 15s").moving(known.is_moving())
}

/// The page, with what stands in the way of what was just wished, and the hostname that was asked for.
pub(super) async fn draw(
    visit: &Visit,
    tenant: &str,
    word: Option<&str>,
    trouble: Option<&Trouble>,
    asked: Option<&str>,
) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let known = Known::read(visit, tenant).await?;
    let from = from(tenant);
    let piece = piece(&from, &known).after_a_look(word.is_some(), visit.now());
    // What was just asked for is soon done.
    let piece = if word.is_some() { piece.every("load delay:2s, every 15s") } else { piece };
    let body = html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        (said(word))
        @if let Some(note) = &known.portal.note { div.card #client-portal-note { p { (note) } } }
        (piece.draw(&known.draw(visit, tenant)))
        @if known.portal.editable && may(visit) { (known.form(visit, tenant, trouble, asked)) }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Portal), &head, "Client portal", &body))
}

fn may(visit: &Visit) -> bool {
    visit.person.may(Permission::SettingsManagePortal)
}

impl Known {
    async fn read(visit: &Visit, tenant: &str) -> Result<Self, Refusal> {
        let answer: serde_json::Value = visit.get(&api_of(tenant)).await?;
        let unreadable = |_| visit.refused(Trouble::ours("The portal could not be read."));
        let portal: Portal = serde_json::from_value(answer.clone()).map_err(unreadable)?;
        // The hostname's members stand beside the portal's own, and are not there where none is set.
        let hostname = match portal.domain {
            Some(_) => Some(serde_json::from_value(answer).map_err(unreadable)?),
            None => None,
        };
        Ok(Self { portal, hostname })
    }

    fn is_moving(&self) -> bool {
        self.hostname.iter().chain(&self.portal.replacement).any(Hostname::is_moving)
    }

    fn draw(&self, visit: &Visit, tenant: &str) -> Markup {
        let may = self.portal.editable && may(visit);
        html! {
            (self.canonical())
            @if let Some(hostname) = &self.hostname { (hostname.draw(visit, tenant, may, "")) }
            @if let Some(second) = &self.portal.replacement {
                h2 { "On its way to take its place" }
                p { (second.domain) " takes the place of the hostname above when it is live; until then that one goes on serving." }
                (second.draw(visit, tenant, may, "-replacement"))
            }
        }
    }

    fn canonical(&self) -> Markup {
        html! {
            section.card #client-portal-canonical aria-label="Canonical host" {
                @match &self.portal.canonical_host {
                    Some(host) => { p { "The portal always answers at " (copyable(host, "the canonical host")) "." } }
                    None => { p { "The tenant is not set up yet, so its portal has no host. Look again when the onboarding is done." } }
                }
                @if self.hostname.is_none() && self.portal.editable {
                    p { "Put it on a hostname of your own: say which, create one CNAME record, and the rest goes by itself, certificate included." }
                }
            }
        }
    }

    fn form(&self, visit: &Visit, tenant: &str, trouble: Option<&Trouble>, asked: Option<&str>) -> Markup {
        let serves = self.hostname.as_ref().is_some_and(|hostname| hostname.status == "active");
        let (title, words) = match &self.hostname {
            None => ("A hostname of your own", "Set the hostname"),
            Some(hostname) if hostname.status == "disabled" => ("Set a hostname again", "Set the hostname"),
            Some(_) => ("Another hostname", "Change the hostname"),
        };
        let target = self.portal.canonical_host.as_deref().unwrap_or("the canonical host");
        html! {
            section.card aria-label=(title) {
                h2 { (title) }
                @if serves { p { "The present hostname goes on serving until the new one is live." } }
                form method="post" action=(page_of(tenant)) {
                    (csrf(&visit.person))
                    (input(&Field {
                        name: "domain", id: Some("client-portal-domain-input"), label: "Hostname", value: asked.unwrap_or_default(),
                        example: Some("portal.yourcompany.com"), autocomplete: Some("off"), required: true,
                        help: Some("A name below a domain that you own, with three parts at least. You need to be able to change its DNS."),
                        ..Field::default()
                    }.judged(trouble, "domain")))
                    button.main type="submit" #client-portal-domain-submit { (words) }
                }
                @if self.hostname.is_none() {
                    p.help { "Then create this record, with your own hostname:" }
                    pre #client-portal-domain-sample tabindex="0" { "portal.yourcompany.com.  300  IN  CNAME  " (target) "." }
                }
            }
        }
    }
}
