//! What a look at the DNS has found, as callers see it: of a sending domain and of a portal's hostname.

use serde::Serialize;
use serde_json::Value;
use tenantry_dns::{Purpose, RecordReport, RecordStatus, RecordType, Severity, Wanted, relative};
use utoipa::ToSchema;

/// A DNS record to publish.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DomainRecord {
    /// What it is for: `ownership`, `dkim`, `spf`, `return_path`, `dmarc`, `portal` or `other`.
    #[schema(value_type = String)]
    pub(crate) purpose: Purpose,
    /// Its type.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "TXT")]
    pub(crate) kind: RecordType,
    /// Its absolute name, without a final dot.
    #[schema(example = "_tenantry.mail.yourcompany.com")]
    pub(crate) name: String,
    /// The same with a final dot.
    fqdn: String,
    /// The same as it is typed where the zone is edited; none: the zone was not found yet.
    #[schema(example = "_tenantry.mail")]
    pub(crate) relative_name: Option<String>,
    /// Its value: a TXT record's text without quotes, a host without a final dot.
    pub(crate) value: String,
    /// An MX record's preference.
    pub(crate) priority: Option<u16>,
    /// Its time to live in seconds; none: as the zone likes.
    ttl: Option<u32>,
    /// Whether the domain can be used without it.
    pub(crate) required: bool,
    /// How it stands: `detected`, `mismatch`, `missing`, `conflict`, `lookup_failed` (nobody could say) or `not_checked`.
    #[schema(value_type = String)]
    pub(crate) status: RecordStatus,
    /// What is there instead, as a zone file would say it.
    pub(crate) saw: Vec<String>,
    /// The name servers that were asked.
    servers: Vec<String>,
    /// How many seconds the world may remember what was seen.
    seen_ttl: Option<u32>,
}

/// The company whose name servers hold the zone, and its words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes HostHint to OpenAPI")]
pub(crate) struct DnsHost {
    /// Its name.
    name: String,
    /// What it calls the field for a record's name, and what belongs into it.
    name_field: String,
    /// What it calls the field for a record's value, and what belongs into it.
    value_field: String,
    /// Something else to know there.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// Something that a look has found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DomainFinding {
    /// Which, in one word that programs decide by.
    pub(crate) code: String,
    /// `error`: it stands in the way; `warning`: it works, and should be mended; `info`.
    #[schema(value_type = String)]
    pub(crate) severity: Severity,
    /// The record it is about, as `TXT send.yourcompany.com`; none: the domain as a whole.
    pub(crate) record: Option<String>,
    /// What we saw.
    pub(crate) saw: String,
    /// What to do.
    pub(crate) advice: String,
}

/// Something worth knowing about a domain.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DomainWarning {
    /// Which, in one word: `apex`.
    pub(crate) code: &'static str,
    /// For people.
    pub(crate) detail: String,
}

/// What a row holds, if this version can read it. One that a newer version has written is looked at again soon.
pub(crate) fn readable<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value)
        .inspect_err(|error| tracing::warn!(%error, "what was seen of a domain cannot be read"))
        .ok()
}

impl DomainRecord {
    /// A record, with what the last look says of it.
    pub(crate) fn of(wanted: Wanted, seen: &[RecordReport], zone: Option<&str>) -> Self {
        let seen = seen.iter().find(|one| one.wanted == wanted);
        Self {
            purpose: wanted.purpose,
            kind: wanted.kind,
            fqdn: format!("{}.", wanted.name),
            relative_name: zone.map(|zone| relative(&wanted.name, zone)),
            name: wanted.name,
            value: wanted.value,
            priority: wanted.priority,
            ttl: wanted.ttl,
            required: wanted.required,
            status: seen.map_or(RecordStatus::NotChecked, |one| one.status),
            saw: seen.map(|one| one.saw.clone()).unwrap_or_default(),
            servers: seen.map(|one| one.servers.clone()).unwrap_or_default(),
            seen_ttl: seen.and_then(|one| one.seen_ttl),
        }
    }
}

/// A finding.
pub(crate) fn finding(finding: tenantry_dns::Finding) -> DomainFinding {
    let tenantry_dns::Finding { code, severity, record, saw, advice } = finding;
    DomainFinding { code, severity, record, saw, advice }
}
