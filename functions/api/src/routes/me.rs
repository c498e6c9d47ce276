//! Who am I?

use axum::Json;
use serde::Serialize;
use tenantry_model::TenantId;
use utoipa::ToSchema;

use crate::auth::Caller;

/// Who the caller is, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// A person's subject, or an API key's id.
    subject: String,
    /// Their tenant; none for the platform's.
    #[schema(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// A person's roles.
    #[schema(value_type = Vec<String>, example = json!(["tenant_admin"]))]
    roles: Vec<tenantry_model::Role>,
    /// What they may do.
    #[schema(value_type = Vec<String>, example = json!(["tenants.read"]))]
    permissions: Vec<tenantry_model::Permission>,
}

/// Show who the caller is
#[utoipa::path(get, path = "/v1/me", tag = "Platform", operation_id = "getMe",
    responses((status = 200, description = "The caller.", body = Me)))]
pub(crate) async fn get_me(caller: Caller) -> Json<Me> {
    Json(Me {
        subject: caller.actor(),
        tenant: caller.principal.tenant(),
        roles: caller.principal.roles,
        permissions: caller.principal.permissions.into_iter().collect(),
    })
}
