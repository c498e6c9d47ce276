//! The audit log.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use tenantry_store::{
    Scope,
    platform::{AuditFilter, AuditRow, ChainRow, audit, audit_chains, broken_audit},
};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use crate::{
    auth::{May, needs},
    error::Result,
    extract::Query,
    list::{ChainPlace, ForwardParams, List, Listing},
    state::ApiState,
    write::commit,
};

/// Who did what.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditLine {
    /// Its place in the chain, from 1, without gaps.
    seq: i64,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// On which tenant; none in the platform's own chain.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// Who: a person's subject, or an API key's id.
    actor: String,
    /// What.
    #[schema(example = "tenant.onboard")]
    action: String,
    /// To what: an id.
    subject: String,
    /// As it was.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// As it is.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// The request.
    request_id: Option<String>,
    /// The run.
    #[schema(value_type = Option<String>)]
    run_id: Option<RunId>,
    /// From where.
    source_ip: Option<String>,
    /// SHA-256 over the line before and this one, in hexadecimal digits.
    hash: String,
}

impl From<AuditRow> for AuditLine {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            tenant_id: row.tenant_id.map(TenantId),
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            before: row.before,
            after: row.after,
            request_id: row.request_id,
            run_id: row.run_id.map(RunId),
            source_ip: row.source_ip,
            hash: hex::encode(row.hash),
        }
    }
}

/// Which lines to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinesFilter {
    /// A tenant's chain, for operators; the platform's own where none is named.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
    /// With this action.
    action: Option<String>,
    /// By this actor.
    actor: Option<String>,
    /// About this subject.
    subject: Option<String>,
}

/// List the audit log, newest first
#[utoipa::path(get, path = "/v1/audit", tag = "Audit", operation_id = "listAudit", params(ForwardParams, LinesFilter),
    responses((status = 200, description = "Lines of one chain.", body = List<AuditLine>)))]
pub(crate) async fn list_audit(
    May(caller, _): May<needs::AuditRead>,
    State(state): State<ApiState>,
    listing: Listing<LinesFilter>,
) -> Result<Json<List<AuditLine>>> {
    let (filter, page) = listing.forward::<i64>()?;
    let chain = chain(caller.tenant_or_own(filter.tenant)?);
    let filter = AuditFilter {
        chain: chain.key(),
        action: filter.action,
        actor: filter.actor,
        subject: filter.subject,
        after: page.after,
        limit: page.rows(),
    };
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = audit(&mut tx, &filter).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| row.seq, AuditLine::from)))
}

/// A chain of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Chain {
    /// Whose; none: the platform's own. The tenant may be gone; its chain stays.
    #[schema(value_type = Option<String>)]
    tenant_id: Option<TenantId>,
    /// How many lines it has.
    lines: i64,
    /// When the last was written.
    #[serde(with = "time::serde::rfc3339")]
    last_at: OffsetDateTime,
}

/// Chains are not filtered.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilter {}

/// List the chains of the audit log
///
/// Operators see all of them, a tenant its own.
#[utoipa::path(get, path = "/v1/audit/chains", tag = "Audit", operation_id = "listAuditChains", params(ForwardParams),
    responses((status = 200, description = "Chains, in no order that means anything.", body = List<Chain>)))]
pub(crate) async fn list_chains(
    May(caller, _): May<needs::AuditRead>,
    State(state): State<ApiState>,
    listing: Listing<NoFilter>,
) -> Result<Json<List<Chain>>> {
    let (NoFilter {}, page) = listing.forward::<ChainPlace>()?;
    let after = page.after.as_ref().map(|place| place.0.as_str());
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = audit_chains(&mut tx, caller.scope(), after, page.rows()).await?;
    commit(tx).await?;
    Ok(Json(page.list(rows, |row| ChainPlace(row.chain.clone()), Chain::from)))
}

impl From<ChainRow> for Chain {
    fn from(row: ChainRow) -> Self {
        let tenant_id = row.chain.parse().ok().map(TenantId);
        Self { tenant_id, lines: row.lines, last_at: row.last_at }
    }
}

/// Which chain to verify.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChainFilter {
    /// A tenant's chain, for operators; the platform's own where none is named.
    #[param(value_type = Option<String>)]
    tenant: Option<TenantId>,
}

/// Whether a chain is as it was written.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verification {
    /// Every line is there, and as it was written.
    intact: bool,
    /// The first line that is not, or whose predecessor is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_broken: Option<i64>,
}

/// Verify a chain of the audit log
#[utoipa::path(get, path = "/v1/audit/verification", tag = "Audit", operation_id = "verifyAudit", params(ChainFilter),
    responses((status = 200, description = "Whether the chain is as it was written.", body = Verification)))]
pub(crate) async fn verify_audit(
    May(caller, _): May<needs::AuditRead>,
    State(state): State<ApiState>,
    Query(filter): Query<ChainFilter>,
) -> Result<Json<Verification>> {
    let chain = chain(caller.tenant_or_own(filter.tenant)?);
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let first_broken = broken_audit(&mut tx, chain).await?;
    commit(tx).await?;
    Ok(Json(Verification { intact: first_broken.is_none(), first_broken }))
}

/// A tenant's chain, or the platform's.
pub(super) fn chain(tenant: Option<TenantId>) -> Scope {
    tenant.map_or(Scope::Platform, Scope::Tenant)
}
