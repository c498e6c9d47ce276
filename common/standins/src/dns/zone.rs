//! One zone: its record sets, and what hickory's server answers from.

use super::error::Wrong;
use super::value;
use hickory_server::proto::rr::rdata::SOA;
use hickory_server::proto::rr::{self, LowerName, Name, RData, Record, RecordType, RrKey};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, ZoneHandler, ZoneType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// How long the world may remember a "no", in seconds (RFC 2308).
const NEGATIVE_TTL: u32 = 60;
/// What the zone's own records are given, in seconds.
const OWN_TTL: u32 = 300;

/// All records of one name and type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// The absolute name, without the last dot.
    pub name: String,
    /// The type, in capitals.
    #[serde(rename = "type")]
    pub kind: String,
    /// How long it may be remembered, in seconds.
    pub ttl: u32,
    /// The values as they were given.
    pub values: Vec<String>,
}

/// A zone with its answers.
pub(super) struct Zone {
    origin: Name,
    serial: u32,
    sets: BTreeMap<RrKey, (RecordSet, Arc<rr::RecordSet>)>,
    handler: Arc<dyn ZoneHandler>,
}

impl Zone {
    /// A zone with its SOA, NS and that server's address.
    pub(super) fn new(origin: Name, address: Ipv4Addr) -> Result<Zone, Wrong> {
        let mut zone = Zone::bare(origin);
        let server = zone.server();
        let top = zone.origin.clone();
        zone.put(&top, RecordType::NS, OWN_TTL, vec![server.to_string()])?;
        zone.put(&server, RecordType::A, OWN_TTL, vec![address.to_string()])?;
        zone.publish();
        Ok(zone)
    }

    /// A zone of these records and nothing else but an SOA.
    pub(super) fn of(origin: Name, sets: Vec<RecordSet>) -> Result<Zone, Wrong> {
        let mut zone = Zone::bare(origin);
        for set in sets {
            zone.put(&value::name(&set.name)?, value::kind(&set.kind)?, set.ttl, set.values)?;
        }
        zone.publish();
        Ok(zone)
    }

    fn bare(origin: Name) -> Zone {
        let handler = Arc::new(empty(&origin));
        Zone { origin, serial: 1, sets: BTreeMap::new(), handler }
    }

    fn server(&self) -> Name {
        // A zone's name is too long for this only when nothing fits below it anyway.
        self.origin.prepend_label("ns1").unwrap_or_else(|_| self.origin.clone())
    }

    pub(super) fn handler(&self) -> Arc<dyn ZoneHandler> {
        Arc::clone(&self.handler)
    }

    pub(super) fn sets(&self) -> impl Iterator<Item = &RecordSet> {
        self.sets.values().map(|(set, _)| set)
    }

    pub(super) fn origin(&self) -> &Name {
        &self.origin
    }

    /// The records of a name and type, as they are answered; without the SOA that the zone has by itself.
    pub(super) fn records(&self, name: &LowerName, kind: RecordType) -> Option<Arc<rr::RecordSet>> {
        self.sets.get(&RrKey::new(name.clone(), kind)).map(|(_, records)| Arc::clone(records))
    }

    /// Whether there are records of this name and type.
    pub(super) fn has(&self, name: &LowerName, kind: RecordType) -> bool {
        let top = || *name == LowerName::from(&self.origin);
        self.sets.contains_key(&RrKey::new(name.clone(), kind)) || (kind == RecordType::SOA && top())
    }

    /// Whether there is anything at this name or below it (RFC 8020).
    pub(super) fn has_name(&self, name: &LowerName) -> bool {
        *name == LowerName::from(&self.origin) || self.sets.keys().any(|key| name.zone_of(&key.name))
    }

    pub(super) fn get(&self, name: &Name, kind: RecordType) -> Option<&RecordSet> {
        self.sets.get(&RrKey::new(name.into(), kind)).map(|(set, _)| set)
    }

    /// Sets the records of a name and type.
    pub(super) fn set(&mut self, name: &Name, kind: RecordType, ttl: u32, values: Vec<String>) -> Result<(), Wrong> {
        self.put(name, kind, ttl, values)?;
        self.publish();
        Ok(())
    }

    /// Adds a value to those of a name and type; one that is there stays, and all get this TTL.
    pub(super) fn add(&mut self, name: &Name, kind: RecordType, ttl: u32, value: &str) -> Result<(), Wrong> {
        let mut values = self.without(name, kind, value)?;
        values.push(value.to_owned());
        self.set(name, kind, ttl, values)
    }

    /// Removes one value; false where it is not there.
    pub(super) fn take(&mut self, name: &Name, kind: RecordType, value: &str) -> Result<bool, Wrong> {
        let left = self.without(name, kind, value)?;
        let Some(set) = self.get(name, kind).filter(|set| set.values.len() > left.len()) else { return Ok(false) };
        self.set(name, kind, set.ttl, left).map(|()| true)
    }

    /// The values of a name and type without this one, however it is written.
    fn without(&self, name: &Name, kind: RecordType, value: &str) -> Result<Vec<String>, Wrong> {
        let unwanted = value::read(kind, value)?;
        let others = self.get(name, kind).map(|set| set.values.clone()).unwrap_or_default().into_iter();
        Ok(others.filter(|other| value::read(kind, other).as_ref() != Ok(&unwanted)).collect())
    }

    /// Removes the records of a name and type.
    pub(super) fn remove(&mut self, name: &Name, kind: RecordType) -> bool {
        let removed = self.sets.remove(&RrKey::new(name.into(), kind)).is_some();
        if removed {
            self.publish();
        }
        removed
    }

    fn put(&mut self, name: &Name, kind: RecordType, ttl: u32, values: Vec<String>) -> Result<(), Wrong> {
        let lower = LowerName::from(name);
        let beside = self.sets.keys().any(|key| {
            key.name == lower && key.record_type != kind && [key.record_type, kind].contains(&RecordType::CNAME)
        });
        let top = kind == RecordType::CNAME && *name == self.origin;
        if beside || top || (kind == RecordType::CNAME && values.len() > 1) {
            return Err(Wrong::Cname(shown(name)));
        }
        if kind == RecordType::SOA && (*name != self.origin || values.len() > 1) {
            return Err(Wrong::Soa(shown(name)));
        }
        let mut records = rr::RecordSet::with_ttl(name.clone(), kind, ttl);
        for value in &values {
            records.insert(Record::from_rdata(name.clone(), ttl, value::read(kind, value)?), 0);
        }
        let set = RecordSet { name: shown(name), kind: kind.to_string(), ttl, values };
        let key = RrKey::new(lower, kind);
        if set.values.is_empty() {
            self.sets.remove(&key);
        } else {
            self.sets.insert(key, (set, Arc::new(records)));
        }
        Ok(())
    }

    /// Puts the records in force. Questions that are being answered keep the zone as it was.
    fn publish(&mut self) {
        self.serial += 1;
        let mut handler = empty(&self.origin);
        handler.upsert_mut(self.soa(), self.serial);
        let records = handler.records_get_mut();
        records.extend(self.own().map(|(key, (_, records))| (key.clone(), Arc::clone(records))));
        self.handler = Arc::new(handler);
    }

    /// All but the SOA.
    fn own(&self) -> impl Iterator<Item = (&RrKey, &(RecordSet, Arc<rr::RecordSet>))> {
        self.sets.iter().filter(|(key, _)| key.record_type != RecordType::SOA)
    }

    /// The SOA as it stands now: the one that was set, else one whose serial goes up with every edit.
    pub(super) fn soa(&self) -> Record {
        let set = self.records(&LowerName::from(&self.origin), RecordType::SOA);
        if let Some(record) = set.as_ref().and_then(|set| set.records_without_rrsigs().next()) {
            return record.clone();
        }
        let mailbox = self.origin.prepend_label("hostmaster").unwrap_or_else(|_| self.origin.clone());
        let soa = SOA::new(self.server(), mailbox, self.serial, 3600, 600, 604_800, NEGATIVE_TTL);
        Record::from_rdata(self.origin.clone(), OWN_TTL, RData::SOA(soa))
    }

    /// The zone as a BIND file, the SOA first and names in order.
    pub(super) fn dump(&self) -> String {
        let mut text = format!("$ORIGIN {}\n{}\n", self.origin, line(&self.soa()));
        for record in self.own().flat_map(|(_, (_, records))| records.records_without_rrsigs()) {
            let _ = writeln!(text, "{}", line(record));
        }
        text
    }
}

fn empty(origin: &Name) -> InMemoryZoneHandler {
    InMemoryZoneHandler::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny)
}

fn line(record: &Record) -> String {
    format!("{} {} IN {} {}", record.name, record.ttl, record.record_type(), value::write(&record.data))
}

/// A name without its last dot and in small letters, as people write it.
pub(super) fn shown(name: &Name) -> String {
    let text = name.to_lowercase().to_string();
    if text == "." { text } else { text.trim_end_matches('.').to_owned() }
}
