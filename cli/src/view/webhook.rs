//! Webhook endpoints and deliveries.

use serde::Deserialize;

use super::{
    moment::Moment,
    table::{Tone, Toned, details, or_dash, table, time_or_dash},
};
use crate::output::Paint;

/// An endpoint.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// `whe_...`
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// The types it is told of.
    #[serde(default)]
    pub events: Vec<String>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Why it is switched off.
    #[serde(default)]
    pub disabled_reason: Option<String>,
    /// `new`, `healthy`, `failing`, `disabled`.
    pub health: String,
    /// Since when it has taken nothing.
    #[serde(default)]
    pub failing_since: Option<Moment>,
    /// When it took an event last.
    #[serde(default)]
    pub last_success_at: Option<Moment>,
    /// Until when the secret before signs, too.
    #[serde(default)]
    pub previous_secret_until: Option<Moment>,
    /// The secret, only when it was just made.
    #[serde(default)]
    pub secret: Option<String>,
}

impl Endpoint {
    fn standing(&self) -> Toned {
        let tone = match self.health.as_str() {
            "healthy" => Tone::Good,
            "failing" => Tone::Bad,
            "disabled" => Tone::Faint,
            _ => Tone::Plain,
        };
        Toned(self.health.clone(), tone)
    }
}

/// Endpoints, one per line.
#[must_use]
pub fn endpoints(endpoints: &[Endpoint], paint: Paint) -> String {
    let row = |endpoint: &Endpoint| {
        vec![
            endpoint.id.as_str().into(),
            endpoint.url.as_str().into(),
            endpoint.standing(),
            endpoint.events.join(", ").into(),
            time_or_dash(endpoint.last_success_at),
        ]
    };
    let head = ["ENDPOINT", "URL", "HEALTH", "EVENTS", "LAST TAKEN (UTC)"];
    table(&head, endpoints.iter().map(row).collect(), "No webhook endpoints.", paint)
}

/// One endpoint whole.
#[must_use]
pub fn endpoint(endpoint: &Endpoint, paint: Paint) -> String {
    let mut pairs = vec![
        ("endpoint", endpoint.id.as_str().into()),
        ("url", endpoint.url.as_str().into()),
        ("events", endpoint.events.join(", ").into()),
        ("description", or_dash(Some(endpoint.description.as_str()).filter(|text| !text.is_empty()))),
        ("health", endpoint.standing()),
        ("last taken (UTC)", time_or_dash(endpoint.last_success_at)),
    ];
    if endpoint.failing_since.is_some() {
        pairs.push(("failing since (UTC)", time_or_dash(endpoint.failing_since)));
    }
    if let Some(reason) = &endpoint.disabled_reason {
        pairs.push(("switched off", reason.as_str().into()));
    }
    if endpoint.previous_secret_until.is_some() {
        pairs.push(("old secret signs until (UTC)", time_or_dash(endpoint.previous_secret_until)));
    }
    if let Some(secret) = &endpoint.secret {
        pairs.push(("secret", secret.as_str().into()));
    }
    details(pairs, paint)
}

/// A delivery.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// `whd_...`
    pub id: String,
    /// The event's type.
    #[serde(rename = "type")]
    pub what: String,
    /// `pending`, `delivered`, `failed`, `dropped`.
    pub status: String,
    /// Why it was dropped, or is put off.
    #[serde(default)]
    pub reason: Option<String>,
    /// Tries so far.
    #[serde(default)]
    pub attempts: u64,
    /// When the next one is.
    #[serde(default)]
    pub next_attempt_at: Option<Moment>,
    /// A person wanted it.
    #[serde(default)]
    pub replay: bool,
    /// When it began.
    pub created_at: Moment,
    /// Every try, where one delivery is shown.
    #[serde(default)]
    pub log: Vec<Attempt>,
}

/// A try.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// When it began.
    pub at: Moment,
    /// How long it took.
    #[serde(default)]
    pub duration_ms: i64,
    /// What was answered.
    #[serde(default)]
    pub status_code: Option<u16>,
    /// Why that is a failure.
    #[serde(default)]
    pub error: Option<String>,
}

impl Delivery {
    fn standing(&self) -> Toned {
        let tone = match self.status.as_str() {
            "delivered" => Tone::Good,
            "failed" => Tone::Bad,
            "dropped" => Tone::Faint,
            _ if self.attempts > 0 => Tone::Warn,
            _ => Tone::Plain,
        };
        Toned(self.status.clone(), tone)
    }
}

/// Deliveries, one per line.
#[must_use]
pub fn deliveries(deliveries: &[Delivery], paint: Paint) -> String {
    let row = |delivery: &Delivery| {
        vec![
            delivery.id.as_str().into(),
            delivery.created_at.day_and_time().into(),
            delivery.what.as_str().into(),
            delivery.standing(),
            delivery.attempts.to_string().into(),
            time_or_dash(delivery.next_attempt_at),
            if delivery.replay { "by hand" } else { "-" }.into(),
        ]
    };
    let head = ["DELIVERY", "SINCE (UTC)", "EVENT", "STATUS", "TRIES", "NEXT TRY (UTC)", "SENT"];
    table(&head, deliveries.iter().map(row).collect(), "Nothing was sent.", paint)
}

/// One delivery with every try.
#[must_use]
pub fn delivery(delivery: &Delivery, paint: Paint) -> String {
    let mut pairs = vec![
        ("delivery", delivery.id.as_str().into()),
        ("event", delivery.what.as_str().into()),
        ("status", delivery.standing()),
    ];
    if let Some(reason) = &delivery.reason {
        pairs.push(("why", reason.as_str().into()));
    }
    pairs.push(("next try (UTC)", time_or_dash(delivery.next_attempt_at)));
    let row = |attempt: &Attempt| {
        let outcome = match &attempt.error {
            None => Toned("taken".to_owned(), Tone::Good),
            Some(error) => Toned(error.clone(), Tone::Bad),
        };
        vec![
            attempt.at.day_and_time().into(),
            format!("{} ms", attempt.duration_ms).into(),
            or_dash(attempt.status_code.map(|status| status.to_string()).as_deref()),
            outcome,
        ]
    };
    let head = ["TRIED (UTC)", "TOOK", "ANSWER", "OUTCOME"];
    let tries = table(&head, delivery.log.iter().map(row).collect(), "It was not tried yet.", paint);
    format!("{}\n\n{tries}", details(pairs, paint))
}

/// A type of events.
#[derive(Debug, Deserialize)]
pub struct EventType {
    /// Its name.
    pub name: String,
    /// What it says.
    pub help: String,
}

/// The types of events.
#[derive(Debug, Deserialize)]
pub struct EventTypes {
    /// All of them.
    pub data: Vec<EventType>,
}

/// Types, one per line.
#[must_use]
pub fn types(types: &EventTypes, paint: Paint) -> String {
    let row = |one: &EventType| vec![one.name.as_str().into(), one.help.as_str().into()];
    table(&["TYPE", "WHAT IT SAYS"], types.data.iter().map(row).collect(), "There are no types.", paint)
}
