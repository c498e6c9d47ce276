//! A domain, as callers see it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_dns::{HostHint, Report, Verdict, Wanted};
use tenantry_mail::{is_apex, unicode_name};
use tenantry_model::{EmailDomainId, RunId, TenantId};
use tenantry_store::domains::DomainRow;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::words::reason;
use crate::routes::look::{DnsHost, DomainFinding, DomainRecord, DomainWarning, finding, readable};

/// A sending domain of a tenant's own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailDomain {
    /// Its id.
    #[schema(value_type = String, example = "dom_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    pub(crate) id: EmailDomainId,
    /// The run that is its life: `GET /v1/runs/{id}/timeline` says what happened.
    #[schema(value_type = String)]
    run_id: RunId,
    /// Whose.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// Which, in A-labels.
    #[schema(example = "mail.xn--bcher-kva.de")]
    pub(crate) name: String,
    /// The same in the letters of its language.
    #[schema(example = "mail.bücher.de")]
    pub(crate) unicode_name: String,
    /// How it stands.
    #[schema(value_type = EmailDomainStatus)]
    pub(crate) status: String,
    /// The same more exactly: the state of its life.
    #[schema(example = "awaiting_dns")]
    step: String,
    /// What stands in the way, and what to do; none: nothing does.
    pub(crate) reason: Option<String>,
    /// The address that mail comes from.
    #[schema(example = "noreply@mail.yourcompany.com")]
    from: String,
    /// Whether it is the domain that mail of the tenant usually comes from.
    is_default: bool,
    /// Whether mail leaves from it.
    sends: bool,
    /// The region that it was asked for in.
    region: Option<String>,
    /// The zone that holds it, once it was found.
    pub(crate) zone: Option<String>,
    /// Who hosts the zone, where that is recognised.
    #[schema(value_type = Option<DnsHost>)]
    pub(crate) host: Option<HostHint>,
    /// The records to publish, and how they stand.
    pub(crate) records: Vec<DomainRecord>,
    /// What the last look has found, what matters most first.
    pub(crate) findings: Vec<DomainFinding>,
    /// What the last look says on the whole: `ready`, `not_ready` or `unclear`; none: nobody has looked.
    #[schema(value_type = Option<String>)]
    verdict: Option<Verdict>,
    /// When the DNS was last looked at.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) looked_at: Option<OffsetDateTime>,
    /// When it is looked at next.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) next_look_at: Option<OffsetDateTime>,
    /// Since when the tenant's own text is in the zone.
    #[serde(with = "time::serde::rfc3339::option")]
    proven_at: Option<OffsetDateTime>,
    /// When mail could first leave from it.
    #[serde(with = "time::serde::rfc3339::option")]
    verified_at: Option<OffsetDateTime>,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// By whom.
    created_by: String,
    /// When it was gone; none: it is not.
    #[serde(with = "time::serde::rfc3339::option")]
    released_at: Option<OffsetDateTime>,
    /// What is worth knowing about the choice of this domain.
    warnings: Vec<DomainWarning>,
}

/// How a domain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmailDomainStatus {
    /// It is being set up; there is nothing to publish yet.
    Created,
    /// The records are to be published.
    AwaitingDns,
    /// The records are there, and are being confirmed.
    Verifying,
    /// Mail leaves from it.
    Verified,
    /// Mail has left from it, and cannot for the moment.
    Degraded,
    /// It could not be set up.
    Failed,
    /// It is removed, or about to be.
    Deactivated,
}

impl EmailDomainStatus {
    /// As it stands in rows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::AwaitingDns => "awaiting_dns",
            Self::Verifying => "verifying",
            Self::Verified => "verified",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Deactivated => "deactivated",
        }
    }
}

impl EmailDomain {
    /// A row, for a tenant or for the platform's own people.
    pub(crate) fn of(row: DomainRow, for_tenant: bool) -> Self {
        let report: Option<Report> = row.report.and_then(readable);
        let wanted = wanted_of(row.wanted);
        let zone = report.as_ref().and_then(|report| report.zone.clone());
        let seen = report.as_ref().map(|report| report.records.as_slice()).unwrap_or_default();
        let records = wanted.into_iter().map(|one| DomainRecord::of(one, seen, zone.as_deref())).collect();
        let name = row.name.parse().ok();
        Self {
            id: EmailDomainId(row.id),
            run_id: RunId(row.id),
            tenant_id: TenantId(row.tenant_id),
            unicode_name: name.as_ref().map_or_else(|| row.name.clone(), unicode_name),
            from: format!("{}@{}", row.mailbox, row.name),
            reason: reason(&row.state, row.error, for_tenant),
            status: row.status,
            step: row.state,
            is_default: row.is_default,
            sends: row.sends,
            region: row.region,
            verdict: report.as_ref().map(|report| report.verdict),
            host: report.as_ref().and_then(|report| report.host.clone()),
            findings: report.map(|report| report.findings).unwrap_or_default().into_iter().map(finding).collect(),
            zone,
            records,
            looked_at: row.looked_at,
            next_look_at: row.next_look_at,
            proven_at: row.proven_at,
            verified_at: row.verified_at,
            created_at: row.created_at,
            created_by: row.created_by,
            released_at: row.released_at,
            warnings: name.filter(is_apex).map(|_| apex(&row.name)).into_iter().collect(),
            name: row.name,
        }
    }
}

/// The records of a row.
pub(super) fn wanted_of(wanted: Value) -> Vec<Wanted> {
    readable(wanted).unwrap_or_default()
}

fn apex(name: &str) -> DomainWarning {
    let detail = format!(
        "{name} is the domain itself and not a subdomain of it: what happens to its reputation happens to all mail of {name}. A \
         subdomain such as mail.{name} keeps the two apart."
    );
    DomainWarning { code: "apex", detail }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn row(wanted: Value, report: Option<Value>) -> DomainRow {
        DomainRow {
            id: Uuid::from_u128(1),
            tenant_id: Uuid::from_u128(2),
            name: "mail.xn--bcher-kva.de".to_owned(),
            mailbox: "hello".to_owned(),
            region: None,
            status: "awaiting_dns".to_owned(),
            state: "awaiting_dns".to_owned(),
            error: None,
            wanted,
            report,
            looked_at: None,
            next_look_at: None,
            proven_at: None,
            verified_at: None,
            sends: false,
            is_default: false,
            created_by: "ada".to_owned(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            released_at: None,
        }
    }

    fn record(value: &str) -> Value {
        json!({ "purpose": "ownership", "type": "TXT", "name": "_tenantry.mail.xn--bcher-kva.de", "value": value, "required": true })
    }

    #[test]
    fn before_the_first_look_nothing_was_checked() {
        let shown = json!(EmailDomain::of(row(json!([record("a")]), None), true));
        assert_eq!(
            (&shown["unicodeName"], &shown["from"]),
            (&json!("mail.bücher.de"), &json!("hello@mail.xn--bcher-kva.de"))
        );
        let first = &shown["records"][0];
        assert_eq!((&first["status"], &first["relativeName"]), (&json!("not_checked"), &Value::Null));
        assert_eq!(first["fqdn"], "_tenantry.mail.xn--bcher-kva.de.");
        assert_eq!((&shown["verdict"], &shown["zone"], &shown["warnings"]), (&Value::Null, &Value::Null, &json!([])));
    }

    #[test]
    fn a_record_shows_what_was_seen_of_it_and_of_no_other() {
        let mut seen = record("a");
        seen["status"] = json!("mismatch");
        seen["saw"] = json!(["\"b\""]);
        let report = json!({
            "domain": "mail.xn--bcher-kva.de", "verdict": "not_ready", "zone": "xn--bcher-kva.de", "host": null, "records": [seen],
            "findings": [{ "code": "c", "severity": "error", "record": null, "saw": "S.", "advice": "A." }]
        });
        let shown = json!(EmailDomain::of(row(json!([record("a"), record("z")]), Some(report)), true));
        let records = &shown["records"];
        assert_eq!((&records[0]["status"], &records[0]["saw"]), (&json!("mismatch"), &json!(["\"b\""])));
        assert_eq!(records[0]["relativeName"], "_tenantry.mail");
        assert_eq!(records[1]["status"], "not_checked");
        assert_eq!((&shown["verdict"], &shown["findings"][0]["advice"]), (&json!("not_ready"), &json!("A.")));
    }

    #[test]
    fn an_apex_is_warned_of() {
        let apex = DomainRow { name: "acme.com".to_owned(), ..row(json!([]), None) };
        assert_eq!(json!(EmailDomain::of(apex, true))["warnings"][0]["code"], "apex");
    }

    #[test]
    fn a_status_has_one_name_everywhere() {
        use EmailDomainStatus as S;
        use tenantry_workflows::email_domain::DomainStatus as Theirs;
        for (ours, theirs) in [
            (S::Created, Theirs::Created),
            (S::AwaitingDns, Theirs::AwaitingDns),
            (S::Verifying, Theirs::Verifying),
            (S::Verified, Theirs::Verified),
            (S::Degraded, Theirs::Degraded),
            (S::Failed, Theirs::Failed),
            (S::Deactivated, Theirs::Deactivated),
        ] {
            assert_eq!((json!(ours), json!(theirs)), (json!(ours.as_str()), json!(ours.as_str())));
        }
    }
}
