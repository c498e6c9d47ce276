//! Many messages.

use axum::{extract::State, http::StatusCode};
use serde::Serialize;
use tenantry_store::{mail::accept, runs::Hint};
use utoipa::ToSchema;

use super::{
    files::{Budget, any_elsewhere},
    parse::{Parsed, read},
    prepare::{Facts, Gathered, Ready, Refusal, gather, prepare},
    send::{AcceptedMessage, answered},
    wanted::{Mode, WantedBatch},
};
use crate::{
    answer::{Answer, reply},
    auth::{Caller, May, needs},
    error::Result,
    extract::{Body, invalid_body},
    idempotency::Once,
    problem::{FieldError, Problem},
    state::ApiState,
    write::{commit, retrying},
};

/// Messages of one batch.
const MOST: usize = 100;
/// Whoever comes for one takes others along: one hint for so many messages is enough.
const PER_HINT: usize = 10;

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedBatch {
    /// What became of each message, in their order.
    data: Vec<BatchItem>,
}

/// What became of one message of a batch.
#[derive(Debug, Serialize, ToSchema)]
struct BatchItem {
    /// Its place in the batch, from 0.
    index: usize,
    /// The message, if it was accepted.
    #[serde(flatten)]
    #[schema(inline)]
    message: Option<AcceptedMessage>,
    /// Why it was not, otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<BatchError>,
}

/// Why a message of a batch was not accepted.
#[derive(Debug, Serialize, ToSchema)]
struct BatchError {
    /// In one word that programs decide by, as in a problem.
    code: String,
    /// For people.
    detail: String,
    /// What is wrong where, with pointers into this message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

type Each<T> = Vec<std::result::Result<T, Refusal>>;

/// Send up to 100 messages
///
/// `strict`: all are accepted or none, and every error says which message it is about (`/messages/3/to`). `permissive`: those that
/// can be accepted are, and the answer says what is wrong with the others.
#[utoipa::path(post, path = "/v1/messages/batch", tag = "Messages", operation_id = "sendMessages", request_body = WantedBatch,
    responses((status = 202, description = "What became of each message.", body = AcceptedBatch)))]
pub(crate) async fn send_batch(
    May(caller, _): May<needs::MessagesSend>,
    State(state): State<ApiState>,
    body: Body<WantedBatch>,
) -> Result<Answer> {
    let WantedBatch { mode, messages } = body.value;
    if !(1..=MOST).contains(&messages.len()) {
        let words = format!("A batch has 1 to {MOST} messages; here are {}.", messages.len());
        return Err(invalid_body(vec![FieldError::at("/messages", "invalid_value", words)]).into());
    }
    let now = state.db.clock().now();
    let parsed: Each<Parsed> = messages.into_iter().map(|one| read(one, now).map_err(Refusal::Fields)).collect();
    let parsed = passed(mode, parsed)?;
    if parsed.iter().flatten().any(|one| any_elsewhere(&one.files))
        && let Some(reply) = answered(&state, &caller, &body.once).await?
    {
        return Ok(Answer::again(reply));
    }
    let (mut budget, mut gathered) = (Budget::default(), Vec::with_capacity(parsed.len()));
    for one in parsed {
        gathered.push(match one {
            Ok(parsed) => gather(&state, &caller, &mut budget, parsed).await,
            Err(refusal) => Err(refusal),
        });
    }
    let gathered = passed(mode, gathered)?;
    retrying(|| take(&state, &caller, mode, &gathered, &body.once)).await
}

async fn take(state: &ApiState, caller: &Caller, mode: Mode, gathered: &Each<Gathered>, once: &Once) -> Result<Answer> {
    let (scope, timing) = (caller.scope(), state.db.timing());
    let now = timing.now;
    let mut tx = state.db.begin_as(scope).await?;
    if let Some(reply) = once.begin(&mut tx, scope).await? {
        return Ok(Answer::again(reply));
    }
    let facts = Facts::read(&mut tx, state, gathered.iter().flatten()).await?;
    let mut ready: Each<Ready> = Vec::with_capacity(gathered.len());
    for one in gathered {
        ready.push(match one {
            Ok(gathered) => prepare(&mut tx, state, &facts, gathered).await?,
            Err(refusal) => Err(refusal.clone()),
        });
    }
    let (mut new, mut data) = (Vec::new(), Vec::new());
    for (index, one) in passed(mode, ready)?.into_iter().enumerate() {
        data.push(match one {
            Ok(ready) => {
                let packed = ready.pack(state, caller, now)?;
                let message = Some(AcceptedMessage::of(&packed, now));
                new.push(packed);
                BatchItem { index, message, error: None }
            }
            Err(refusal) => BatchItem { index, message: None, error: Some(told(refusal)) },
        });
    }
    let hints = if new.is_empty() { Vec::new() } else { accept(&mut tx, &new, timing).await? };
    let reply = reply(StatusCode::ACCEPTED, None, &AcceptedBatch { data });
    once.keep(&mut tx, scope, &reply, now).await?;
    commit(tx).await?;
    let hints: Vec<Hint> = hints.into_iter().step_by(PER_HINT).collect();
    state.hints.send(hints).await;
    Ok(Answer::first(reply))
}

/// All of them; in strict mode only if nothing is wrong with any.
fn passed<T>(mode: Mode, each: Each<T>) -> std::result::Result<Each<T>, Problem> {
    if mode == Mode::Permissive || each.iter().all(std::result::Result::is_ok) {
        return Ok(each);
    }
    let mut wrong = Vec::new();
    for (index, one) in each.into_iter().enumerate() {
        let at = |pointer: &str| format!("/messages/{index}{pointer}");
        match one {
            Ok(_) => {}
            Err(Refusal::Fields(fields)) => {
                wrong.extend(fields.into_iter().map(|error| FieldError {
                    pointer: Some(at(error.pointer.as_deref().unwrap_or_default())),
                    ..error
                }))
            }
            Err(Refusal::Problem(problem)) => {
                wrong.push(FieldError::at(at("/tenantId"), problem.code().as_str(), problem.detail()));
            }
        }
    }
    Err(invalid_body(wrong))
}

fn told(refusal: Refusal) -> BatchError {
    let problem = refusal.into_problem();
    BatchError {
        code: problem.code().as_str().to_owned(),
        detail: problem.detail().to_owned(),
        errors: problem.errors().to_vec(),
    }
}
