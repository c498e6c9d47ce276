//! What became of mail, by day.

use serde::Deserialize;

use super::super::{
    moment::span,
    table::{Tone, Toned, or_dash, table},
};
use crate::output::Paint;

/// A day.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Day {
    day: String,
    provider: Option<String>,
    sent: u64,
    delivered: u64,
    bounced: u64,
    complained: u64,
    deferred: u64,
    failed: u64,
    suppressed: u64,
    /// Milliseconds from accepted by us to accepted by a provider, on average.
    average_latency_ms: Option<f64>,
}

impl Default for Day {
    fn default() -> Self {
        Self {
            day: "-".to_owned(),
            provider: None,
            sent: 0,
            delivered: 0,
            bounced: 0,
            complained: 0,
            deferred: 0,
            failed: 0,
            suppressed: 0,
            average_latency_ms: None,
        }
    }
}

/// Days, one per line; by provider where that is told.
#[must_use]
pub fn stats(days: &[Day], paint: Paint) -> String {
    let providers = days.iter().any(|day| day.provider.is_some());
    let number = |count: u64, tone| Toned(count.to_string(), if count == 0 { Tone::Faint } else { tone });
    let row = |day: &Day| {
        let mut row = vec![Toned::from(day.day.as_str())];
        row.extend(providers.then(|| or_dash(day.provider.as_deref())));
        row.extend([
            number(day.sent, Tone::Plain),
            number(day.delivered, Tone::Good),
            number(day.deferred, Tone::Warn),
            number(day.bounced, Tone::Bad),
            number(day.complained, Tone::Bad),
            number(day.failed, Tone::Bad),
            number(day.suppressed, Tone::Plain),
            or_dash(day.average_latency_ms.map(|milliseconds| span(milliseconds / 1000.0)).as_deref()),
        ]);
        row
    };
    let mut head = vec!["DAY (UTC)"];
    head.extend(providers.then_some("PROVIDER"));
    head.extend(["SENT", "DELIVERED", "DEFERRED", "BOUNCED", "COMPLAINED", "FAILED", "SUPPRESSED", "TOOK"]);
    table(&head, days.iter().map(row).collect(), "Nothing was sent.", paint)
}
