//! A run, as callers see it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use tenantry_store::runs::RunRow;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A run of a workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    /// Its id.
    #[schema(value_type = String, example = "run_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    id: RunId,
    /// The kind of run.
    #[schema(example = "tenant_onboarding")]
    kind: String,
    /// The tenant it is about, which may not exist yet, or no more.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// The caller's own key.
    external_key: Option<String>,
    /// How it stands.
    #[schema(value_type = RunStatus)]
    status: String,
    /// The state, in the words of the workflow.
    state: String,
    /// The step, in the words of the product.
    #[schema(example = "creating_tenant")]
    step: String,
    /// 0 to 100; never runs backwards.
    #[schema(minimum = 0, maximum = 100)]
    progress: i16,
    /// Grows with everything that happens: the `since` of a long poll.
    seq: i32,
    /// What stands in the way, or ended it.
    error: Option<RunError>,
    /// What it has brought so far. For an onboarding: `tenantId`, `adminUserId`, `companyId`, `emailSent`, `success`,
    /// `createdAt`.
    #[schema(value_type = Object)]
    result: Value,
    /// Who began it.
    started_by: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
    /// What it is about, as a person would type it: a domain, a hostname, the name of a tenant.
    #[schema(example = "mail.acme.com")]
    entity: Option<String>,
    /// Since when it is paused.
    #[serde(with = "time::serde::rfc3339::option")]
    paused_at: Option<OffsetDateTime>,
    /// Who has paused it.
    paused_by: Option<String>,
    /// Why, in the words of whoever did.
    paused_reason: Option<String>,
    /// When it goes on by itself: its first timer or retry. Only where one run is shown, and not while it is paused or waits for a person
    /// alone.
    #[serde(with = "time::serde::rfc3339::option")]
    next_wake_at: Option<OffsetDateTime>,
}

impl Run {
    /// With the moment at which it goes on by itself.
    pub(crate) fn waking(mut self, at: Option<OffsetDateTime>) -> Self {
        self.next_wake_at = at;
        self
    }
}

/// What stands in a run's way.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct RunError {
    /// `ValidationError`, `DuplicateError`, `DatabaseError`, `EmailError`, `EmailDeferred`, `EmailRefused`, `SenderRefused`,
    /// `AccountRefused`, `RateLimited`, `UnknownOutcome`, `TimeoutError` or `InternalError`.
    #[schema(example = "DuplicateError")]
    class: String,
    /// What happened, what was seen, what to do.
    message: String,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunStatus {
    /// Something is under way.
    Running,
    /// A person is asked.
    Waiting,
    /// It ended as wished.
    Completed,
    /// It ended and could not be undone whole.
    Failed,
    /// It failed, and everything it had made was removed.
    RolledBack,
    /// It was cancelled, and everything it had made was removed.
    Cancelled,
}

impl RunStatus {
    /// As it stands in rows.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<RunRow> for Run {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            tenant_id: row.tenant,
            external_key: row.external_key,
            status: row.status,
            state: row.state,
            step: row.step,
            progress: row.progress,
            seq: row.seq,
            error: row.error.and_then(|error| serde_json::from_value(error).ok()),
            result: row.result,
            started_by: row.started_by,
            started_at: row.started_at,
            updated_at: row.updated_at,
            ended_at: row.ended_at,
            entity: row.entity,
            paused_at: row.paused_at,
            paused_by: row.paused_by,
            paused_reason: row.paused_why,
            next_wake_at: None,
        }
    }
}

/// Where a run is looked at.
pub(crate) fn location_of(run: RunId) -> String {
    format!("/v1/runs/{run}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_has_one_name_everywhere() {
        use RunStatus::{Cancelled, Completed, Failed, RolledBack, Running, Waiting};
        for status in [Running, Waiting, Completed, Failed, RolledBack, Cancelled] {
            assert_eq!(json!(status), json!(status.as_str()));
        }
    }
}
