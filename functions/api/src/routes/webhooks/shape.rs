//! Endpoints and deliveries as callers read them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tenantry_model::{WebhookDeliveryId, WebhookEndpointId, WebhookEventId};
use tenantry_store::webhooks::{AttemptRow, DeliveryRow, EndpointRow};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Whether an endpoint is told of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndpointStatus {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

/// Whether an endpoint takes what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndpointHealth {
    /// It was told nothing so far.
    New,
    /// It took what it was told last.
    Healthy,
    /// It has not taken what it was told last.
    Failing,
    /// It is told nothing.
    Disabled,
}

/// A webhook endpoint, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookEndpoint {
    /// Its id.
    #[schema(value_type = String, example = "whe_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    id: WebhookEndpointId,
    /// Where events are sent.
    url: String,
    /// The types it is told of; `*`: all.
    #[schema(example = json!(["*"]))]
    events: Vec<String>,
    /// What it is for.
    description: String,
    /// Whether it is told of events.
    status: EndpointStatus,
    /// Why it is switched off.
    disabled_reason: Option<String>,
    /// Whether it takes them.
    health: EndpointHealth,
    /// Since when it has taken nothing. Its tenant is warned after 3 days, and it is switched off after 5.
    #[serde(with = "time::serde::rfc3339::option")]
    failing_since: Option<OffsetDateTime>,
    /// When it took an event last.
    #[serde(with = "time::serde::rfc3339::option")]
    last_success_at: Option<OffsetDateTime>,
    /// When it did not take one last.
    #[serde(with = "time::serde::rfc3339::option")]
    last_failure_at: Option<OffsetDateTime>,
    /// Until when deliveries are signed with the secret before this one, too.
    #[serde(with = "time::serde::rfc3339::option")]
    previous_secret_until: Option<OffsetDateTime>,
    /// Who has added it.
    created_by: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

impl WebhookEndpoint {
    /// As it is at this moment.
    pub(crate) fn of(row: EndpointRow, now: OffsetDateTime) -> Self {
        let status = if row.status == "enabled" { EndpointStatus::Enabled } else { EndpointStatus::Disabled };
        let health = match (status, row.failing_since, row.last_success_at) {
            (EndpointStatus::Disabled, ..) => EndpointHealth::Disabled,
            (_, Some(_), _) => EndpointHealth::Failing,
            (_, None, Some(_)) => EndpointHealth::Healthy,
            (_, None, None) => EndpointHealth::New,
        };
        Self {
            id: WebhookEndpointId(row.id),
            url: row.url,
            events: row.events,
            description: row.description,
            status,
            disabled_reason: row.disabled_reason,
            health,
            failing_since: row.failing_since,
            last_success_at: row.last_success_at,
            last_failure_at: row.last_failure_at,
            previous_secret_until: row.previous_until.filter(|until| *until > now),
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An endpoint whose secret was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookEndpointWithSecret {
    #[serde(flatten)]
    pub(crate) endpoint: WebhookEndpoint,
    /// The secret, `whsec_...`. It will not be shown again, not even to a repeated request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeliveryStatus {
    /// It is tried, or will be.
    Pending,
    /// The endpoint has taken it.
    Delivered,
    /// It has not, in ten tries.
    Failed,
    /// It was not wanted any more.
    Dropped,
}

impl DeliveryStatus {
    fn of(state: &str) -> Self {
        match state {
            "delivered" => Self::Delivered,
            "failed" => Self::Failed,
            "dropped" => Self::Dropped,
            _ => Self::Pending,
        }
    }

    /// The states of a life that mean it.
    pub(crate) fn states(self) -> Vec<String> {
        let states: &[&str] = match self {
            Self::Pending => &["sending", "waiting"],
            Self::Delivered => &["delivered"],
            Self::Failed => &["failed"],
            Self::Dropped => &["dropped"],
        };
        states.iter().map(|state| (*state).to_owned()).collect()
    }
}

/// A delivery of an event to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookDelivery {
    /// Its id. Its run has the same digits behind `run_`.
    #[schema(value_type = String, example = "whd_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    pub(crate) id: WebhookDeliveryId,
    /// Where to.
    #[schema(value_type = String)]
    endpoint_id: WebhookEndpointId,
    /// Which event: the `webhook-id` of every try, the same in every delivery of the event.
    #[schema(value_type = String, example = "evt_018f2f5e7c4a7b3c9d1e2f3a4b5c6d7e")]
    event_id: WebhookEventId,
    /// Its type.
    #[serde(rename = "type")]
    what: String,
    /// How it stands.
    status: DeliveryStatus,
    /// Why it was dropped, or is put off.
    reason: Option<String>,
    /// Tries so far.
    attempts: i64,
    /// When the next one is.
    #[serde(with = "time::serde::rfc3339::option")]
    next_attempt_at: Option<OffsetDateTime>,
    /// A person wanted it; that it fails says nothing about the endpoint's health.
    replay: bool,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: WebhookDeliveryId(row.id),
            endpoint_id: WebhookEndpointId(row.endpoint_id),
            event_id: WebhookEventId(row.event_id),
            what: row.what,
            status: DeliveryStatus::of(&row.state),
            reason: row.why,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            replay: row.by_hand,
            created_at: row.created_at,
        }
    }
}

/// A try.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookAttempt {
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Milliseconds until the answer, or until nobody waited any more.
    duration_ms: i32,
    /// The status of the answer; none: there was none.
    status_code: Option<i16>,
    /// Why it counts as a failure; none: it is none.
    error: Option<String>,
}

/// A delivery with what was sent, and every try.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookDeliveryWithLog {
    #[serde(flatten)]
    delivery: WebhookDelivery,
    /// What is sent, as it is signed; none: it is older than 30 days, and not kept any more.
    #[schema(value_type = Option<Object>)]
    body: Option<Box<RawValue>>,
    /// The tries, oldest first.
    log: Vec<WebhookAttempt>,
}

impl WebhookDeliveryWithLog {
    /// With its tries.
    pub(crate) fn of(mut row: DeliveryRow, log: Vec<AttemptRow>) -> Self {
        let body = row.body.take().and_then(|body| RawValue::from_string(body).ok());
        let log = log.into_iter().map(|row| WebhookAttempt {
            at: row.at,
            duration_ms: row.duration_ms,
            status_code: row.status_code,
            error: row.error,
        });
        Self { delivery: row.into(), body, log: log.collect() }
    }
}
