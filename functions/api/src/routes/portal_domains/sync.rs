//! A reconcile of the cluster, as operators see it.

use serde::Serialize;
use tenantry_model::RunId;
use tenantry_store::{portal::PortalPlan, runs::RunRow};
use tenantry_workflows::portal_sync::{Carry, Summary};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::routes::run::{RunError, RunStatus};

/// A comparison of the cluster with the hostnames that are wanted, and what was done about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PortalSync {
    /// The run.
    #[schema(value_type = String)]
    pub(super) run_id: RunId,
    /// Whether it is the one that goes on for ever.
    standing: bool,
    /// How it stands.
    #[schema(value_type = RunStatus)]
    status: String,
    /// `reconciling`, `resting`, `held`, `done`, `failed` or `stopped`.
    step: String,
    /// Grows with everything that happens: the `since` of a long poll.
    seq: i32,
    /// What is done with the plan; nothing of it: it is only shown.
    #[schema(value_type = SyncCarry)]
    carry: Carry,
    /// What was found and done; none: nothing yet.
    #[schema(value_type = Option<SyncSummary>)]
    summary: Option<Summary>,
    /// What would be deleted, and waits for a person's word.
    held: Option<SyncHeld>,
    /// Whether something is left to do: a change that was not carried out, was refused, or is held.
    outstanding: bool,
    /// What stands in the way.
    error: Option<RunError>,
    /// The plan, for people; none: there is none yet.
    diff: Option<String>,
    /// The `kubectl` commands that do the same.
    commands: Option<String>,
    /// When the plan was made.
    #[serde(with = "time::serde::rfc3339::option")]
    planned_at: Option<OffsetDateTime>,
    /// Who began it.
    started_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    ended_at: Option<OffsetDateTime>,
}

/// What is held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SyncHeld {
    /// How many objects.
    objects: u64,
    /// Which, and why a person is asked.
    words: String,
}

/// What is done with a plan.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes Carry to OpenAPI")]
struct SyncCarry {
    /// The manifests are committed and pushed.
    commit: bool,
    /// ... to a branch of their own, for a pull request.
    pull_request: bool,
    /// They are applied to the cluster, and what is retired is deleted.
    apply: bool,
}

/// What was found and done.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code, reason = "describes Summary to OpenAPI")]
struct SyncSummary {
    /// Objects that were, or would be, created.
    created: u32,
    /// ... changed.
    changed: u32,
    /// ... deleted.
    deleted: u32,
    /// Objects that are as they should be.
    unchanged: u32,
    /// Objects that the cluster has refused, or that are not ours to write.
    refused: u32,
    /// Objects of ours that no hostname knows.
    orphans: u32,
    /// Files that were, or would be, written or removed.
    files: u32,
    /// The commit that was pushed.
    commit: Option<String>,
    /// The branch it was pushed to, where that is one for a pull request.
    branch: Option<String>,
}

impl PortalSync {
    /// A run, and the plan that it has come to.
    pub(super) fn of(row: RunRow, plan: Option<PortalPlan>) -> Self {
        let read = |name: &str| row.result[name].clone();
        let carry: Carry = serde_json::from_value(read("carry")).unwrap_or_default();
        let summary: Option<Summary> = serde_json::from_value(read("summary")).unwrap_or_default();
        let held = row.result["held"].as_object().map(|held| SyncHeld {
            objects: held.get("objects").and_then(serde_json::Value::as_u64).unwrap_or_default(),
            words: held.get("words").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned(),
        });
        let (diff, commands, planned_at) =
            plan.map_or((None, None, None), |plan| (Some(plan.diff), Some(plan.commands), Some(plan.at)));
        Self {
            run_id: row.id,
            standing: row.result["standing"].as_bool().unwrap_or_default(),
            outstanding: held.is_some() || summary.as_ref().is_some_and(|summary| is_left(summary, carry)),
            error: row.error.and_then(|error| serde_json::from_value(error).ok()),
            status: row.status,
            step: row.step,
            seq: row.seq,
            carry,
            summary,
            held,
            diff,
            commands,
            planned_at,
            started_by: row.started_by,
            started_at: row.started_at,
            updated_at: row.updated_at,
            ended_at: row.ended_at,
        }
    }
}

/// Whether something of a plan was not carried out.
fn is_left(summary: &Summary, carry: Carry) -> bool {
    let objects = summary.created + summary.changed + summary.deleted;
    summary.refused > 0 || (objects > 0 && !carry.apply) || (summary.files > 0 && !carry.commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_only_shown_or_refused_is_left_to_do() {
        let of = |created, files, refused, commit, apply| {
            let summary = Summary { created, files, refused, ..Summary::default() };
            is_left(&summary, Carry { commit, apply, pull_request: false })
        };
        assert!(!of(0, 0, 0, false, false));
        assert!(of(1, 0, 0, true, false) && of(0, 1, 0, false, true) && of(1, 1, 1, true, true));
        assert!(!of(1, 1, 0, true, true));
    }
}
