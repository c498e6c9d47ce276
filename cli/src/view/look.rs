//! The DNS of a domain: how each record stands, what was found.

use serde::Deserialize;

use super::table::{Tone, Toned, details, or_dash, table};
use crate::output::{Paint, printable};

/// So much of a value is shown in a table; keys are longer.
const SHOWN: usize = 60;

/// A look at a domain.
#[derive(Debug, Deserialize)]
pub struct Look {
    /// The domain.
    pub domain: String,
    /// `ready`, `not_ready`, `unclear`
    pub verdict: String,
    /// The zone that holds it.
    #[serde(default)]
    pub zone: Option<String>,
    /// Who hosts the zone.
    #[serde(default)]
    pub host: Option<Host>,
    /// How its records stand.
    #[serde(default)]
    pub records: Vec<Record>,
    /// What was found.
    #[serde(default)]
    pub findings: Vec<Finding>,
}

/// A company that hosts zones, and its words.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    /// Its name.
    pub name: String,
    /// The field for a record's name.
    #[serde(default)]
    pub name_field: Option<String>,
    /// The field for its value.
    #[serde(default)]
    pub value_field: Option<String>,
    /// Something else to know there.
    #[serde(default)]
    pub note: Option<String>,
}

/// A record, and how it stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// `ownership`, `dkim`, `spf`, `return_path`, `dmarc`, `other`
    #[serde(default)]
    pub purpose: String,
    /// `TXT`, `MX`, `CNAME`
    #[serde(rename = "type")]
    pub kind: String,
    /// Its absolute name.
    pub name: String,
    /// Its name within the zone, where that is known.
    #[serde(default)]
    pub relative_name: Option<String>,
    /// Its value.
    #[serde(default)]
    pub value: String,
    /// An MX record's preference.
    #[serde(default)]
    pub priority: Option<u16>,
    /// In seconds.
    #[serde(default)]
    pub ttl: Option<u32>,
    /// Whether the domain can be used without it.
    #[serde(default = "yes")]
    pub required: bool,
    /// `detected`, `mismatch`, `missing`, `conflict`, `lookup_failed`, `not_checked`
    #[serde(default)]
    pub status: Option<String>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// Which.
    pub code: String,
    /// `error`, `warning`, `info`
    pub severity: String,
    /// Of which record.
    #[serde(default)]
    pub record: Option<String>,
    /// What was seen.
    pub saw: String,
    /// What to do.
    #[serde(default)]
    pub advice: String,
}

fn yes() -> bool {
    true
}

impl Look {
    /// Reads the document of a look.
    ///
    /// # Errors
    /// It is none.
    pub fn of(document: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(document)
    }
}

impl Record {
    fn standing(&self) -> Toned {
        let word = self.status.as_deref().unwrap_or("not_checked");
        let tone = match word {
            "detected" => Tone::Good,
            "not_checked" => Tone::Faint,
            "lookup_failed" => Tone::Warn,
            _ if self.required => Tone::Bad,
            _ => Tone::Warn,
        };
        Toned(word.replace('_', " "), tone)
    }

    /// The value, with an MX record's preference, cut where it is long.
    fn content(&self) -> Toned {
        let whole = match self.priority {
            Some(priority) if self.kind == "MX" => format!("{priority} {}", self.value),
            _ => self.value.clone(),
        };
        if whole.is_empty() {
            return Toned("(any)".to_owned(), Tone::Faint);
        }
        match whole.char_indices().nth(SHOWN) {
            Some((cut, _)) => format!("{}...", &whole[..cut]).into(),
            None => whole.into(),
        }
    }
}

/// A look, for people: how the domain stands, its records, what was found.
#[must_use]
pub fn look(look: &Look, paint: Paint) -> String {
    let verdict = match look.verdict.as_str() {
        "ready" => Toned("ready".to_owned(), Tone::Good),
        "not_ready" => Toned("not ready".to_owned(), Tone::Bad),
        other => Toned(other.to_owned(), Tone::Warn),
    };
    let mut pairs =
        vec![("domain", look.domain.as_str().into()), ("verdict", verdict), ("zone", or_dash(look.zone.as_deref()))];
    pairs.extend(host(look.host.as_ref()));
    let mut parts = vec![details(pairs, paint), records(&look.records, paint)];
    parts.extend(findings(&look.findings, paint));
    parts.join("\n\n")
}

/// Who hosts the zone, and its words for the fields.
#[must_use]
pub fn host(host: Option<&Host>) -> Vec<(&'static str, Toned)> {
    let Some(host) = host else { return Vec::new() };
    let mut pairs = vec![("DNS host", host.name.as_str().into())];
    let told = [("  name field", &host.name_field), ("  value field", &host.value_field), ("  to know", &host.note)];
    pairs.extend(told.into_iter().filter_map(|(name, text)| Some((name, Toned::from(text.as_deref()?)))));
    pairs
}

/// How each record stands, one per line.
#[must_use]
pub fn records(records: &[Record], paint: Paint) -> String {
    let row = |record: &Record| {
        let required = if record.required { Toned::from("yes") } else { Toned("advised".to_owned(), Tone::Faint) };
        vec![
            record.standing(),
            record.kind.as_str().into(),
            record.name.as_str().into(),
            record.content(),
            record.purpose.replace('_', " ").into(),
            required,
        ]
    };
    let head = ["STATUS", "TYPE", "NAME", "VALUE", "PURPOSE", "REQUIRED"];
    table(&head, records.iter().map(row).collect(), "No record is known yet.", paint)
}

/// The records to publish, each with its whole value on a line of its own, so that it can be copied.
#[must_use]
pub fn to_publish(records: &[Record], zone: Option<&str>, hosted: Option<&Host>, paint: Paint) -> String {
    if records.is_empty() {
        return "No record is known yet.".to_owned();
    }
    let one = |record: &Record| {
        let advised = if record.required { "" } else { ", advised" };
        let title = format!("{} ({}{advised})", record.kind, record.purpose.replace('_', " "));
        let mut text = paint.head(&printable(&title));
        let mut line = |name: &str, value: &str| {
            text.push_str(&format!("\n  {} {}", paint.faint(&format!("{name:<9}")), printable(value)));
        };
        line("name", &record.name);
        if let (Some(relative), Some(zone)) = (&record.relative_name, zone) {
            line("", &format!("{relative}   (where the panel adds {zone} by itself)"));
        }
        line("value", &record.value);
        if let Some(priority) = record.priority {
            line("priority", &priority.to_string());
        }
        if let Some(ttl) = record.ttl {
            line("TTL", &format!("{ttl} s"));
        }
        line("status", &record.status.as_deref().unwrap_or("not_checked").replace('_', " "));
        text
    };
    let mut parts: Vec<_> = records.iter().map(one).collect();
    let host = host(hosted);
    if !host.is_empty() {
        parts.push(details(host, paint));
    }
    parts.join("\n\n")
}

/// What was found: severity, code, record; what was seen; what to do. None where nothing was.
#[must_use]
pub fn findings(findings: &[Finding], paint: Paint) -> Option<String> {
    let all: Vec<_> = findings.iter().map(|one| finding(one, paint)).collect();
    (!all.is_empty()).then(|| all.join("\n\n"))
}

/// One finding.
#[must_use]
pub fn finding(finding: &Finding, paint: Paint) -> String {
    let severity = match finding.severity.as_str() {
        "error" => paint.bad("error"),
        "warning" => paint.warn("warning"),
        other => paint.faint(&printable(other)),
    };
    let record = finding.record.as_deref().map(|record| format!("  {}", printable(record))).unwrap_or_default();
    let mut text = format!("{severity}  {}{record}", paint.head(&printable(&finding.code)));
    text.push_str(&format!("\n  What we saw: {}", printable(&finding.saw)));
    if !finding.advice.is_empty() {
        text.push_str(&format!("\n  What to do: {}", printable(&finding.advice)));
    }
    text
}
