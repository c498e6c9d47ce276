//! API keys: revoke.

use axum::{extract::State, http::StatusCode};
use serde_json::json;
use tenantry_model::ApiKeyId;
use tenantry_store::platform::{api_key, revoke_api_key};

use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::Id,
    state::ApiState,
    write::{audit, commit, retrying},
};

/// Revoke an API key, at once
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "API keys", operation_id = "revokeApiKey",
    params(("id" = String, Path, description = "The key.")),
    responses((status = 204, description = "The key does not work any more.")))]
pub(crate) async fn revoke_key(
    May(caller, _): May<needs::KeysManage>,
    State(state): State<ApiState>,
    Id(id): Id<ApiKeyId>,
) -> Result<StatusCode> {
    retrying(|| revoke(&state, &caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(state: &ApiState, caller: &Caller, id: ApiKeyId) -> Result<()> {
    let (actor, now) = (caller.actor(), state.db.clock().now());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let key = api_key(&mut tx, id).await?;
    if key.revoked_at.is_some() {
        return Ok(());
    }
    revoke_api_key(&mut tx, id, now).await?;
    let subject = id.to_string();
    let mut line = caller.did(&actor, "api_key.revoke", &subject);
    line.tenant = key.tenant;
    line.before = Some(json!({ "name": key.name, "permissions": key.permissions }));
    audit(&mut tx, caller, line, now).await?;
    commit(tx).await
}
