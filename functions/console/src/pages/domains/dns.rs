//! DNS records to publish, what was found, and the words of whoever hosts the zone: of a sending domain, and of a portal's hostname.

use maud::{Markup, html};
use serde::Deserialize;

use crate::parts::{Tone, badge, copyable, facts};

/// A record to publish.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Record {
    purpose: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    relative_name: Option<String>,
    value: String,
    priority: Option<u16>,
    required: bool,
    status: String,
    saw: Vec<String>,
}

/// Something that a look has found.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::pages) struct Finding {
    severity: String,
    record: Option<String>,
    saw: String,
    advice: String,
}

/// Who hosts the zone.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Host {
    name: String,
    name_field: String,
    value_field: String,
    note: Option<String>,
}

/// Something worth knowing about a name.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::pages) struct Warning {
    detail: String,
}

/// Groups of purposes, in the order in which people publish them.
const GROUPS: [(&[&str], &str, &str); 6] = [
    (&["ownership"], "Ownership", "Shows that the domain is yours."),
    (&["return_path", "spf"], "SPF and MAIL FROM", "Say who may send, and where bounces go."),
    (&["dkim"], "DKIM", "The key that mail is signed with."),
    (&["dmarc"], "DMARC", "Tells receivers what to do with mail that is forged in your name."),
    (&["portal"], "CNAME", "Leads the hostname to the portal."),
    (&["other"], "Others", "Needed by the mail service."),
];

/// How many of the required records are there, and how many there are.
pub(in crate::pages) fn found(records: &[Record]) -> (usize, usize) {
    let required = || records.iter().filter(|record| record.required);
    (required().filter(|record| record.status == "detected").count(), required().count())
}

/// The records, grouped by what they are for.
pub(in crate::pages) fn records(records: &[Record], zone: Option<&str>) -> Markup {
    let known = |record: &Record| GROUPS.iter().any(|(purposes, ..)| purposes.contains(&record.purpose.as_str()));
    html! {
        @for (purposes, title, meaning) in GROUPS {
            @let group: Vec<&Record> = records
                .iter()
                .filter(|record| purposes.contains(&record.purpose.as_str()) || (purposes == ["other"] && !known(record)))
                .collect();
            @if !group.is_empty() {
                section.records aria-label={ (title) " records" } data-purpose=(purposes[0]) {
                    h3 { (title) }
                    p.help { (meaning) }
                    @for record in group { (one(record, zone)) }
                }
            }
        }
    }
}

fn one(record: &Record, zone: Option<&str>) -> Markup {
    let mut known = vec![("Type", html! { code { (record.kind) } })];
    if let (Some(relative), Some(zone)) = (&record.relative_name, zone) {
        known.push((
            "Name within the zone",
            html! { (copyable(relative, "the name within the zone")) span.help { " in " (zone) } },
        ));
    }
    known.push(("Whole name", copyable(&record.name, "the whole name")));
    if let Some(priority) = record.priority {
        known.push(("Priority", copyable(&priority.to_string(), "the priority")));
    }
    let value = if record.value.is_empty() {
        html! { "Not known yet; it appears here." }
    } else {
        copyable(&record.value, "the value")
    };
    html! {
        div.card.record data-status=(record.status) {
            p.row { (of_status(&record.status)) @if !record.required { (badge(Tone::Calm, "advised, not required")) } }
            (facts(&known))
            dl { div { dt.help { "Value" } dd.value { (value) } } }
            @if !record.saw.is_empty() {
                p.wrong { "What is there instead: " @for (at, saw) in record.saw.iter().enumerate() { @if at > 0 { ", " } code { (saw) } } }
            }
        }
    }
}

fn of_status(status: &str) -> Markup {
    let (tone, words) = match status {
        "detected" => (Tone::Good, "Found"),
        "mismatch" => (Tone::Bad, "Something else is there"),
        "missing" => (Tone::Warn, "Not there yet"),
        "conflict" => (Tone::Bad, "In conflict with another record"),
        "lookup_failed" => (Tone::Warn, "Could not be looked up"),
        "not_checked" => (Tone::Calm, "Not looked at yet"),
        other => (Tone::Calm, other),
    };
    badge(tone, words)
}

/// What was found, with advice.
pub(in crate::pages) fn findings(findings: &[Finding]) -> Markup {
    html! {
        @if !findings.is_empty() {
            h2 { "What we found" }
            ul.findings aria-label="What we found" {
                @for finding in findings {
                    li.card {
                        p { (of_severity(&finding.severity)) @if let Some(record) = &finding.record { " " code { (record) } } }
                        p { (worded(&finding.saw)) }
                        @if !finding.advice.is_empty() { p { strong { (worded(&finding.advice)) } } }
                    }
                }
            }
        }
    }
}

/// A sentence in which names stand between grave accents.
pub(in crate::pages) fn worded(words: &str) -> Markup {
    html! { @for (at, part) in words.split('`').enumerate() { @if at % 2 == 1 { code { (part) } } @else { (part) } } }
}

fn of_severity(severity: &str) -> Markup {
    match severity {
        "error" => badge(Tone::Bad, "To do"),
        "warning" => badge(Tone::Warn, "Should be mended"),
        _ => badge(Tone::Calm, "Good to know"),
    }
}

/// Whoever hosts the zone, and its own words for what is typed where.
pub(in crate::pages) fn host(host: Option<&Host>, zone: Option<&str>) -> Markup {
    html! {
        @if let Some(host) = host {
            div.card.dns-host {
                p { @match zone { Some(zone) => { "The zone " code { (zone) } " is hosted by " } None => { "The zone is hosted by " } } strong { (host.name) } "." }
                p { "There, the name goes into " (host.name_field) ", and the value into " (host.value_field) "." }
                @if let Some(note) = &host.note { p { (note) } }
            }
        }
    }
}

/// What is worth knowing about the choice of a name.
pub(in crate::pages) fn warnings(warnings: &[Warning]) -> Markup {
    html! { @for warning in warnings { div.card.warned { p { (warning.detail) } } } }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn record(purpose: &str, status: &str, required: bool) -> Record {
        serde_json::from_value(json!({
            "purpose": purpose, "type": "TXT", "name": "send.acme.com", "relativeName": "send", "value": "v=spf1", "priority": null,
            "required": required, "status": status, "saw": []
        }))
        .unwrap()
    }

    #[test]
    fn what_is_only_advised_is_not_counted() {
        let all = [record("spf", "detected", true), record("dkim", "missing", true), record("dmarc", "missing", false)];
        assert_eq!(found(&all), (1, 2));
    }

    #[test]
    fn names_in_a_sentence_are_code_and_everything_is_escaped() {
        assert_eq!(worded("Ask `a<b`, not `c`.").0, "Ask <code>a&lt;b</code>, not <code>c</code>.");
    }

    #[test]
    fn a_purpose_that_is_not_known_here_is_shown_all_the_same() {
        let drawn = records(&[record("bimi", "missing", true)], Some("acme.com")).0;
        assert!(drawn.contains("Others") && drawn.contains("send.acme.com"), "{drawn}");
        assert!(!drawn.contains("DKIM"));
    }
}
