//! The mailbox over HTTP, for people and for the command line.

use super::mailbox::Mailbox;
use super::message::Message;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use time::format_description::well_known::Rfc3339;

/// Messages listed unless told otherwise, and at most.
const LIMIT: usize = 100;

#[derive(Debug, Deserialize)]
struct Filter {
    to: Option<String>,
    limit: Option<usize>,
}

/// `GET /mail` (newest first; `?to=` part of a recipient, `?limit=` up to 100), `DELETE /mail`, `GET /mail/{id}`,
/// `GET /mail/{id}/raw`, `GET /mail/{id}/html`.
pub(super) fn router(mailbox: Mailbox) -> Router {
    Router::new()
        .route("/mail", get(list).delete(clear))
        .route("/mail/{id}", get(show))
        .route("/mail/{id}/raw", get(raw))
        .route("/mail/{id}/html", get(html))
        .with_state(mailbox)
}

async fn list(State(mailbox): State<Mailbox>, Query(filter): Query<Filter>) -> Json<Value> {
    let wanted = filter.to.unwrap_or_default().to_lowercase();
    let limit = filter.limit.unwrap_or(LIMIT).clamp(1, LIMIT);
    let messages = mailbox.messages();
    let fits = |message: &&Arc<Message>| message.to.iter().any(|to| to.to_lowercase().contains(&wanted));
    let mut found = messages.iter().rev().filter(fits);
    let data: Vec<Value> = found.by_ref().take(limit).map(|message| summary(message)).collect();
    Json(json!({ "data": data, "has_more": found.next().is_some() }))
}

async fn clear(State(mailbox): State<Mailbox>) -> StatusCode {
    mailbox.clear();
    StatusCode::NO_CONTENT
}

async fn show(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    let Some(message) = mailbox.message(&id) else { return missing() };
    let mut shown = summary(&message);
    shown["headers"] = message.headers().iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    shown["text"] = json!(message.text());
    shown["html"] = json!(message.html());
    Json(shown).into_response()
}

async fn raw(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    let Some(message) = mailbox.message(&id) else { return missing() };
    // As text, so that a browser shows it; a mail client would take `message/rfc822`.
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], message.raw.clone()).into_response()
}

async fn html(State(mailbox): State<Mailbox>, Path(id): Path<String>) -> Response {
    let message = mailbox.message(&id);
    let Some(html) = message.as_ref().and_then(|message| message.html()) else { return missing() };
    // A mail's HTML is not ours: no script of it runs, and nothing of it acts as this origin.
    let policy = "sandbox; default-src 'none'; img-src data: https:; style-src 'unsafe-inline'";
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, html.to_owned()).into_response()
}

fn summary(message: &Message) -> Value {
    json!({
        "id": message.id,
        "from": message.from,
        "to": message.to,
        "subject": message.subject(),
        "message_id": message.message_id(),
        "carrier": message.header("X-Carried-By").unwrap_or("smtp"),
        "received_at": message.received_at.format(&Rfc3339).unwrap_or_default(),
        "size": message.raw.len(),
    })
}

fn missing() -> Response {
    let problem = json!({
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such message in the mailbox, or it has no such part.",
    });
    let headers = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::NOT_FOUND, headers, problem.to_string()).into_response()
}
