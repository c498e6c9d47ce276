//! What needs somebody, in the words of the API.

use serde::Serialize;
use tenantry_model::{EmailDomainId, RunId, TaskId, TenantId, WebhookEndpointId};
use tenantry_store::overview::{MOST, Need, NeedKind, Seen};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Things of one kind that need somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NeedsAction {
    /// Of which kind.
    kind: NeedsActionKind,
    /// How many; counting stops at `countsStopAt`.
    count: i64,
    /// A line that says so.
    #[schema(example = "2 tasks wait for an answer")]
    title: String,
    /// A few of them.
    sample: Vec<NeedsActionSample>,
}

/// What needs somebody.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NeedsActionKind {
    /// A task is open. The ids are tasks'; the oldest are shown.
    Task,
    /// A run failed in the last 7 days. The ids are runs'; the newest are shown.
    FailedRun,
    /// Mail has left from an email domain, and does not for the moment. The ids are email domains'.
    DegradedDomain,
    /// A portal's hostname does not go on by itself, or was live and does not answer. The ids are runs'.
    StuckPortal,
    /// Deliveries to an endpoint of webhooks fail. The ids are endpoints'; those that fail for longest are shown.
    WebhookFailing,
    /// A name has been waiting for its DNS records for more than 3 days. The ids are runs'; the oldest are shown.
    WaitingLong,
    /// A tenant's mail is paused. The ids are tenants'.
    PausedSending,
}

/// One thing that needs somebody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NeedsActionSample {
    /// Its id.
    id: String,
    /// The tenant it is about; none for what is the platform's own.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// A line: a task's title, a domain, a kind of run, an address, a tenant's name.
    title: String,
    /// Since when; none where nobody has written that down.
    #[serde(with = "time::serde::rfc3339::option")]
    since: Option<OffsetDateTime>,
}

impl From<Need> for NeedsAction {
    fn from(need: Need) -> Self {
        let Need { kind, count, sample } = need;
        let sample = sample.into_iter().map(|seen| NeedsActionSample::of(kind, seen)).collect();
        Self { kind: kind.into(), count, title: title(kind, count), sample }
    }
}

impl NeedsActionSample {
    fn of(kind: NeedKind, seen: Seen) -> Self {
        let id = match kind {
            NeedKind::Task => TaskId(seen.id).to_string(),
            NeedKind::DegradedDomain => EmailDomainId(seen.id).to_string(),
            NeedKind::FailedRun | NeedKind::StuckPortal | NeedKind::WaitingLong => RunId(seen.id).to_string(),
            NeedKind::WebhookFailing => WebhookEndpointId(seen.id).to_string(),
            NeedKind::PausedSending => TenantId(seen.id).to_string(),
        };
        Self { id, tenant_id: seen.tenant.map(TenantId), title: seen.title, since: seen.since }
    }
}

impl From<NeedKind> for NeedsActionKind {
    fn from(kind: NeedKind) -> Self {
        match kind {
            NeedKind::Task => Self::Task,
            NeedKind::FailedRun => Self::FailedRun,
            NeedKind::DegradedDomain => Self::DegradedDomain,
            NeedKind::StuckPortal => Self::StuckPortal,
            NeedKind::WebhookFailing => Self::WebhookFailing,
            NeedKind::WaitingLong => Self::WaitingLong,
            NeedKind::PausedSending => Self::PausedSending,
        }
    }
}

fn title(kind: NeedKind, count: i64) -> String {
    let (one, many) = match kind {
        NeedKind::Task => ("task waits for an answer", "tasks wait for an answer"),
        NeedKind::FailedRun => ("run failed in the last 7 days", "runs failed in the last 7 days"),
        NeedKind::DegradedDomain => ("sending domain is degraded", "sending domains are degraded"),
        NeedKind::StuckPortal => ("portal domain needs attention", "portal domains need attention"),
        NeedKind::WebhookFailing => ("webhook endpoint is failing", "webhook endpoints are failing"),
        NeedKind::WaitingLong => {
            ("domain has waited for its DNS records for 3 days", "domains have waited for their DNS records for 3 days")
        }
        NeedKind::PausedSending => ("tenant's mail is paused", "tenants' mail is paused"),
    };
    let more = if count >= MOST { " or more" } else { "" };
    format!("{count}{more} {}", if count == 1 { one } else { many })
}
