//! What endpoints can be told of.

use axum::Json;
use serde::Serialize;
use tenantry_workflows::webhook_events::TYPES;
use utoipa::ToSchema;

use crate::auth::{May, needs};

/// A type of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventType {
    /// Its name, as an endpoint asks for it.
    #[schema(example = "email_domain.verified")]
    name: &'static str,
    /// What it says.
    help: &'static str,
}

/// The types of events.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventTypes {
    /// All of them.
    data: Vec<EventType>,
}

/// List the types of events that webhook endpoints can be told of
#[utoipa::path(get, path = "/v1/webhook-event-types", tag = "Webhooks", operation_id = "listWebhookEventTypes",
    responses((status = 200, description = "The types.", body = EventTypes)))]
pub(crate) async fn list_event_types(May(_caller, _): May<needs::SettingsManageWebhooks>) -> Json<EventTypes> {
    Json(EventTypes { data: TYPES.iter().map(|(name, help)| EventType { name, help }).collect() })
}
