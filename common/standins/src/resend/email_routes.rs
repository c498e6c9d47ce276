//! `/emails`.

use super::account::Account;
use super::answer::Answer;
use super::call::Call;
use super::error::Refusal;
use super::idempotency::{Claim, fingerprint};
use super::mail::{AcceptedMail, Entry};
use super::misbehave::{Route, Strikes};
use super::page::{Paging, page};
use super::request::{self, Asked, Wanted};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Mails of one batch.
const MAX_BATCH: usize = 100;

pub(super) fn router() -> Router<Arc<Account>> {
    Router::new()
        .route("/emails", post(send).get(list))
        .route("/emails/batch", post(send_batch))
        .route("/emails/{id}", get(show).patch(reschedule))
        .route("/emails/{id}/cancel", post(cancel))
}

async fn send(call: Call, body: Bytes) -> Response {
    let asked = request::read(&body);
    let recipients = asked.as_ref().map(Asked::recipients).unwrap_or_default();
    let strikes = match call.begin(Route::Send, &recipients).await {
        Ok(strikes) => strikes,
        Err(answer) => return answer,
    };
    let wanted = asked.and_then(Asked::check).map(|wanted| vec![wanted]);
    let answer = submit(&call, wanted, false, &body, &strikes).await;
    call.end(&strikes, answer).await
}

async fn send_batch(call: Call, body: Bytes) -> Response {
    let asked = request::read_batch(&body);
    let recipients: Vec<String> = asked.iter().flatten().flat_map(Asked::recipients).collect();
    let strikes = match call.begin(Route::SendBatch, &recipients).await {
        Ok(strikes) => strikes,
        Err(answer) => return answer,
    };
    let wanted = asked.and_then(batch);
    let answer = submit(&call, wanted, true, &body, &strikes).await;
    call.end(&strikes, answer).await
}

fn batch(asked: Vec<Asked>) -> Result<Vec<Wanted>, Refusal> {
    if asked.is_empty() || asked.len() > MAX_BATCH {
        return Err(Refusal::invalid(format!("A batch holds 1 to {MAX_BATCH} emails.")));
    }
    asked.into_iter().map(Asked::check_in_batch).collect()
}

/// Accepts all mails of a request, or none.
async fn submit(
    call: &Call,
    wanted: Result<Vec<Wanted>, Refusal>,
    batch: bool,
    body: &[u8],
    strikes: &Strikes,
) -> Result<Answer, Refusal> {
    let (account, wanted) = (&call.account, wanted?);
    let key = match call.headers.get("idempotency-key").map(|key| key.to_str()) {
        None => None,
        Some(Ok(key)) => Some(key),
        Some(Err(_)) => return Err(Refusal::new(400, "invalid_idempotency_key", "The key is not plain text.")),
    };
    let claimed = match account.keys.claim(key, fingerprint(if batch { "batch" } else { "one" }, body))? {
        Claim::Replay(answer) => return Ok(answer),
        Claim::First(claimed) => claimed,
    };
    wanted.iter().try_for_each(|wanted| may_send(account, &wanted.from_domain))?;
    call.pause(strikes).await;
    let keep = account.keep_bodies;
    let mails: Vec<AcceptedMail> =
        wanted.into_iter().map(|wanted| AcceptedMail::new(wanted, key, batch, keep)).collect();
    let ids: Vec<Value> = mails.iter().map(|mail| json!({ "id": mail.id })).collect();
    let answer = match (batch, ids.as_slice()) {
        (false, [one]) => Answer::ok(one),
        _ => Answer::ok(&json!({ "data": ids })),
    };
    account.accept(mails, strikes);
    claimed.done(&answer);
    Ok(answer)
}

fn may_send(account: &Account, domain: &str) -> Result<(), Refusal> {
    if account.domains.may_send(domain) {
        return Ok(());
    }
    let message = format!("The {domain} domain is not verified. Please, add and verify your domain.");
    Err(Refusal::new(403, "validation_error", message))
}

async fn list(call: Call, Query(paging): Query<Paging>) -> Response {
    let act = |call: &Call| {
        let newest_first: Vec<Entry> = call.account.mails.entries().into_iter().rev().collect();
        let (entries, has_more) = page(newest_first, |entry| &entry.mail.id, &paging)?;
        let data: Vec<Value> = entries.iter().map(|entry| entry.shown(false)).collect();
        Ok(Answer::ok(&json!({ "object": "list", "has_more": has_more, "data": data })))
    };
    call.run(Route::ListEmails, act).await
}

async fn show(call: Call, Path(id): Path<String>) -> Response {
    call.run(Route::GetEmail, |call| call.account.mails.entry(&id).map(|entry| Answer::ok(&entry.shown(true)))).await
}

async fn cancel(call: Call, Path(id): Path<String>) -> Response {
    let act = |call: &Call| {
        call.account.mails.unschedule(&id, "canceled")?;
        call.account.mails.entry(&id).map(|entry| Answer::ok(&entry.shown(true)))
    };
    call.run(Route::CancelEmail, act).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Later {
    scheduled_at: Option<String>,
}

async fn reschedule(call: Call, Path(id): Path<String>, body: Bytes) -> Response {
    let act = |call: &Call| {
        let asked: Later = serde_json::from_slice(&body).map_err(|error| request::unreadable(&error))?;
        let at = request::scheduled_at(&asked.scheduled_at.ok_or_else(|| Refusal::missing("scheduled_at"))?)?;
        call.account.mails.reschedule(&id, at)?;
        let entry = call.account.mails.entry(&id)?;
        call.account.send_when_due(entry.mail, Strikes::default());
        Ok(Answer::ok(&json!({ "object": "email", "id": id, "scheduled_at": super::clock::stored(at) })))
    };
    call.run(Route::UpdateEmail, act).await
}
