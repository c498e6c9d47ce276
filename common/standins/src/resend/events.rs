//! Webhook events: their names and bodies.

use super::clock;
use super::domain::Domain;
use super::fate::Fate;
use super::mail::AcceptedMail;
use axum::body::Bytes;
use serde_json::{Value, json};
use time::OffsetDateTime;

/// One event, ready to be signed. Its id stays the same over all attempts.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: String,
    pub(super) body: Bytes,
}

impl Event {
    fn new(kind: &str, data: &Value) -> Event {
        let body = json!({ "type": kind, "created_at": clock::event(OffsetDateTime::now_utc()), "data": data });
        Event { id: format!("msg_{}", uuid::Uuid::new_v4().simple()), body: body.to_string().into() }
    }

    /// About a mail, for these of its recipients.
    pub(super) fn of_mail(kind: &str, mail: &AcceptedMail, to: &[String], detail: Option<(&str, Value)>) -> Event {
        let mut data = json!({
            "email_id": mail.id,
            "created_at": clock::event(mail.accepted_at),
            "from": mail.from,
            "to": to,
            "subject": mail.subject,
        });
        if !mail.tags.is_empty() {
            data["tags"] = json!(mail.tags);
        }
        if !mail.headers.is_empty() {
            let pairs = mail.headers.iter().map(|(name, value)| json!({ "name": name, "value": value }));
            data["headers"] = pairs.collect();
        }
        if let Some((name, detail)) = detail {
            data[name] = detail;
        }
        Event::new(kind, &data)
    }

    /// About a domain: `domain.created`, `domain.updated`, `domain.deleted`.
    pub(super) fn of_domain(kind: &str, domain: &Domain) -> Event {
        let data = json!({
            "id": domain.id,
            "name": domain.name,
            "status": domain.status.word(),
            "created_at": clock::event(domain.created_at),
            "region": domain.region,
            "records": domain.records.iter().map(super::domain::Record::shown).collect::<Vec<_>>(),
        });
        Event::new(kind, &data)
    }
}

/// The events that tell of this fate, in order, for these recipients.
pub(super) fn of_fate(fate: Fate, mail: &AcceptedMail, to: &[String]) -> Vec<Event> {
    let last = fate.events().len().saturating_sub(1);
    let event = |(at, kind): (usize, &&'static str)| {
        let detail = if at == last { fate.detail() } else { None };
        Event::of_mail(kind, mail, to, detail)
    };
    fate.events().iter().enumerate().map(event).collect()
}
