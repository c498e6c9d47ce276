//! Zones and records of the local stack's DNS server. Written by that server, not by the API, hence their own form.

use serde::Deserialize;

use super::table::table;
use crate::output::{Paint, printable};

/// All records of a name and type.
#[derive(Debug, Deserialize)]
pub struct RecordSet {
    /// Their name.
    pub name: String,
    /// Their type.
    #[serde(rename = "type")]
    pub kind: String,
    /// In seconds.
    pub ttl: u32,
    /// Their values, as they were set.
    pub values: Vec<String>,
}

/// Records, one per line.
#[must_use]
pub fn records(sets: &[RecordSet], paint: Paint) -> String {
    let row = |set: &RecordSet, value: &String| {
        vec![set.name.as_str().into(), set.ttl.to_string().into(), set.kind.as_str().into(), value.as_str().into()]
    };
    let rows = sets.iter().flat_map(|set| set.values.iter().map(move |value| row(set, value))).collect();
    table(&["NAME", "TTL", "TYPE", "VALUE"], rows, "No records.", paint)
}

/// Zones, one per line.
#[must_use]
pub fn zones(zones: &[String]) -> String {
    if zones.is_empty() {
        return "There is no zone.".to_owned();
    }
    zones.iter().map(|zone| printable(zone)).collect::<Vec<_>>().join("\n")
}
