//! One domain: how it stands, what is missing, what was seen instead, and what to do.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use serde::Deserialize;
use tenantry_model::Permission;

use super::{
    api_of,
    dns::{self, Finding, Host, Record, Warning},
    page_of,
    share::{self, Link},
    status,
};
use crate::{
    page::{Page, Place, Refusal, Tab},
    parts::{List, Live, Seen, Tone, badge, csrf, facts, hidden, progress, said, segment, trouble_card, when},
    trouble::Trouble,
    visit::Visit,
};

/// A domain.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domain {
    id: String,
    run_id: String,
    name: String,
    unicode_name: String,
    status: String,
    reason: Option<String>,
    from: String,
    is_default: bool,
    region: Option<String>,
    zone: Option<String>,
    host: Option<Host>,
    records: Vec<Record>,
    findings: Vec<Finding>,
    looked_at: Option<String>,
    next_look_at: Option<String>,
    verified_at: Option<String>,
    created_at: String,
    created_by: String,
    released_at: Option<String>,
    warnings: Vec<Warning>,
}

/// Its life, as far as the page shows it.
#[derive(Debug, Deserialize)]
struct Life {
    progress: u8,
}

/// What a person is asked about it.
#[derive(Debug, Deserialize)]
struct Question {
    id: String,
    title: String,
}

/// The domain with what surrounds it.
pub(super) struct Known {
    domain: Domain,
    progress: u8,
    questions: Vec<Question>,
}

/// What the address carries.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Which {
    said: Option<String>,
    /// The page was drawn before there were records.
    bare: Option<String>,
    #[serde(flatten)]
    seen: Seen,
}

/// The page.
pub(super) async fn show(
    visit: Visit,
    Path((tenant, domain)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Page, Refusal> {
    draw(&visit, &tenant, &domain, which.said.as_deref(), None, None).await
}

/// What moves of the page.
pub(super) async fn live(
    visit: Visit,
    Path((tenant, domain)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let known = Known::read(&visit, &tenant, &domain).await?;
    if which.bare.is_some() && !known.domain.records.is_empty() {
        // What the page says of records is not there yet, so it is loaded again as a whole.
        return Ok((StatusCode::NO_CONTENT, [("hx-refresh", "true")]).into_response());
    }
    let from = known.domain.live(&tenant);
    let piece = Live::new("email-domain", &from).moving(known.domain.moves()).going_on(&which.seen, visit.now());
    Ok(piece.answer(&which.seen, &known.draw(&visit, &tenant)))
}

/// The page, with what stands in the way of what was just wished, or with a link that was just made.
pub(super) async fn draw(
    visit: &Visit,
    tenant: &str,
    domain: &str,
    word: Option<&str>,
    trouble: Option<&Trouble>,
    link: Option<&Link>,
) -> Result<Page, Refusal> {
    let head = visit.tenant(tenant).await?;
    let known = Known::read(visit, tenant, domain).await?;
    let from = known.domain.live(tenant);
    let looked = matches!(word, Some("checked" | "begun" | "removed"));
    let piece = Live::new("email-domain", &from).moving(known.domain.moves()).after_a_look(looked, visit.now());
    let texts = known.texts(visit, tenant).await?;
    let may = visit.person.may(Permission::SettingsManageEmail) && known.domain.released_at.is_none();
    let body = html! {
        @if let Some(trouble) = trouble { (trouble_card(trouble)) }
        (said(word))
        (dns::warnings(&known.domain.warnings))
        (piece.draw(&known.draw(visit, tenant)))
        (texts)
        @if may && known.domain.status != "deactivated" {
            (share::form(visit, &known.domain.page(tenant), link))
            (removal(visit, &known.domain, tenant))
        }
    };
    Ok(visit.tenant_page(Place::Tenant(Tab::Domains), &head, &known.domain.unicode_name, &body))
}

impl Domain {
    fn moves(&self) -> bool {
        status::is_moving(&self.status, self.released_at.is_some())
    }

    fn page(&self, tenant: &str) -> String {
        format!("{}/{}", page_of(tenant), segment(&self.id))
    }

    fn live(&self, tenant: &str) -> String {
        let bare = if self.records.is_empty() { "?bare=yes" } else { "" };
        format!("{}/live{bare}", self.page(tenant))
    }
}

impl Known {
    async fn read(visit: &Visit, tenant: &str, domain: &str) -> Result<Self, Refusal> {
        let domain: Domain = visit.get(&format!("{}/{}", api_of(tenant), segment(domain))).await?;
        let life: Life = visit.get(&format!("/v1/runs/{}", domain.run_id)).await?;
        let questions = if visit.person.may(Permission::TasksAnswer) {
            visit.get::<List<Question>>(&format!("/v1/tasks?run={}", domain.run_id)).await?.data
        } else {
            Vec::new()
        };
        Ok(Self { domain, progress: life.progress, questions })
    }

    /// What moves.
    fn draw(&self, visit: &Visit, tenant: &str) -> Markup {
        let domain = &self.domain;
        html! {
            (self.banner(visit, tenant))
            (dns::findings(&domain.findings))
            @if !domain.records.is_empty() && domain.status != "deactivated" {
                h2 { "Records to publish" }
                (dns::host(domain.host.as_ref(), domain.zone.as_deref()))
                (dns::records(&domain.records, domain.zone.as_deref()))
            }
        }
    }

    fn banner(&self, visit: &Visit, tenant: &str) -> Markup {
        let domain = &self.domain;
        let (tone, word, meaning) = status::of(&domain.status);
        let side = match tone {
            Tone::Good => "pleased",
            Tone::Warn => "warned",
            Tone::Bad => "trouble",
            Tone::Going | Tone::Calm => "plain",
        };
        let (there, all) = dns::found(&domain.records);
        html! {
            section.card.(side) #domain-status data-status=(domain.status) aria-label="How it stands" {
                p { (badge(tone, word)) " " (meaning) }
                @if let Some(reason) = &domain.reason { p #domain-reason { strong { (dns::worded(reason)) } } }
                @for question in &self.questions {
                    p { "A question waits for an answer: " a href={ "/tasks/" (segment(&question.id)) } { (question.title) } }
                }
                (status::steps(&domain.status))
                p {
                    (progress(self.progress, "Progress"))
                    @if all > 0 { " " span #records-found { (there) " of " (all) " required records found" } }
                }
                (facts(&self.facts()))
                @if visit.person.may(Permission::SettingsManageEmail) && domain.status != "deactivated" { (look(visit, domain, tenant)) }
            }
        }
    }

    fn facts(&self) -> Vec<(&'static str, Markup)> {
        let domain = &self.domain;
        let mut known = Vec::new();
        if domain.name != domain.unicode_name {
            known.push(("In the DNS", html! { code { (domain.name) } }));
        }
        let usual = domain.is_default.then_some(" (used unless another address is asked for)");
        known.push(("Mail comes from", html! { code { (domain.from) } @if let Some(usual) = usual { (usual) } }));
        if let Some(region) = &domain.region {
            known.push(("Region", html! { code { (region) } }));
        }
        let nobody = || html! { "not yet" };
        known.push(("Last look", domain.looked_at.as_deref().map_or_else(nobody, when)));
        if let Some(at) = &domain.next_look_at {
            known.push(("Next look", when(at)));
        }
        if let Some(at) = &domain.verified_at {
            known.push(("Verified", when(at)));
        }
        known.push(("Added", html! { (when(&domain.created_at)) " by " (domain.created_by) }));
        if let Some(at) = &domain.released_at {
            known.push(("Gone", when(at)));
        }
        known
    }

    /// The records in the ways in which they are published. Left as they are while the rest of the page moves.
    async fn texts(&self, visit: &Visit, tenant: &str) -> Result<Markup, Refusal> {
        if self.domain.records.is_empty() || self.domain.status == "deactivated" {
            return Ok(html! {});
        }
        let text = async |format: &str| {
            let path = format!("{}/{}/records?format={format}", api_of(tenant), segment(&self.domain.id));
            let answer = visit.ask().send(axum::http::Method::GET, &path, None, &[]).await;
            answer
                .map(|answer| String::from_utf8_lossy(&answer.bytes).into_owned())
                .map_err(|trouble| visit.refused(trouble))
        };
        let (zone, dig) = (text("bind").await?, text("dig").await?);
        Ok(html! {
            h2 { "For whoever likes files and terminals" }
            details #zone-file {
                summary { "All records as a zone file" }
                pre tabindex="0" { (zone) }
                button.copy type="button" data-copy=(zone) { "Copy the zone file" }
            }
            details #dig-lines {
                summary { "Look for yourself" }
                p { "These lines ask a resolver of yours, which may remember an older answer for a while." }
                pre tabindex="0" { (dig) }
                button.copy type="button" data-copy=(dig) { "Copy the lines" }
            }
        })
    }
}

/// The button that asks for a look.
fn look(visit: &Visit, domain: &Domain, tenant: &str) -> Markup {
    let (in_place, words) = match domain.status.as_str() {
        "awaiting_dns" | "degraded" => (true, "The records are in place: check now"),
        "failed" => (true, "The records are in place: start again"),
        _ => (false, "Check now"),
    };
    html! {
        form method="post" action={ (domain.page(tenant)) "/check" } {
            (csrf(&visit.person))
            @if in_place { (hidden("dnsConfigured", "on")) }
            button.main type="submit" #domain-check { (words) }
        }
    }
}

/// Asks before a domain goes.
fn removal(visit: &Visit, domain: &Domain, tenant: &str) -> Markup {
    html! {
        details #remove-domain {
            summary { "Remove this domain" }
            p {
                "New mail leaves by the platform's domain at once. What was accepted already may still leave from " (domain.unicode_name)
                " for up to a quarter of an hour. To use the domain again, it has to be added and verified anew."
            }
            form method="post" action={ (domain.page(tenant)) "/remove" } {
                (csrf(&visit.person))
                button.danger type="submit" #domain-remove { "Remove " (domain.unicode_name) }
            }
        }
    }
}
