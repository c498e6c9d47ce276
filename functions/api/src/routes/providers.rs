//! What carries mail, and how it is.

use axum::{
    Json,
    extract::{Path, State},
};
use serde::Serialize;
use tenantry_outbox::health;
use tenantry_provider::{
    Provider,
    breaker::{Admission, Breaker},
};
use tenantry_store::mail::{EVENTS_TAKE, SILENT_AFTER, providers, sent_between};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    auth::{May, needs},
    error::{Result, not_found},
    state::ApiState,
    write::commit,
};

/// A provider.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MailProvider {
    /// Its name.
    name: String,
    /// Whether it is asked first, or stands in.
    role: ProviderRole,
    /// How it is.
    health: ProviderHealth,
    /// Faults in a row.
    failures: u32,
    /// Until when it is not asked.
    #[serde(with = "time::serde::rfc3339::option")]
    blocked_until: Option<OffsetDateTime>,
    /// What it last met.
    last_error: Option<ProviderError>,
    /// It tells what becomes of mail, and is configured to.
    tells_events: bool,
    /// When it last did.
    #[serde(with = "time::serde::rfc3339::option")]
    last_event_at: Option<OffsetDateTime>,
    /// It should have told something of the last messages, and has not: look at its webhook.
    silent: bool,
    /// A message sent twice under the same id is delivered once.
    idempotent: bool,
    /// Recipients of one message, at most.
    most_recipients: usize,
    /// Bytes of one message, at most.
    most_bytes: usize,
    /// Messages handed over at once, at most.
    batch: usize,
}

/// A provider's place in the order.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProviderRole {
    /// Asked first.
    Primary,
    /// Stands in for the first.
    Fallback,
}

/// How a provider is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProviderHealth {
    /// As it should be.
    Healthy,
    /// It wants to be left alone for a while.
    Busy,
    /// It is not asked for a while.
    Down,
    /// It is being tried again.
    OnTrial,
}

/// What a provider last met.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderError {
    /// Its class.
    class: String,
    /// What was seen.
    message: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

/// Every provider.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailProviders {
    /// In the order in which they are asked.
    data: Vec<MailProvider>,
}

/// List what carries mail, and how it is
#[utoipa::path(get, path = "/v1/mail/providers", tag = "Mail", operation_id = "listMailProviders",
    responses((status = 200, description = "The providers, in their order.", body = MailProviders)))]
pub(crate) async fn list_providers(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
) -> Result<Json<MailProviders>> {
    caller.require_platform()?;
    let now = state.db.clock().now();
    let mut tx = state.db.begin_as(caller.scope()).await?;
    let rows = providers(&mut tx).await?;
    let mut data = Vec::new();
    for account in &state.mail.accounts.0 {
        let name = account.provider.name();
        let (known, can) = (health(&rows, name), account.provider.capabilities());
        let last_event_at = rows.iter().find(|row| row.name == name).and_then(|row| row.last_event_at);
        let tells_events = match name {
            "resend" => state.events.resend.is_some(),
            "ses" => state.events.ses.is_some(),
            _ => false,
        };
        let silent = tells_events
            && sent_between(&mut tx, name, last_event_at, now - EVENTS_TAKE, SILENT_AFTER).await? >= SILENT_AFTER;
        let until = match known.admits(now) {
            Admission::NotBefore(until) => Some(until),
            Admission::Open | Admission::Trial => None,
        };
        data.push(MailProvider {
            name: name.to_owned(),
            role: if account.fallback { ProviderRole::Fallback } else { ProviderRole::Primary },
            health: match (known.breaker, until) {
                (Breaker::Closed, None) => ProviderHealth::Healthy,
                (Breaker::Closed, Some(_)) => ProviderHealth::Busy,
                (Breaker::Open { .. }, Some(_)) => ProviderHealth::Down,
                (Breaker::HalfOpen { .. } | Breaker::Open { .. }, _) => ProviderHealth::OnTrial,
            },
            failures: known.failures,
            blocked_until: until,
            last_error: known.last_fault.map(|fault| ProviderError {
                class: fault.class.to_string(),
                message: fault.message,
                at: fault.at,
            }),
            tells_events,
            last_event_at,
            silent,
            idempotent: can.idempotent,
            most_recipients: can.recipients,
            most_bytes: can.bytes,
            batch: can.batch,
        });
    }
    commit(tx).await?;
    Ok(Json(MailProviders { data }))
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProviderCheck {
    /// It can be reached, and takes our credentials.
    valid: bool,
    /// What was seen, where it does not.
    problem: Option<CheckProblem>,
}

/// Why a provider cannot be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckProblem {
    /// The class of the fault.
    class: String,
    /// What was seen.
    message: String,
}

/// Check a provider's configuration
///
/// Connects to it and signs in, and sends nothing.
#[utoipa::path(post, path = "/v1/mail/providers/{name}/validate", tag = "Mail", operation_id = "validateMailProvider",
    params(("name" = String, Path, description = "The provider.")),
    responses((status = 200, description = "What was found.", body = ProviderCheck)))]
pub(crate) async fn validate_provider(
    May(caller, _): May<needs::TenantsManage>,
    State(state): State<ApiState>,
    Path(name): Path<String>,
) -> Result<Json<ProviderCheck>> {
    caller.require_platform()?;
    let provider: &dyn Provider = state.mail.accounts.named(&name).ok_or_else(|| not_found("provider"))?.as_ref();
    let problem = provider.check().await.err();
    let problem = problem.map(|fault| CheckProblem { class: fault.class.to_string(), message: fault.message });
    Ok(Json(ProviderCheck { valid: problem.is_none(), problem }))
}
