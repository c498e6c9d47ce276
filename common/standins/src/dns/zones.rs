//! All zones: edits from one side, questions from the other.

use super::error::Wrong;
use super::misbehave::{Fault, Rule, Rules};
use super::store::Store;
use super::value;
use super::zone::{RecordSet, Zone, shown};
use hickory_server::proto::rr::{LowerName, Name, Record, RecordType};
use hickory_server::zone_handler::ZoneHandler;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The zone a question belongs to.
pub(super) struct Found {
    pub(super) origin: LowerName,
    pub(super) handler: Arc<dyn ZoneHandler>,
    pub(super) soa: Record,
}

/// The zones, the rules in force, and what was asked.
pub(super) struct Zones {
    zones: Mutex<BTreeMap<LowerName, Zone>>,
    rules: Mutex<Rules>,
    asked: Mutex<HashMap<(String, RecordType), u64>>,
    store: Option<Store>,
}

impl std::fmt::Debug for Zones {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Zones").field(&self.names()).finish()
    }
}

impl Zones {
    pub(super) fn open(folder: Option<&Path>) -> std::io::Result<Zones> {
        let store = folder.map(Store::open).transpose()?;
        let mut zones = BTreeMap::new();
        for (name, sets) in store.as_ref().map(Store::load).transpose()?.unwrap_or_default() {
            let origin = value::name(&name).map_err(std::io::Error::other)?;
            let key = LowerName::from(&origin);
            zones.insert(key, Zone::of(origin, sets).map_err(std::io::Error::other)?);
        }
        Ok(Zones { zones: Mutex::new(zones), rules: Mutex::default(), asked: Mutex::default(), store })
    }

    pub(super) fn add(&self, zone: &str) -> Result<(), Wrong> {
        let origin = value::name(zone)?;
        let mut zones = lock(&self.zones);
        if let Entry::Vacant(place) = zones.entry(LowerName::from(&origin)) {
            place.insert(Zone::new(origin)?);
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

    /// The zone nearest above the name.
    pub(super) fn find(&self, name: &LowerName) -> Option<Found> {
        let zones = lock(&self.zones);
        let (origin, zone) = nearest(&zones, name)?;
        Some(Found { origin: origin.clone(), handler: zone.handler(), soa: zone.soa() })
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
    let origin = nearest(zones, &LowerName::from(name)).map(|(origin, _)| origin.clone());
    origin.and_then(|origin| zones.get_mut(&origin)).ok_or_else(|| Wrong::Zone(shown(name)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
