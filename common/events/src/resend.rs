//! Resend's webhooks (<https://resend.com/docs/webhooks/event-types>), signed the Svix way, per account.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::{
    Bounce, DomainEvent, EventKind, ProviderEvent, Rejected, bounce,
    fields::{addresses, cut, link, message, moment, pick, text},
    signature::Secrets,
};

/// This provider's name in the configuration.
pub const NAME: &str = "resend";

/// Checks and reads one webhook. `headers` finds a header by its lower-case name, `body` is what came over the wire.
///
/// An event we have no use for, or do not know, is [`EventKind::Other`]: it is stored and answered like any other, since
/// a provider repeats for a day, and then switches off, what is not answered with success.
///
/// # Errors
/// What [`Secrets::verify`] refuses; [`Rejected::Unreadable`] when the body is not a JSON object.
pub fn read<'h>(
    headers: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
    secrets: &Secrets,
    now: OffsetDateTime,
) -> Result<ProviderEvent, Rejected> {
    let verified = secrets.verify(headers, body, now)?;
    let event: Value = serde_json::from_slice(body).map_err(|_| Rejected::Unreadable("it is not JSON"))?;
    if !event.is_object() {
        return Err(Rejected::Unreadable("it is not a JSON object"));
    }
    let (name, data) = (text(&event, "type"), &event["data"]);
    let about_a_message = name.starts_with("email.");
    Ok(ProviderEvent {
        id: verified.id.to_owned(),
        provider: NAME,
        kind: kind(name, data),
        provider_message_id: data["email_id"].as_str().filter(|_| about_a_message).map(cut),
        message: message(&data["tags"]).filter(|_| about_a_message),
        recipients: if about_a_message { addresses(&data["to"], "email") } else { Vec::new() },
        at: moment(text(&event, "created_at")).unwrap_or(verified.at),
        detail: detail(name, data),
    })
}

fn kind(name: &str, data: &Value) -> EventKind {
    match name {
        "email.sent" => EventKind::Sent,
        "email.delivered" => EventKind::Delivered,
        "email.delivery_delayed" => EventKind::Delayed,
        "email.bounced" => bounced(&data["bounce"]),
        "email.complained" => EventKind::Complained,
        "email.failed" => EventKind::Failed { reason: cut(text(&data["failed"], "reason")) },
        "email.suppressed" => EventKind::Suppressed,
        "email.opened" => EventKind::Opened,
        "email.clicked" => EventKind::Clicked,
        "email.scheduled" => EventKind::Scheduled,
        "email.received" => EventKind::Received,
        "domain.created" | "domain.updated" => domain(data, text(data, "status")),
        "domain.deleted" => domain(data, "deleted"),
        other => EventKind::Other(cut(other)),
    }
}

fn domain(data: &Value, status: &str) -> EventKind {
    EventKind::Domain(DomainEvent { domain: cut(text(data, "name")).to_lowercase(), status: cut(status) })
}

fn bounced(bounce: &Value) -> EventKind {
    let subtype = text(bounce, "subType");
    if bounce::is_suppressed(subtype) {
        return EventKind::Suppressed;
    }
    // A list, one per recipient; a single text in older events.
    let said = &bounce["diagnosticCode"];
    let said: Vec<&str> = match said.as_array() {
        Some(list) => list.iter().filter_map(Value::as_str).collect(),
        None => said.as_str().into_iter().collect(),
    };
    let reason = said.first().copied().unwrap_or(text(bounce, "message"));
    EventKind::Bounced(Bounce { kind: bounce::kind(text(bounce, "type"), subtype, &said), reason: cut(reason) })
}

fn detail(name: &str, data: &Value) -> Value {
    let mut detail: Map<String, Value> = if name.starts_with("domain.") {
        pick(data, &["id", "region", "records"])
    } else {
        pick(data, &["bounce", "failed", "suppressed"])
    };
    if let Some(followed) = data["click"]["link"].as_str() {
        detail.insert("link".to_owned(), link(followed));
    }
    detail.insert("event".to_owned(), json!(cut(name)));
    Value::Object(detail)
}
