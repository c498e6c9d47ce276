//! The zones over HTTP, for people and for the command line.

use super::error::Wrong;
use super::zones::Zones;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// How long a record may be remembered unless told otherwise, in seconds.
const TTL: u32 = 300;

pub(super) fn router(zones: Arc<Zones>) -> Router {
    Router::new()
        .route("/zones", get(list))
        .route("/zones/{zone}", put(add).delete(drop_zone).get(dump))
        .route("/zones/{zone}/file", put(load))
        .route("/zones/{zone}/records", get(records))
        .route("/records/{name}/{type}", get(show).put(set).post(add_values).delete(remove))
        .with_state(zones)
}

async fn list(State(zones): State<Arc<Zones>>) -> Response {
    Json(json!({ "data": zones.names(), "has_more": false })).into_response()
}

async fn add(State(zones): State<Arc<Zones>>, Path(zone): Path<String>) -> Result<StatusCode, Refused> {
    zones.add(&zone)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn drop_zone(State(zones): State<Arc<Zones>>, Path(zone): Path<String>) -> Result<StatusCode, Refused> {
    zones.drop_zone(&zone)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dump(State(zones): State<Arc<Zones>>, Path(zone): Path<String>) -> Response {
    match zones.dump(&zone) {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
        None => Refused(zones.unknown(&zone)).into_response(),
    }
}

async fn load(State(zones): State<Arc<Zones>>, Path(zone): Path<String>, text: String) -> Result<StatusCode, Refused> {
    zones.load(&zone, &text)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn records(State(zones): State<Arc<Zones>>, Path(zone): Path<String>) -> Response {
    match zones.sets(&zone) {
        Some(sets) => Json(json!({ "data": sets, "has_more": false })).into_response(),
        None => Refused(zones.unknown(&zone)).into_response(),
    }
}

async fn show(State(zones): State<Arc<Zones>>, Path((name, kind)): Path<(String, String)>) -> Response {
    match zones.get(&name, &kind) {
        Some(set) => Json(set).into_response(),
        None => none(),
    }
}

#[derive(Debug, Deserialize)]
struct Given {
    ttl: Option<u32>,
    values: Vec<String>,
}

async fn set(
    State(zones): State<Arc<Zones>>,
    Path((name, kind)): Path<(String, String)>,
    Json(given): Json<Given>,
) -> Result<StatusCode, Refused> {
    zones.set(&name, &kind, given.ttl.unwrap_or(TTL), given.values)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_values(
    State(zones): State<Arc<Zones>>,
    Path((name, kind)): Path<(String, String)>,
    Json(given): Json<Given>,
) -> Result<StatusCode, Refused> {
    zones.add_values(&name, &kind, given.ttl.unwrap_or(TTL), &given.values)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
struct One {
    value: Option<String>,
}

async fn remove(
    State(zones): State<Arc<Zones>>,
    Path((name, kind)): Path<(String, String)>,
    Query(one): Query<One>,
) -> Result<Response, Refused> {
    let there = match one.value {
        Some(value) => zones.remove_value(&name, &kind, &value)?,
        // Removing what is not there is fine; only a value that is not found may be a slip.
        None => zones.remove(&name, &kind).map(|_| true)?,
    };
    Ok(if there { StatusCode::NO_CONTENT.into_response() } else { none() })
}

fn none() -> Response {
    problem(StatusCode::NOT_FOUND, "There are no such records in the zones of this server.")
}

/// An edit that was refused.
struct Refused(Wrong);

impl From<Wrong> for Refused {
    fn from(wrong: Wrong) -> Refused {
        Refused(wrong)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.0 {
            Wrong::Zone { .. } => StatusCode::NOT_FOUND,
            Wrong::Cname(_) => StatusCode::CONFLICT,
            Wrong::Kept => StatusCode::INTERNAL_SERVER_ERROR,
            Wrong::Name(_) | Wrong::Kind(_) | Wrong::Value { .. } | Wrong::Soa(_) | Wrong::File { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
        };
        problem(status, &format!("{}.", self.0))
    }
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let problem = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], problem.to_string()).into_response()
}
