//! A hostname of a portal, as callers see it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_dns::{
    HostHint, HostReport, Pointing, Purpose, RecordReport, RecordStatus, RecordType, Wanted, ownership,
};
use tenantry_mail::{is_apex, unicode_name};
use tenantry_model::{Domain, RunId};
use tenantry_store::portal::PortalRow;
use tenantry_workflows::portal_domain::{Axes, Certificate, Ownership, Routing};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{place::stand, words};
use crate::routes::look::{DnsHost, DomainFinding, DomainRecord, DomainWarning, finding, readable};

/// A hostname that a tenant has set for its portal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalHostname {
    /// The run that is its life: `GET /v1/runs/{id}/timeline` says what happened.
    #[schema(value_type = String, required = false)]
    run_id: RunId,
    /// Which, in A-labels.
    #[schema(example = "portal.xn--bcher-kva.de", required = false)]
    domain: String,
    /// The same in the letters of its language.
    #[schema(example = "portal.bücher.de", required = false)]
    unicode_domain: String,
    /// How it stands: `pending_dns`, `verifying_dns`, `dns_failed`, `pending_certificate`, `certificate_issuing`, `certificate_failed`,
    /// `deploying`, `active` or `disabled`.
    #[schema(value_type = PortalDomainStatus, required = false)]
    status: Value,
    /// The same more exactly: the state of its life.
    #[schema(example = "awaiting_dns", required = false)]
    step: String,
    /// What was seen last, or stands in the way, and what to do; none: nothing to say.
    status_message: Option<String>,
    /// The three things that its status is made of.
    #[schema(required = false)]
    axes: PortalAxes,
    /// When it was last looked at.
    #[serde(with = "time::serde::rfc3339::option")]
    last_checked_at: Option<OffsetDateTime>,
    /// When it is looked at next.
    #[serde(with = "time::serde::rfc3339::option")]
    next_check_at: Option<OffsetDateTime>,
    /// How the hostname is shown to be the tenant's: always `cname`.
    #[schema(required = false)]
    verification_method: &'static str,
    /// What was seen of it in the DNS.
    #[schema(required = false)]
    verification_details: PortalVerification,
    /// The records to create, and how they stand: always the CNAME; and the text that shows whose the name is, where addresses cannot.
    #[schema(required = false)]
    records: Vec<DomainRecord>,
    /// The zone that holds it, once it was found.
    zone: Option<String>,
    /// Who hosts the zone, where that is recognised.
    #[schema(value_type = Option<DnsHost>)]
    host: Option<HostHint>,
    /// Its certificate; none: nobody has seen one yet.
    certificate: Option<PortalCertificate>,
    /// Where its certificate is kept.
    #[schema(required = false)]
    certificate_secret_name: String,
    /// The version of what was written for it last.
    last_synced_resource_version: Option<String>,
    /// When it first was the tenant's portal.
    #[serde(with = "time::serde::rfc3339::option")]
    activated_at: Option<OffsetDateTime>,
    /// When it was set.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(required = false)]
    created_at: OffsetDateTime,
    /// By whom.
    #[schema(required = false)]
    created_by: String,
    /// What the person who sets it up should do next, in a sentence.
    #[schema(required = false)]
    next: String,
    /// What makes sense now.
    #[schema(inline, required = false)]
    actions: Vec<PortalAction>,
    /// What is worth knowing about the choice of it.
    #[schema(required = false)]
    warnings: Vec<DomainWarning>,
}

/// What can be done with a hostname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PortalAction {
    /// Look at it now; one that is down comes back.
    Refresh,
    /// Try once more what has failed.
    Retry,
    /// Take it down.
    Remove,
}

/// How a hostname stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PortalDomainStatus {
    /// The CNAME is to be created.
    PendingDns,
    /// It is there, and is being confirmed.
    VerifyingDns,
    /// It never came.
    DnsFailed,
    /// A certificate is about to be ordered.
    PendingCertificate,
    /// The certificate authority is at work.
    CertificateIssuing,
    /// It has refused.
    CertificateFailed,
    /// The certificate is there, and our gateway takes it up.
    Deploying,
    /// The portal answers.
    Active,
    /// It is not served any more.
    Disabled,
}

impl PortalDomainStatus {
    /// As it stands in rows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::PendingDns => "pending_dns",
            Self::VerifyingDns => "verifying_dns",
            Self::DnsFailed => "dns_failed",
            Self::PendingCertificate => "pending_certificate",
            Self::CertificateIssuing => "certificate_issuing",
            Self::CertificateFailed => "certificate_failed",
            Self::Deploying => "deploying",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// The three things that a status is made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalAxes {
    /// Whose is it, as far as the DNS says: `pending`, `seen`, `verified`, `proxied`, `unclear`, `moved`, `failed`.
    #[schema(value_type = String)]
    ownership: Ownership,
    /// `none`, `waiting`, `issuing`, `failed`, `ready`, `renewal_failing`.
    #[schema(value_type = String)]
    certificate: Certificate,
    /// `none`, `deploying`, `live`, `troubled`, `withdrawn`.
    #[schema(value_type = String)]
    routing: Routing,
}

/// What was seen of a hostname in the DNS.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalVerification {
    /// Where its CNAME must lead.
    #[schema(example = "a1b2c3d.portal.example.com")]
    expected_cname: String,
    /// Where it leads: `cname`, `flattened`, `proxied`, `elsewhere`, `missing`, `unclear`; none: nobody has looked.
    #[schema(value_type = Option<String>)]
    pointing: Option<Pointing>,
    /// The same in one line.
    #[schema(example = "portal.yourcompany.com does not exist")]
    observed: Option<String>,
    /// When.
    #[serde(with = "time::serde::rfc3339::option")]
    observed_at: Option<OffsetDateTime>,
    /// When it was last seen to lead to this tenant; none: it did not when somebody could last say.
    #[serde(with = "time::serde::rfc3339::option")]
    proven_at: Option<OffsetDateTime>,
    /// What was found, what matters most first.
    findings: Vec<DomainFinding>,
}

/// A certificate.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalCertificate {
    /// Until when it is good.
    #[serde(with = "time::serde::rfc3339::option")]
    not_after: Option<OffsetDateTime>,
    /// Who has issued it, as seen from outside.
    #[schema(example = "C=US, O=Let's Encrypt, CN=R11")]
    issuer: Option<String>,
    /// When it is to be renewed.
    #[serde(with = "time::serde::rfc3339::option")]
    renewal: Option<OffsetDateTime>,
    /// What is to be said about it.
    words: Option<String>,
}

impl PortalHostname {
    /// A row, for the tenant or for the platform's own people; `editable`: whether anything can be done with it in this edition.
    pub(super) fn of(row: PortalRow, for_tenant: bool, editable: bool) -> Self {
        let axes: Axes = serde_json::from_value(row.result["axes"].clone()).unwrap_or_default();
        let report: Option<HostReport> = row.report.clone().and_then(readable);
        let name: Option<Domain> = row.domain.parse().ok();
        let apex = name.as_ref().is_some_and(is_apex);
        let stands = stand(&row);
        Self {
            run_id: RunId(row.id),
            unicode_domain: name.as_ref().map_or_else(|| row.domain.clone(), unicode_name),
            status: row.result["status"].clone(),
            status_message: words::message(&row, for_tenant),
            axes: PortalAxes { ownership: axes.ownership, certificate: axes.certificate, routing: axes.routing },
            last_checked_at: row.looked_at,
            next_check_at: row.next_look_at,
            verification_method: "cname",
            records: records(&row, report.as_ref(), apex),
            zone: report.as_ref().and_then(|report| report.zone.clone()),
            host: report.as_ref().and_then(|report| report.host_hint.clone()),
            certificate: PortalCertificate::seen(row.certificate.as_ref(), row.visit.as_ref()),
            next: words::next(&row, axes, report.as_ref(), apex),
            actions: if editable { words::actions(&row.state, stands) } else { Vec::new() },
            warnings: apex.then(|| warning(&row.domain)).into_iter().collect(),
            verification_details: PortalVerification {
                expected_cname: row.canonical_host,
                pointing: report.as_ref().map(|report| report.pointing),
                observed: report.as_ref().map(|report| report.observed.clone()),
                observed_at: report.as_ref().and(row.looked_at),
                proven_at: row.proven_at,
                findings: report.map(|report| report.findings).unwrap_or_default().into_iter().map(finding).collect(),
            },
            certificate_secret_name: row.secret_name,
            last_synced_resource_version: row.resource_version,
            activated_at: row.activated_at,
            created_at: row.created_at,
            created_by: row.created_by,
            step: row.state,
            domain: row.domain,
        }
    }
}

impl PortalCertificate {
    /// What the looks at it have found: at what was issued, and at what visitors are shown.
    fn seen(issued: Option<&Value>, visit: Option<&Value>) -> Option<Self> {
        let shown = visit.map(|visit| &visit["certificate"]);
        let text = |of: Option<&Value>, name: &str| of.and_then(|of| of[name].as_str()).map(str::to_owned);
        let moment = |of: Option<&Value>, name: &str| OffsetDateTime::parse(of?[name].as_str()?, &Rfc3339).ok();
        let certificate = Self {
            not_after: moment(issued, "notAfter").or_else(|| moment(shown, "notAfter")),
            issuer: text(shown, "issuer"),
            renewal: moment(issued, "renewal"),
            words: text(issued, "words").filter(|words| !words.is_empty()),
        };
        (certificate != Self::default()).then_some(certificate)
    }
}

/// The CNAME, and the text where it is needed.
fn records(row: &PortalRow, report: Option<&HostReport>, apex: bool) -> Vec<DomainRecord> {
    let cname = Wanted {
        purpose: Purpose::Portal,
        kind: RecordType::Cname,
        name: row.domain.clone(),
        value: row.canonical_host.clone(),
        priority: None,
        ttl: None,
        required: true,
    };
    let status = match report {
        None => RecordStatus::NotChecked,
        Some(report) => match (report.pointing, report.proven) {
            (Pointing::Cname, _) | (Pointing::Flattened, Some(true)) => RecordStatus::Detected,
            (Pointing::Missing, _) => RecordStatus::Missing,
            (Pointing::Unclear, _) => RecordStatus::LookupFailed,
            (Pointing::Flattened | Pointing::Proxied | Pointing::Elsewhere, _) => RecordStatus::Mismatch,
        },
    };
    let saw = report.filter(|_| status == RecordStatus::Mismatch).map(|report| report.observed.clone());
    let seen =
        RecordReport { wanted: cname.clone(), status, saw: Vec::from_iter(saw), servers: Vec::new(), seen_ttl: None };
    let zone = report.and_then(|report| report.zone.as_deref());
    let mut records = vec![DomainRecord::of(cname, &[seen], zone)];
    if apex || report.is_some_and(needs_text) {
        let seen: Vec<RecordReport> = report.map(|report| report.ownership.clone()).into_iter().collect();
        records.push(DomainRecord::of(ownership(&row.domain, &row.token), &seen, zone));
    }
    records
}

/// Whether only the text can show whose the name is.
pub(super) fn needs_text(report: &HostReport) -> bool {
    report.apex || report.pointing == Pointing::Flattened
}

fn warning(domain: &str) -> DomainWarning {
    let detail = format!(
        "{domain} is the domain itself, where no CNAME can stand. It works only where the DNS host has a record in its place (ALIAS, \
         ANAME, flattening), and needs a TXT record besides. A name below it, such as portal.{domain}, needs a CNAME and nothing else."
    );
    DomainWarning { code: "apex", detail }
}
