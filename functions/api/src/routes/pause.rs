//! Runs are held, and let go on.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tenantry_model::RunId;
use tenantry_store::runs::{RunRow, pause, resume, run};
use utoipa::ToSchema;

use super::{run::Run, runs::for_caller};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, Id, invalid_body},
    idempotency::Once,
    problem::{Code, FieldError, Problem},
    state::ApiState,
    wait::has_ended,
    write::{audit, commit, retrying},
};

/// As for a cancel: it stays in the run, its history and the audit log.
const LONGEST_REASON: usize = 1000;

/// Why a run is held, or goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseReason {
    /// Why, for whoever reads the history.
    #[serde(default)]
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

/// Pause a run
///
/// Nothing of it is begun until it is resumed: no command, no timer, no turn in its tenant's lane. What is under way may end, and its
/// answer is written; signals and answers to tasks are heard, and what follows from them waits. A run that is paused already
/// stays as it is, and a run that ends is not paused any more.
#[utoipa::path(post, path = "/v1/runs/{id}/pause", tag = "Runs", operation_id = "pauseRun",
    params(("id" = String, Path, description = "The run.")), request_body(content = Option<PauseReason>),
    responses(
        (status = 200, description = "The run, paused.", body = Run),
        (status = 409, description = "`run_ended`."),
    ))]
pub(crate) async fn pause_run(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    body: Body<PauseReason>,
) -> Result<Answer> {
    let reason = reason(body.value.reason)?;
    retrying(|| turn(&state, &caller, id, Turn::Pause, reason.as_deref(), &body.once)).await
}

/// Let a paused run go on
///
/// What came due meanwhile happens now. A run that is not paused stays as it is.
#[utoipa::path(post, path = "/v1/runs/{id}/resume", tag = "Runs", operation_id = "resumeRun",
    params(("id" = String, Path, description = "The run.")), request_body(content = Option<PauseReason>),
    responses((status = 200, description = "The run, going on.", body = Run)))]
pub(crate) async fn resume_run(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    body: Body<PauseReason>,
) -> Result<Answer> {
    let reason = reason(body.value.reason)?;
    retrying(|| turn(&state, &caller, id, Turn::Resume, reason.as_deref(), &body.once)).await
}

/// The reason as it is kept; none where nothing was said.
pub(super) fn reason(text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let unfit = |text: &String| {
        text.chars().count() > LONGEST_REASON || text.chars().any(|letter| letter.is_control() && letter != '\n')
    };
    if text.as_ref().is_some_and(unfit) {
        let words = "The reason may have 1000 characters at most, and none that cannot be printed.";
        return Err(invalid_body(vec![FieldError::at("/reason", "invalid_value", words)]));
    }
    Ok(text)
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is held.
    Pause,
    /// It goes on.
    Resume,
}

/// Pauses or resumes one run, with a line in the audit log where that changes it.
pub(super) async fn turn(
    state: &ApiState,
    caller: &Caller,
    id: RunId,
    turn: Turn,
    reason: Option<&str>,
    once: &Once,
) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(kept) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(kept));
    }
    let before = run(&mut tx, id).await?;
    let (action, hints) = match (turn, before.paused_at) {
        (Turn::Pause, None) if has_ended(&before) => return Err(ended(&before).into()),
        (Turn::Pause, None) => {
            pause(&mut tx, id, &actor, reason, timing.now).await?;
            (Some("run.pause"), Vec::new())
        }
        (Turn::Resume, Some(_)) => (Some("run.resume"), resume(&mut tx, id, &actor, timing).await?),
        _ => (None, Vec::new()),
    };
    let after = run(&mut tx, id).await?;
    let reply = reply(StatusCode::OK, None, &Run::from(for_caller(caller, after)));
    once.keep(&mut tx, scope, &reply, timing.now).await?;
    if let Some(action) = action {
        let subject = id.to_string();
        let mut line = caller.did(&actor, action, &subject);
        (line.tenant, line.run) = (before.tenant, Some(id));
        line.before = before.paused_by.map(|by| json!({ "pausedBy": by, "reason": before.paused_why }));
        line.after = Some(json!({ "state": before.state, "reason": reason }));
        audit(&mut tx, caller, line, timing.now).await?;
    }
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

fn ended(run: &RunRow) -> Problem {
    let how = run.status.replace('_', " ");
    Problem::new(Code::RunEnded, format!("The run is {how}; there is nothing left of it to pause."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_reason_is_short_and_can_be_read() {
        assert_eq!(reason(None).unwrap(), None);
        assert_eq!(reason(Some("  \n".to_owned())).unwrap(), None);
        assert_eq!(reason(Some(" the provider is down ".to_owned())).unwrap().as_deref(), Some("the provider is down"));
        assert!(reason(Some("x".repeat(LONGEST_REASON))).is_ok());
        for unfit in ["x".repeat(LONGEST_REASON + 1), "\u{1b}[31m".to_owned()] {
            assert_eq!(reason(Some(unfit)).unwrap_err().code(), Code::InvalidBody);
        }
    }
}
