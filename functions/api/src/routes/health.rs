//! Whether this API can do its work.

use axum::{Json, extract::State};
use serde::Serialize;
use tenantry_store::{Scope, runs::overdue_as};
use utoipa::ToSchema;

use crate::{error::Result, state::ApiState, write::commit};

/// All is well.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// `ok`: it answers, and its schema is at least the one this version needs.
    database: &'static str,
    /// By how many seconds the oldest due work is overdue. Small and falling is well; large and growing is not.
    overdue_seconds: u64,
}

/// Show whether the API can do its work
///
/// Needs no credentials.
#[utoipa::path(get, path = "/v1/health", tag = "Platform", operation_id = "getHealth",
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "`database_behind`."),
    ))]
pub(crate) async fn get_health(State(state): State<ApiState>) -> Result<Json<Health>> {
    state.db.check().await?;
    let mut tx = state.db.begin_as(Scope::Platform).await?;
    let overdue = overdue_as(&mut tx, state.db.clock().now()).await?;
    commit(tx).await?;
    Ok(Json(Health { status: "ok", database: "ok", overdue_seconds: overdue.as_secs() }))
}
