//! Zones from BIND files (RFC 1035 section 5).

use super::error::Wrong;
use super::value;
use super::zone::{RecordSet, shown};
use hickory_server::proto::rr::Name;
use hickory_server::proto::serialize::txt::Parser;

/// The records of a zone file, the SOA included where there is one.
pub(super) fn read(origin: &Name, text: &str) -> Result<Vec<RecordSet>, Wrong> {
    let wrong = |why: String| Wrong::File { zone: shown(origin), why };
    // It comes from whoever can reach the port, and would read any file of this machine.
    if text.lines().any(|line| line.trim_start().to_ascii_uppercase().starts_with("$INCLUDE")) {
        return Err(wrong("$INCLUDE is not followed here; write the records themselves".to_owned()));
    }
    let parsed = Parser::new(text, None, Some(origin.clone())).parse();
    let (_, sets) = parsed.map_err(|error| wrong(error.to_string()))?;
    let sets = sets.into_values().map(|set| {
        if !origin.zone_of(set.name()) {
            return Err(wrong(format!("{} is not in it", shown(set.name()))));
        }
        let values = set.records_without_rrsigs().map(|record| value::write(&record.data)).collect();
        Ok(RecordSet { name: shown(set.name()), kind: set.record_type().to_string(), ttl: set.ttl(), values })
    });
    sets.collect()
}
