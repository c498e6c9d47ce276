//! Who am I?

use axum::{Json, extract::State};
use serde::Serialize;
use tenantry_model::TenantId;
use tenantry_store::tenancy::standing;
use utoipa::ToSchema;

use super::tenants::TenantStatus;
use crate::{auth::Caller, error::Result, state::ApiState};

/// Who the caller is, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Me {
    /// A person's subject, or an API key's id.
    subject: String,
    /// Their tenant; none for the platform's.
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// How their tenant stands; while it is suspended or leaves, they are let in nowhere else. None for the platform's.
    #[schema(value_type = Option<TenantStatus>)]
    tenant_status: Option<String>,
    /// A person's roles.
    #[schema(value_type = Vec<String>, example = json!(["tenant_admin"]))]
    roles: Vec<tenantry_model::Role>,
    /// What they may do.
    #[schema(value_type = Vec<String>, example = json!(["tenants.read"]))]
    permissions: Vec<tenantry_model::Permission>,
}

/// Show who the caller is
///
/// Answers also while the caller's tenant is suspended or leaving, and nobody of it is let in elsewhere.
#[utoipa::path(get, path = "/v1/me", tag = "Platform", operation_id = "getMe",
    responses((status = 200, description = "The caller.", body = Me)))]
pub(crate) async fn get_me(State(state): State<ApiState>, caller: Caller) -> Result<Json<Me>> {
    let tenant_status = match caller.principal.tenant() {
        Some(tenant) => standing(&state.db, tenant).await?,
        None => None,
    };
    Ok(Json(Me {
        subject: caller.actor(),
        tenant: caller.principal.tenant(),
        tenant_status,
        roles: caller.principal.roles,
        permissions: caller.principal.permissions.into_iter().collect(),
    }))
}
