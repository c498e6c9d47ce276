//! All zones: edits from one side, questions from the other.

use super::course::Course;
use super::error::Wrong;
use super::file;
use super::misbehave::{Fault, Rule, Rules};
use super::store::Store;
use super::value;
use super::zone::{RecordSet, Zone, shown};
use hickory_server::proto::rr::{LowerName, Name, Record, RecordType};
use hickory_server::zone_handler::ZoneHandler;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The zone a question belongs to.
pub(super) struct Found {
    pub(super) origin: LowerName,
    pub(super) handler: Arc<dyn ZoneHandler>,
    pub(super) soa: Record,
    pub(super) course: Course,
}

/// The zones, the rules in force, and what was asked.
pub(super) struct Zones {
    zones: Mutex<BTreeMap<LowerName, Zone>>,
    rules: Mutex<Rules>,
    asked: Mutex<HashMap<(String, RecordType), u64>>,
    store: Option<Store>,
    address: Ipv4Addr,
}

impl std::fmt::Debug for Zones {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Zones").field(&self.names()).finish()
    }
}

impl Zones {
    /// `address` is that of the name server that every new zone has.
    pub(super) fn open(folder: Option<&Path>, address: Ipv4Addr) -> std::io::Result<Zones> {
        let store = folder.map(Store::open).transpose()?;
        let mut zones = BTreeMap::new();
        for (name, sets) in store.as_ref().map(Store::load).transpose()?.unwrap_or_default() {
            let origin = value::name(&name).map_err(std::io::Error::other)?;
            let key = LowerName::from(&origin);
            zones.insert(key, Zone::of(origin, sets).map_err(std::io::Error::other)?);
        }
        Ok(Zones { zones: Mutex::new(zones), rules: Mutex::default(), asked: Mutex::default(), store, address })
    }

    pub(super) fn add(&self, zone: &str) -> Result<(), Wrong> {
        let origin = value::name(zone)?;
        let mut zones = lock(&self.zones);
        if let Entry::Vacant(place) = zones.entry(LowerName::from(&origin)) {
            place.insert(Zone::new(origin, self.address)?);
        }
        self.keep(&zones)
    }

    pub(super) fn drop_zone(&self, zone: &str) -> Result<bool, Wrong> {
        let key = LowerName::from(&value::name(zone)?);
        let mut zones = lock(&self.zones);
        let dropped = zones.remove(&key).is_some();
        self.keep(&zones).map(|()| dropped)
    }

    pub(super) fn set(&self, name: &str, kind: &str, ttl: u32, values: Vec<String>) -> Result<(), Wrong> {
        let (name, kind) = (value::name(name)?, value::kind(kind)?);
        let mut zones = lock(&self.zones);
        of(&mut zones, &name)?.set(&name, kind, ttl, values)?;
        self.keep(&zones)
    }

    pub(super) fn remove(&self, name: &str, kind: &str) -> Result<bool, Wrong> {
        let (name, kind) = (value::name(name)?, value::kind(kind)?);
        let mut zones = lock(&self.zones);
        let removed = of(&mut zones, &name)?.remove(&name, kind);
        self.keep(&zones).map(|()| removed)
    }

    /// Adds these values to those of a name and type.
    pub(super) fn add_values(&self, name: &str, kind: &str, ttl: u32, values: &[String]) -> Result<(), Wrong> {
        let (name, kind) = (value::name(name)?, value::kind(kind)?);
        let mut zones = lock(&self.zones);
        let zone = of(&mut zones, &name)?;
        values.iter().try_for_each(|value| zone.add(&name, kind, ttl, value))?;
        self.keep(&zones)
    }

    /// Removes one value of a name and type; true where it was there.
    pub(super) fn remove_value(&self, name: &str, kind: &str, value: &str) -> Result<bool, Wrong> {
        let (name, kind) = (value::name(name)?, value::kind(kind)?);
        let mut zones = lock(&self.zones);
        let removed = of(&mut zones, &name)?.take(&name, kind, value)?;
        self.keep(&zones).map(|()| removed)
    }

    /// Makes a zone of a zone file, instead of the one there was.
    pub(super) fn load(&self, zone: &str, text: &str) -> Result<(), Wrong> {
        let origin = value::name(zone)?;
        let sets = file::read(&origin, text)?;
        let mut zones = lock(&self.zones);
        zones.insert(LowerName::from(&origin), Zone::of(origin, sets)?);
        self.keep(&zones)
    }

    /// All record sets of a zone; `None` for an unknown zone.
    pub(super) fn sets(&self, zone: &str) -> Option<Vec<RecordSet>> {
        let key = LowerName::from(&value::name(zone).ok()?);
        lock(&self.zones).get(&key).map(|zone| zone.sets().cloned().collect())
    }

    /// What is said of a name that no zone here holds.
    pub(super) fn unknown(&self, name: &str) -> Wrong {
        Wrong::Zone { name: name.to_owned(), known: self.names() }
    }

    pub(super) fn get(&self, name: &str, kind: &str) -> Option<RecordSet> {
        let (name, kind) = (value::name(name).ok()?, value::kind(kind).ok()?);
        let mut zones = lock(&self.zones);
        of(&mut zones, &name).ok()?.get(&name, kind).cloned()
    }

    pub(super) fn names(&self) -> Vec<String> {
        lock(&self.zones).keys().map(|name| shown(name)).collect()
    }

    pub(super) fn dump(&self, zone: &str) -> Option<String> {
        let key = LowerName::from(&value::name(zone).ok()?);
        lock(&self.zones).get(&key).map(Zone::dump)
    }

    pub(super) fn misbehave(&self, rules: Vec<Rule>) {
        *lock(&self.rules) = Rules::new(rules);
    }

    pub(super) fn asked(&self, name: &str, kind: &str) -> u64 {
        let (Ok(name), Ok(kind)) = (value::name(name), kind.to_ascii_uppercase().parse()) else { return 0 };
        lock(&self.asked).get(&(shown(&name), kind)).copied().unwrap_or(0)
    }

    /// Counts a question and says what happens to it, if anything.
    pub(super) fn ask(&self, name: &Name, kind: RecordType) -> Option<Fault> {
        let name = shown(name);
        let fault = lock(&self.rules).strike(&name, kind);
        *lock(&self.asked).entry((name, kind)).or_default() += 1;
        fault
    }

    /// The zone nearest above the name, and what it says to a question of this type.
    pub(super) fn find(&self, name: &LowerName, kind: RecordType) -> Option<Found> {
        let zones = lock(&self.zones);
        let (origin, zone) = nearest(&zones, name)?;
        Some(Found {
            origin: origin.clone(),
            handler: zone.handler(),
            soa: zone.soa(),
            course: zone.course(name, kind),
        })
    }

    /// Whether a zone is below this name.
    pub(super) fn above(&self, name: &LowerName) -> bool {
        lock(&self.zones).keys().any(|zone| name.zone_of(zone))
    }

    fn keep(&self, zones: &BTreeMap<LowerName, Zone>) -> Result<(), Wrong> {
        let Some(store) = &self.store else { return Ok(()) };
        let all = zones.iter().map(|(name, zone)| (shown(name), zone.sets().collect())).collect();
        store.write(&all).map_err(|_| Wrong::Kept)
    }
}

fn nearest<'a>(zones: &'a BTreeMap<LowerName, Zone>, name: &LowerName) -> Option<(&'a LowerName, &'a Zone)> {
    let mut name = name.clone();
    loop {
        if let Some(found) = zones.get_key_value(&name) {
            return Some(found);
        }
        if name.is_root() {
            return None;
        }
        name = name.base_name();
    }
}

fn of<'a>(zones: &'a mut BTreeMap<LowerName, Zone>, name: &Name) -> Result<&'a mut Zone, Wrong> {
    let known = || zones.keys().map(|name| shown(name)).collect();
    let origin = nearest(zones, &LowerName::from(name)).map(|(origin, _)| origin.clone());
    let origin = origin.ok_or_else(|| Wrong::Zone { name: shown(name), known: known() })?;
    zones.get_mut(&origin).ok_or_else(|| Wrong::Name(shown(name)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
