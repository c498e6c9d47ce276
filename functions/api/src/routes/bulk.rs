//! The same done to many runs: what a filter finds, at most so many, and at first only shown.

use std::time::{Duration, Instant};

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenantry_model::{RunId, TenantId};
use tenantry_store::runs::{RunFilter, RunRow, run_ids, runs};
use utoipa::ToSchema;

use super::{
    cancel_preview::preview,
    pause::{Turn, reason, turn},
    retry::hasten,
    run::{Run, RunStatus},
    runs::for_caller,
    signals::{Wish, tell},
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, invalid_body},
    idempotency::Once,
    problem::FieldError,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Matching runs are counted up to here.
const COUNTED: i64 = 10_000;
/// So many of them are shown.
const SAMPLE: usize = 10;
/// Nothing is begun after this: the request is to be answered within 30 s.
const LONGEST: Duration = Duration::from_secs(20);
const USUAL_CAP: u16 = 100;
const MOST: u16 = 1000;

/// The same for many runs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Bulk {
    /// What is done to each of them.
    action: BulkAction,
    /// Which runs; at least one of the fields.
    filter: BulkFilter,
    /// Nothing is done; it is only said what would be.
    #[serde(default = "yes")]
    #[schema(default = true)]
    dry_run: bool,
    /// At most so many runs, the newest first.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000, default = 100)]
    cap: Option<u16>,
    /// Why, for whoever reads the histories; for `cancel` and `pause`.
    #[serde(default)]
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

fn yes() -> bool {
    true
}

/// What is done to each of many runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BulkAction {
    /// Waiting retries are due now.
    Retry,
    /// It is called off.
    Cancel,
    /// It is held.
    Pause,
    /// It goes on.
    Resume,
}

/// Which of the runs that have not ended. (For `resume`: which of those that are paused.)
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct BulkFilter {
    /// Of this tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// Of this kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// With this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<RunStatus>,
    /// In this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// With an error of this class.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_class: Option<String>,
    /// About what begins like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<String>,
    /// Paused, or not; `pause` and `resume` take only those for which there is something to do in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<bool>,
}

impl BulkFilter {
    fn is_empty(&self) -> bool {
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        self.tenant.is_none()
            && self.status.is_none()
            && self.paused.is_none()
            && [&self.kind, &self.state, &self.error_class, &self.entity].into_iter().all(blank)
    }

    fn of(&self, action: BulkAction) -> RunFilter {
        RunFilter {
            tenant: self.tenant,
            kind: self.kind.clone(),
            status: self.status.map(|status| status.as_str().to_owned()),
            state: self.state.clone(),
            error_class: self.error_class.clone(),
            entity: self.entity.clone(),
            // What is so already is not done again, and counts for nobody.
            paused: match action {
                BulkAction::Pause => Some(false),
                BulkAction::Resume => Some(true),
                BulkAction::Retry | BulkAction::Cancel => self.paused,
            },
            living: true,
            ..RunFilter::default()
        }
    }
}

/// What was done to many runs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BulkDone {
    /// Nothing was done.
    dry_run: bool,
    /// How many runs the filter finds; 10,000 means as many or more.
    matched: usize,
    /// To how many of them it was done. Those that are neither done nor refused are left for another request: there were more than
    /// `cap`, or the time was over.
    done: usize,
    /// Those that did not accept it, or would not.
    refused: Vec<Refused>,
    /// Some of those that the filter finds.
    sample: Vec<Run>,
}

/// A run that did not accept it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refused {
    /// The run.
    #[schema(value_type = String)]
    id: RunId,
    /// What happened, what to do.
    why: String,
}

/// Do the same to many runs
///
/// Each of them in a transaction of its own, with its own line in the audit log; another line says what was asked as a whole. Messages are
/// not among them.
#[utoipa::path(post, path = "/v1/runs/bulk", tag = "Runs", operation_id = "bulkRuns", request_body = Bulk,
    responses((status = 200, description = "What was done, or would be.", body = BulkDone)))]
pub(crate) async fn bulk_runs(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    body: Body<Bulk>,
) -> Result<Answer> {
    let Bulk { action, filter, dry_run, cap, reason: why } = body.value;
    let wrong = |pointer: &str, words: &str| invalid_body(vec![FieldError::at(pointer, "invalid_value", words)]);
    if filter.is_empty() {
        return Err(wrong("/filter", "Say which runs are meant: at least one of the fields.").into());
    }
    let cap = cap.unwrap_or(USUAL_CAP);
    if !(1..=MOST).contains(&cap) {
        return Err(wrong("/cap", "This must be between 1 and 1000.").into());
    }
    let asked = Asked { action, filter, cap: usize::from(cap), why: reason(why)? };
    if dry_run {
        let done = asked.look(&state, &caller).await?;
        return Ok(Answer::first(reply(StatusCode::OK, None, &done)));
    }
    asked.perform(&state, &caller, &body.once).await
}

struct Asked {
    action: BulkAction,
    filter: BulkFilter,
    cap: usize,
    why: Option<String>,
}

impl Asked {
    /// What there is, newest first: the ids of all, as far as they are counted, and the first of them whole.
    async fn find(&self, state: &ApiState, caller: &Caller, whole: usize) -> Result<(Vec<RunId>, Vec<RunRow>)> {
        let filter = RunFilter { limit: COUNTED, ..self.filter.of(self.action) };
        let mut tx = state.db.begin_as(caller.scope()).await?;
        let ids = run_ids(&mut tx, &filter).await?;
        let whole = i64::try_from(whole).unwrap_or(COUNTED);
        let rows = runs(&mut tx, &RunFilter { limit: whole, ..filter }).await?;
        commit(tx).await?;
        Ok((ids, rows))
    }

    /// What would be done.
    async fn look(&self, state: &ApiState, caller: &Caller) -> Result<BulkDone> {
        let asks = self.action == BulkAction::Cancel;
        let (ids, rows) = self.find(state, caller, if asks { self.cap } else { SAMPLE.min(self.cap) }).await?;
        let mut refused = Vec::new();
        for row in rows.iter().filter(|_| asks) {
            let refusal = preview(row, &caller.actor()).map_or_else(
                |error| Some(error.into_problem().detail().to_owned()),
                super::cancel_preview::CancelPreview::refusal,
            );
            refused.extend(refusal.map(|why| Refused { id: row.id, why }));
        }
        Ok(BulkDone { dry_run: true, matched: ids.len(), done: 0, refused, sample: sample(caller, rows) })
    }

    /// Does it to one run after the other. The key is kept with the last of it: sent again after a crash, the rest is done.
    async fn perform(&self, state: &ApiState, caller: &Caller, once: &Once) -> Result<Answer> {
        if let Some(kept) = super::messages::send::answered(state, caller, once).await? {
            return Ok(Answer::again(kept));
        }
        let until = Instant::now() + LONGEST;
        let (ids, rows) = self.find(state, caller, SAMPLE.min(self.cap)).await?;
        let (mut done, mut refused) = (0, Vec::new());
        for id in ids.iter().take(self.cap) {
            if Instant::now() >= until {
                break;
            }
            match self.one(state, caller, *id).await {
                Ok(_) => done += 1,
                Err(error) => {
                    let problem = error.into_problem();
                    // Not this run's affair: whoever asks again with the same key gets the rest done.
                    if problem.code().status() >= 500 {
                        return Err(problem.into());
                    }
                    refused.push(Refused { id: *id, why: problem.detail().to_owned() });
                }
            }
        }
        let told = BulkDone { dry_run: false, matched: ids.len(), done, refused, sample: sample(caller, rows) };
        retrying(|| self.keep(state, caller, &told, once)).await
    }

    async fn one(&self, state: &ApiState, caller: &Caller, id: RunId) -> Result<Answer> {
        let (none, why) = (Once::none(), self.why.as_deref());
        match self.action {
            BulkAction::Retry => retrying(|| hasten(state, caller, id, &none)).await,
            BulkAction::Pause => retrying(|| turn(state, caller, id, Turn::Pause, why, &none)).await,
            BulkAction::Resume => retrying(|| turn(state, caller, id, Turn::Resume, why, &none)).await,
            BulkAction::Cancel => {
                let body = json!({ "reason": why.unwrap_or_default(), "cancelledBy": caller.actor() });
                let wish = Wish { name: "cancel", body, action: "run.cancel" };
                retrying(|| tell(state, caller, id, &wish, &none)).await
            }
        }
    }

    async fn keep(&self, state: &ApiState, caller: &Caller, told: &BulkDone, once: &Once) -> Result<Answer> {
        let (scope, actor, now) = (caller.scope(), caller.actor(), state.db.clock().now());
        let mut tx = state.db.begin_as(scope).await?;
        if let Some(kept) = once.begin(&mut tx, scope).await? {
            return Ok(Answer::again(kept));
        }
        let reply = reply(StatusCode::OK, None, told);
        once.keep(&mut tx, scope, &reply, now).await?;
        let mut line = caller.did(&actor, "runs.bulk", "runs");
        line.tenant = caller.principal.tenant();
        line.after = Some(json!({
            "action": self.action, "filter": self.filter, "cap": self.cap, "reason": self.why,
            "matched": told.matched, "done": told.done, "refused": told.refused.len(),
        }));
        audit(&mut tx, caller, line, now).await?;
        commit(tx).await?;
        Ok(Answer::first(reply))
    }
}

fn sample(caller: &Caller, rows: Vec<RunRow>) -> Vec<Run> {
    rows.into_iter().take(SAMPLE).map(|row| Run::from(for_caller(caller, row))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_is_done_unless_it_is_said_and_to_nobody_in_particular_never() {
        let bulk: Bulk = serde_json::from_value(json!({"action": "retry", "filter": {"kind": "drill"}})).unwrap();
        assert!(bulk.dry_run && bulk.cap.is_none() && !bulk.filter.is_empty());
        for empty in [json!({}), json!({"kind": " "}), json!({"entity": ""})] {
            assert!(serde_json::from_value::<BulkFilter>(empty).unwrap().is_empty());
        }
        assert!(serde_json::from_value::<BulkFilter>(json!({"knid": "drill"})).is_err());
    }

    #[test]
    fn what_is_so_already_is_left_alone() {
        let filter = BulkFilter { kind: Some("drill".to_owned()), ..BulkFilter::default() };
        assert_eq!(filter.of(BulkAction::Pause).paused, Some(false));
        assert_eq!(filter.of(BulkAction::Resume).paused, Some(true));
        assert!(filter.of(BulkAction::Cancel).living && filter.of(BulkAction::Cancel).paused.is_none());
    }
}
