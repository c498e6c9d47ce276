//! The page of a domain.

use maud::{Markup, html};
use tenantry_dns::HostHint;
use tenantry_store::domains::DomainRow;
use time::{OffsetDateTime, macros::format_description};

use super::marks::{Mark, of_purpose, of_record, of_severity, of_status};
use crate::routes::{
    email_domains::{
        EmailDomain,
        records::{as_dig, as_zone_file},
    },
    look::{DomainFinding, DomainRecord},
};

/// Whether something still happens by itself, so that the page is worth loading again.
pub(super) fn is_live(row: &DomainRow) -> bool {
    !["verified", "failed"].contains(&row.status.as_str())
}

/// Everything that whoever manages the DNS needs to know, and nothing else of the tenant but its name.
pub(super) fn body(token: &str, tenant: &str, row: DomainRow) -> Markup {
    let (zone_file, dig) = (as_zone_file(&row), as_dig(&row));
    let domain = EmailDomain::of(row, true);
    let (mark, meaning) = of_status(&domain.status);
    let (looked, next) = (domain.looked_at.map(when), domain.next_look_at.map(when));
    html! {
        h1 { "DNS records of " (domain.unicode_name) }
        p {
            (tenant) " wants to send mail from "
            @if domain.unicode_name != domain.name { (domain.unicode_name) " (" code { (domain.name) } ")" }
            @else { code { (domain.name) } }
            "."
        }
        p { (label(mark)) " " (meaning) }
        p {
            @match &looked {
                Some(at) => { "Last looked at: " (at) ". " }
                None => { "Nobody has looked yet. " }
            }
            @if let Some(at) = &next { "Next look: " (at) "." }
        }
        @if domain.status != "created" {
            form method="post" action={ (token) "/check" } { button { "Look now" } }
        }
        @if !domain.findings.is_empty() {
            h2 { "What we found" }
            @for finding in &domain.findings { (found(finding)) }
        }
        @if !domain.records.is_empty() {
            h2 { "Records to publish" }
            @if let Some(host) = &domain.host { (hosted(host)) }
            @for record in &domain.records { (wanted(record, domain.zone.as_deref())) }
            h2 { "All records as a zone file" }
            pre.copy title="the zone file" { (zone_file) }
            h2 { "Look for yourself" }
            p { "These lines ask a resolver of yours, which may remember an older answer for a while." }
            pre.copy title="the lines" { (dig) }
        }
    }
}

fn label((words, kind): Mark) -> Markup {
    html! { span class={ "mark " (kind) } { (words) } }
}

fn found(finding: &DomainFinding) -> Markup {
    html! {
        p {
            (label(of_severity(finding.severity))) " "
            @if let Some(record) = &finding.record { code { (record) } " " }
            (finding.saw) " " strong { (finding.advice) }
        }
    }
}

/// The DNS host's own words.
fn hosted(host: &HostHint) -> Markup {
    html! {
        p { "The zone is hosted by " strong { (host.name) } ". There, the name goes into " (host.name_field) ", and the value into " (host.value_field) "." }
        @if let Some(note) = &host.note { p { (note) } }
    }
}

fn wanted(record: &DomainRecord, zone: Option<&str>) -> Markup {
    html! {
        section.record {
            h3 { (of_purpose(record.purpose)) @if !record.required { " (advised)" } }
            p { (label(of_record(record.status))) }
            dl {
                dt { "Type" }
                dd { code { (record.kind) } }
                @if let (Some(relative), Some(zone)) = (&record.relative_name, zone) {
                    dt { "Name within " (zone) }
                    dd { code.copy title="the name within the zone" { (relative) } }
                }
                dt { "Whole name" }
                dd { code.copy title="the whole name" { (record.name) } }
                dt { "Value" }
                dd {
                    @if record.value.is_empty() { "not known yet" }
                    @else { code.copy title="the value" { (record.value) } }
                }
                @if let Some(priority) = record.priority {
                    dt { "Priority" }
                    dd { code.copy title="the priority" { (priority) } }
                }
                @if !record.saw.is_empty() {
                    dt { "What is there" }
                    dd { @for saw in &record.saw { code { (saw) } br; } }
                }
            }
        }
    }
}

fn when(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    at.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default()
}
