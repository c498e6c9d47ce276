//! How a tenant's mail looks: show.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenantry_model::TenantId;
use tenantry_store::{
    Scope,
    mail::{SettingsRow, settings},
};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    auth::{Caller, May, needs},
    error::Result,
    extract::Id,
    state::ApiState,
    version::with_etag,
    write::commit,
};

/// How a tenant's mail looks, and how much of it may leave.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailSettings {
    /// The tenant.
    #[schema(value_type = String)]
    tenant_id: TenantId,
    /// Which domain its mail comes from.
    #[schema(value_type = SettingsTier)]
    tier: String,
    /// The address it comes from at the tenant's place in the platform's domain; none: `noreply@` there.
    default_from: Option<String>,
    /// The name beside it; none: the tenant's name.
    from_name: Option<String>,
    /// Where answers go.
    reply_to: Option<String>,
    /// The domain the tenant has brought.
    custom_domain: Option<String>,
    /// The address there; none: `noreply@` it.
    custom_from: Option<String>,
    /// Whether that domain was found to be the tenant's own. Until then it is not used.
    domain_verified: bool,
    /// Whether its mail is signed there.
    dkim_enabled: bool,
    /// Category to `platform` or `custom`, for the tier `hybrid`. What is not named takes `platform`.
    #[schema(value_type = Object)]
    routing: Value,
    /// Headers of all its mail.
    #[schema(value_type = Object)]
    headers: Value,
    /// Tags of all its mail.
    #[schema(value_type = Object)]
    tags: Value,
    /// How much may leave.
    limits: SendingLimits,
    /// Why nothing leaves; none: it does.
    paused: Option<String>,
    /// Who carries the custom domain. Only operators see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    domain_provider: Option<String>,
    /// Counts the changes; in the ETag.
    version: i32,
    /// When they were last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// By whom; none: as they began.
    updated_by: Option<String>,
}

/// How much of a tenant's mail may leave.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendingLimits {
    /// Messages in any minute; none: no limit.
    per_minute: Option<u32>,
    /// Messages on any day (UTC); none: no limit.
    per_day: Option<u32>,
    /// The limits are this tenant's own, and not the usual ones.
    own: bool,
}

/// Which domain a tenant's mail comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SettingsTier {
    /// The tenant's place in the platform's domain.
    Platform,
    /// The tenant's own verified domain.
    Custom,
    /// By category, see `routing`.
    Hybrid,
}

/// The settings as a caller may see them.
pub(crate) fn shown(state: &ApiState, caller: &Caller, row: SettingsRow) -> EmailSettings {
    let usual = state.mail.lanes;
    let own = |limit: Option<i32>| limit.map(i32::unsigned_abs);
    EmailSettings {
        tenant_id: row.tenant,
        tier: row.tier,
        default_from: row.default_from,
        from_name: row.from_name,
        reply_to: row.reply_to,
        custom_domain: row.custom_domain,
        custom_from: row.custom_from,
        domain_verified: row.domain_verified,
        dkim_enabled: row.dkim_enabled,
        routing: row.routing,
        headers: row.headers,
        tags: row.tags,
        limits: SendingLimits {
            per_minute: own(row.per_minute).or(usual.per_minute),
            per_day: own(row.per_day).or(usual.per_day),
            own: row.per_minute.is_some() || row.per_day.is_some(),
        },
        paused: row.paused,
        domain_provider: row.domain_provider.filter(|_| caller.scope() == Scope::Platform),
        version: row.version,
        updated_at: row.updated_at,
        updated_by: row.updated_by,
    }
}

/// The settings with their ETag.
pub(crate) fn tagged(settings: EmailSettings) -> Response {
    let version = settings.version;
    with_etag(settings, version)
}

/// Show how a tenant's mail looks
#[utoipa::path(get, path = "/v1/tenants/{id}/email-settings", tag = "Mail", operation_id = "getEmailSettings",
    params(("id" = String, Path, description = "The tenant.")),
    responses((status = 200, description = "The settings.", body = EmailSettings,
        headers(("ETag" = String, description = "The version, to be sent as `If-Match` with a change.")))))]
pub(crate) async fn get_email_settings(
    May(caller, _): May<needs::TenantsRead>,
    State(state): State<ApiState>,
    Id(id): Id<TenantId>,
) -> Result<Response> {
    caller.tenant_or_own(Some(id))?;
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let row = settings(&mut tx, id).await?;
    commit(tx).await?;
    Ok(tagged(shown(&state, &caller, row)))
}
