//! A part of an export, as it is.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use tenantry_model::{RunId, TenantId};
use tenantry_store::export::{part, part_context};

use crate::{
    auth::{May, needs},
    error::{Result, chain, not_found},
    problem::{Code, FieldError, Problem},
    state::ApiState,
    write::{audit, commit},
};

/// Read a part of an export
///
/// Gzip, 1 MiB at most. That somebody reads an export is noted in the audit log, with its first part.
#[utoipa::path(get, path = "/v1/tenants/{id}/exports/{export}/parts/{n}", tag = "Tenants", operation_id = "getExportPart",
    params(
        ("id" = String, Path, description = "The tenant."),
        ("export" = String, Path, description = "The export."),
        ("n" = u32, Path, description = "The part's number, counted from 1."),
    ),
    responses((status = 200, description = "The part.", body = Vec<u8>, content_type = "application/gzip")))]
pub(crate) async fn get_export_part(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Path((tenant, export, n)): Path<(String, String, String)>,
) -> Result<Response> {
    caller.require_platform()?;
    let (Ok(tenant), Ok(id), Ok(n)) = (tenant.parse::<TenantId>(), export.parse::<RunId>(), n.parse::<u32>()) else {
        let words = "The tenant, the export or the number of the part cannot be read.";
        let field = FieldError::parameter("n", "invalid_value", words);
        return Err(Problem::new(Code::InvalidParameter, words).with(vec![field]).into());
    };
    if n == 0 {
        return Err(not_found("part of an export").into());
    }
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let sealed = part(&mut tx, tenant, id, n).await?;
    let bytes = state.sealer.open_bytes(&sealed, &part_context(id, n)).map_err(|error| {
        tracing::error!(export = %id, n, error = chain(&error), "a part of an export cannot be opened");
        Problem::new(Code::InternalError, "The part cannot be opened here; it is not lost.")
    })?;
    if n == 1 {
        let (actor, subject) = (caller.actor(), id.to_string());
        let mut line = caller.did(&actor, "tenant.export_read", &subject);
        (line.tenant, line.run) = (Some(tenant), Some(id));
        audit(&mut tx, &caller, line, state.db.clock().now()).await?;
    }
    commit(tx).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/gzip")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}
