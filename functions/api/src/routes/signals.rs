//! What people tell a run.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tenantry_kernel::Kind;
use tenantry_model::RunId;
use tenantry_store::runs::{RunRow, run, signal};
use tenantry_workflows::kind;
use utoipa::ToSchema;
use uuid::Uuid;

use super::run::Run;
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::{Result, sentence},
    extract::{Body, Id},
    idempotency::Once,
    problem::{Code, FieldError, Problem},
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Something to tell a run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSignal {
    /// `cancel`, or a signal of the run's kind. An onboarding also knows `update`.
    #[schema(example = "update")]
    name: String,
    /// What the signal needs. For `update`: `{"field": "contractLine", "value": "plus"}`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    body: Value,
}

/// Tell a run something
///
/// The run decides at once: it is refused, or written with everything that follows.
#[utoipa::path(post, path = "/v1/runs/{id}/signals", tag = "Runs", operation_id = "signalRun",
    params(("id" = String, Path, description = "The run.")), request_body = NewSignal,
    responses(
        (status = 200, description = "The run, after it heard.", body = Run),
        (status = 409, description = "`signal_refused`: the run does not accept it now."),
        (status = 422, description = "`invalid_signal`: there is no such signal, or its body cannot be used."),
    ))]
pub(crate) async fn signal_run(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    body: Body<NewSignal>,
) -> Result<Answer> {
    let NewSignal { name, body: told } = body.value;
    let told = if name == "cancel" { signed(told, &caller.actor()) } else { told };
    let wish = Wish { name: &name, body: told, action: "run.signal" };
    retrying(|| tell(&state, &caller, id, &wish, &body.once)).await
}

/// Why a run is called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    /// Why, for whoever reads the history.
    #[serde(default)]
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

/// Call a run off
///
/// Removes what the run has made. An onboarding accepts it until the tenant is active.
#[utoipa::path(post, path = "/v1/runs/{id}/cancel", tag = "Runs", operation_id = "cancelRun",
    params(("id" = String, Path, description = "The run.")), request_body(content = Option<Cancel>),
    responses(
        (status = 200, description = "The run, after it heard.", body = Run),
        (status = 409, description = "`signal_refused`: the run does not accept it any more."),
    ))]
pub(crate) async fn cancel_run(
    May(caller, _): May<needs::RunsManage>,
    State(state): State<ApiState>,
    Id(id): Id<RunId>,
    body: Body<Cancel>,
) -> Result<Answer> {
    let reason = body.value.reason.unwrap_or_default();
    if reason.chars().count() > 1000 {
        let error = FieldError::at("/reason", "invalid_value", "The reason may have 1000 characters at most.");
        return Err(crate::extract::invalid_body(vec![error]).into());
    }
    let told = json!({ "reason": reason, "cancelledBy": caller.actor() });
    let wish = Wish { name: "cancel", body: told, action: "run.cancel" };
    retrying(|| tell(&state, &caller, id, &wish, &body.once)).await
}

/// A cancel says who it is from; somebody who acts for another names that one.
fn signed(body: Value, actor: &str) -> Value {
    match body {
        Value::Null => json!({ "cancelledBy": actor }),
        Value::Object(mut fields) => {
            fields.entry("cancelledBy").or_insert_with(|| json!(actor));
            Value::Object(fields)
        }
        other => other,
    }
}

/// What a run is told, and how the audit log calls it.
pub(super) struct Wish<'a> {
    /// The signal.
    pub(super) name: &'a str,
    /// What it needs.
    pub(super) body: Value,
    /// The action in the audit log.
    pub(super) action: &'a str,
}

/// Tells one run.
pub(super) async fn tell(state: &ApiState, caller: &Caller, id: RunId, wish: &Wish<'_>, once: &Once) -> Result<Answer> {
    let (scope, actor, timing) = (caller.scope(), caller.actor(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let before = run(&mut tx, id).await?;
    let event = event(kind_of(&before)?, wish)?;
    let hints = signal(&mut tx, &before, event, Uuid::now_v7().to_string(), timing).await?;
    let after = run(&mut tx, id).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, wish.action, &subject);
    (line.tenant, line.run) = (before.tenant, Some(id));
    line.before = Some(shown(&before));
    line.after = Some(with_wish(shown(&after), wish));
    let reply = reply(StatusCode::OK, None, &Run::from(after));
    once.keep(&mut tx, scope, &reply, now).await?;
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await?;
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// The workflow of a run, if this version knows it.
pub(crate) fn kind_of(run: &RunRow) -> Result<&'static dyn Kind, Problem> {
    let newer =
        || Problem::new(Code::NewerVersion, format!("This version knows no runs of kind {}.", run.kind)).after(30);
    kind(&run.kind).ok_or_else(newer)
}

fn event(kind: &dyn Kind, wish: &Wish<'_>) -> Result<Value, Problem> {
    kind.signal(wish.name, wish.body.clone()).map_err(|words| {
        let known = kind.signals().iter().any(|(name, _)| *name == wish.name);
        let (pointer, code) = if known { ("/body", "invalid_value") } else { ("/name", "unknown_signal") };
        let words = sentence(&words);
        Problem::new(Code::InvalidSignal, words.clone()).with(vec![FieldError::at(pointer, code, words)])
    })
}

/// What the audit log keeps of a run.
pub(crate) fn shown(run: &RunRow) -> Value {
    json!({ "status": run.status, "state": run.state, "seq": run.seq })
}

/// With the wish; of an update only which field, since its value may be an address and the log can never be changed.
fn with_wish(mut shown: Value, wish: &Wish<'_>) -> Value {
    shown["signal"] = json!(wish.name);
    for field in ["field", "reason", "cancelledBy"] {
        if let Some(text) = wish.body.get(field).and_then(Value::as_str) {
            shown[field] = json!(text);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(name: &str, body: Value) -> Value {
        let onboarding = kind("tenant_onboarding").unwrap();
        event(onboarding, &Wish { name, body, action: "" }).unwrap_err().body(None, None)
    }

    #[test]
    fn an_unknown_signal_and_an_unusable_body_are_told_apart() {
        let unknown = refused("explode", Value::Null);
        assert_eq!(unknown["errors"][0]["pointer"], "/name");
        assert!(unknown["detail"].as_str().unwrap().contains("cancel, update"), "{unknown}");
        let unusable = refused("update", json!({"field": "shoeSize", "value": "44"}));
        assert_eq!(unusable["errors"][0]["pointer"], "/body");
        assert_eq!(unusable["status"], 422);
    }

    #[test]
    fn a_cancel_is_signed_and_keeps_whom_it_is_for() {
        assert_eq!(signed(Value::Null, "ada"), json!({"cancelledBy": "ada"}));
        assert_eq!(signed(json!({"reason": "x"}), "ada"), json!({"reason": "x", "cancelledBy": "ada"}));
        assert_eq!(signed(json!({"cancelledBy": "bob"}), "ada"), json!({"cancelledBy": "bob"}));
    }

    #[test]
    fn the_log_never_keeps_the_value_of_an_update() {
        let body = json!({"field": "adminUser.email", "value": "a@b.example"});
        let kept = with_wish(json!({}), &Wish { name: "update", body, action: "" });
        assert_eq!(kept, json!({"signal": "update", "field": "adminUser.email"}));
    }
}
