//! One hostname on the page: how it stands, its records, what to do.

use maud::{Markup, html};
use serde::Deserialize;

use super::{page_of, status};
use crate::{
    pages::domains::dns::{Finding, Host, Record, Warning, findings, host, records, warnings, worded},
    parts::{Tone, badge, csrf, facts, hidden, status as badge_of, when},
    visit::Visit,
};

/// A hostname that a tenant has set.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hostname {
    pub(super) domain: String,
    unicode_domain: String,
    pub(super) status: String,
    step: String,
    status_message: Option<String>,
    axes: Axes,
    last_checked_at: Option<String>,
    next_check_at: Option<String>,
    verification_details: Verification,
    records: Vec<Record>,
    zone: Option<String>,
    host: Option<Host>,
    certificate: Option<Certificate>,
    activated_at: Option<String>,
    next: String,
    actions: Vec<String>,
    warnings: Vec<Warning>,
}

/// The three things that its status is made of.
#[derive(Debug, Deserialize)]
struct Axes {
    ownership: String,
    certificate: String,
    routing: String,
}

/// What was seen in the DNS.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    expected_cname: String,
    observed: Option<String>,
    observed_at: Option<String>,
    proven_at: Option<String>,
    findings: Vec<Finding>,
}

/// Its certificate.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    not_after: Option<String>,
    words: Option<String>,
}

impl Hostname {
    /// Whether it goes on by itself.
    pub(super) fn is_moving(&self) -> bool {
        status::is_moving(&self.status, &self.step)
    }

    /// The hostname on the page. `mark` is what the ids of a second one end with; nothing for the first.
    pub(super) fn draw(&self, visit: &Visit, tenant: &str, may: bool, mark: &str) -> Markup {
        html! {
            (warnings(&self.warnings))
            (self.banner(visit, tenant, may, mark))
            (self.ways_out(mark))
            (findings(&self.verification_details.findings))
            @if self.status != "disabled" { (self.dns(mark)) }
        }
    }

    fn banner(&self, visit: &Visit, tenant: &str, may: bool, mark: &str) -> Markup {
        let (tone, word, meaning) = status::of(&self.status);
        let side = match tone {
            Tone::Good => "pleased",
            Tone::Bad => "trouble",
            Tone::Warn => "warned",
            Tone::Going | Tone::Calm => "plain",
        };
        html! {
            section.card.(side) id={ "client-portal-domain-status" (mark) } data-status=(self.status) aria-label={ "How " (self.unicode_domain) " stands" } {
                p { (badge(tone, word)) " " strong { (self.unicode_domain) } }
                p { (meaning) }
                @if let Some(message) = &self.status_message { p id={ "client-portal-domain-message" (mark) } { (worded(message)) } }
                p { strong { "What to do next: " } (worded(&self.next)) }
                (facts(&self.facts()))
                @if may { (self.actions(visit, tenant, mark)) }
            }
        }
    }

    fn facts(&self) -> Vec<(&'static str, Markup)> {
        let moment = |at: &Option<String>| at.as_deref().map(when);
        let seen = &self.verification_details;
        let mut known = vec![
            (
                "Hostname",
                html! { @if self.status == "active" { a href={ "https://" (self.domain) "/" } rel="noopener" { (self.domain) } } @else { code { (self.domain) } } },
            ),
            ("Canonical host", html! { code { (seen.expected_cname) } }),
            ("Status", badge_of(&self.status)),
            (
                "Ownership, certificate, routing",
                html! { (plain(&self.axes.ownership)) ", " (plain(&self.axes.certificate)) ", " (plain(&self.axes.routing)) },
            ),
            ("Last checked", moment(&self.last_checked_at).unwrap_or_else(|| html! { "not yet" })),
        ];
        let more = [
            ("Next check", moment(&self.next_check_at)),
            ("Last verified", moment(&seen.proven_at)),
            ("Active since", moment(&self.activated_at)),
        ];
        known.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
        if let Some(observed) = &seen.observed {
            let at = moment(&seen.observed_at);
            known.push((
                "Last seen in the DNS",
                html! { (observed) @if let Some(at) = at { span.help { " (" (at) ")" } } },
            ));
        }
        if let Some(certificate) = &self.certificate {
            known.push((
                "Certificate",
                html! {
                    @if let Some(at) = &certificate.not_after { "good until " (when(at)) }
                    @if let Some(words) = &certificate.words { " " (words) }
                },
            ));
        }
        known
    }

    fn actions(&self, visit: &Visit, tenant: &str, mark: &str) -> Markup {
        let may = |action: &str| self.actions.iter().any(|one| one == action);
        // A first hostname that is not confirmed yet is replaced by setting another one.
        let removable = may("remove") && (self.status != "pending_dns" || !mark.is_empty());
        let button = |action: &str, words: &str, class: &str| {
            html! {
                form method="post" action={ (page_of(tenant)) "/" (action) } {
                    (csrf(&visit.person)) (hidden("domain", &self.domain))
                    button.(class) type="submit" id={ "client-portal-domain-" (action) (mark) } { (words) }
                }
            }
        };
        html! {
            div.row {
                @if may("retry") { (button("retry", "Retry", "main")) }
                @if may("refresh") { (button("refresh", if self.status == "disabled" { "Refresh: bring it back" } else { "Refresh" }, "plain")) }
                @if removable {
                    form method="post" action={ (page_of(tenant)) "/remove" }
                        data-confirm={ "Take " (self.domain) " down? The portal goes on answering at " (self.verification_details.expected_cname) "." } {
                        (csrf(&visit.person)) (hidden("domain", &self.domain))
                        button.danger type="submit" id={ "client-portal-domain-remove" (mark) } { "Remove" }
                    }
                }
            }
        }
    }

    fn ways_out(&self, mark: &str) -> Markup {
        let steps = status::ways_out(&self.status);
        html! {
            @if !steps.is_empty() {
                section.card.trouble id={ "client-portal-domain-error" (mark) } aria-label="What to do about it" {
                    h2 { "What to do about it" }
                    @if let Some(message) = &self.status_message { p { (worded(message)) } }
                    @if let Some(observed) = &self.verification_details.observed { p { "Last seen: " (observed) "." } }
                    ol { @for step in steps { li { (step) } } }
                }
            }
        }
    }

    fn dns(&self, mark: &str) -> Markup {
        html! {
            section id={ "client-portal-domain-dns" (mark) } aria-label="DNS record" {
                h2 {
                    @if self.status == "active" { "In the DNS" } @else if self.records.len() > 1 { "DNS records to create" } @else { "DNS record to create" }
                }
                (host(self.host.as_ref(), self.zone.as_deref()))
                (records(&self.records, self.zone.as_deref()))
                details {
                    summary { "As a line of a zone file" }
                    @let line = format!("{}. 300 IN CNAME {}.", self.domain, self.verification_details.expected_cname);
                    pre tabindex="0" { (line) }
                    button.copy type="button" data-copy=(line) { "Copy the line" }
                }
                p.fine {
                    "A new record is usually seen within minutes. Where there was another record before, the world may remember that one for as long \
                     as its time to live says: an hour is usual, a day is possible. The portal answers at its canonical host meanwhile, as always."
                }
            }
        }
    }
}

/// A word of the API for people.
fn plain(word: &str) -> String {
    word.replace('_', " ")
}
