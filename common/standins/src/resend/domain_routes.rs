//! `/domains`.

use super::account::Account;
use super::answer::Answer;
use super::call::Call;
use super::domain::Domain;
use super::misbehave::Route;
use super::page::{Paging, page};
use super::request::unreadable;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn router() -> Router<Arc<Account>> {
    Router::new()
        .route("/domains", post(create).get(list))
        .route("/domains/{id}", get(show).patch(update).delete(delete))
        .route("/domains/{id}/verify", post(verify))
}

async fn create(call: Call, body: Bytes) -> Response {
    let act = |call: &Call| {
        let asked = serde_json::from_slice(&body).map_err(|error| unreadable(&error))?;
        let domain = call.account.domains.create(asked)?;
        call.account.tell("domain.created", &domain);
        Ok(Answer::json(StatusCode::CREATED, &domain.shown(true)))
    };
    call.run(Route::CreateDomain, act).await
}

async fn list(call: Call, Query(paging): Query<Paging>) -> Response {
    let act = |call: &Call| {
        let newest_first: Vec<Domain> = call.account.domains.all().into_iter().rev().collect();
        let (domains, has_more) = page(newest_first, |domain| &domain.id, &paging)?;
        let data: Vec<Value> = domains.iter().map(|domain| domain.shown(false)).collect();
        Ok(Answer::ok(&json!({ "object": "list", "has_more": has_more, "data": data })))
    };
    call.run(Route::ListDomains, act).await
}

async fn show(call: Call, Path(id): Path<String>) -> Response {
    let act = |call: &Call| {
        let mut shown = call.account.domains.get(&id)?.shown(true);
        // Alone among the answers that show a domain this one says what it is.
        shown["object"] = json!("domain");
        Ok(Answer::ok(&shown))
    };
    call.run(Route::GetDomain, act).await
}

async fn update(call: Call, Path(id): Path<String>, body: Bytes) -> Response {
    let act = |call: &Call| {
        let settings = serde_json::from_slice(&body).map_err(|error| unreadable(&error))?;
        let domain = call.account.domains.update(&id, settings)?;
        call.account.tell("domain.updated", &domain);
        Ok(Answer::ok(&json!({ "object": "domain", "id": domain.id })))
    };
    call.run(Route::UpdateDomain, act).await
}

async fn delete(call: Call, Path(id): Path<String>) -> Response {
    let act = |call: &Call| {
        let domain = call.account.domains.delete(&id)?;
        call.account.tell("domain.deleted", &domain);
        Ok(Answer::ok(&json!({ "object": "domain", "id": domain.id, "deleted": true })))
    };
    call.run(Route::DeleteDomain, act).await
}

/// Resets the statuses and looks for the records later, as the real one does, verified or not.
async fn verify(call: Call, Path(id): Path<String>) -> Response {
    let strikes = match call.begin(Route::VerifyDomain, &[]).await {
        Ok(strikes) => strikes,
        Err(answer) => return answer,
    };
    call.pause(&strikes).await;
    let answer = call.account.domains.begin(&id).map(|domain| {
        call.account.tell("domain.updated", &domain);
        let answer = Answer::ok(&json!({ "object": "domain", "id": domain.id }));
        call.account.verify(domain, strikes.hold_verification);
        answer
    });
    call.end(&strikes, answer).await
}
