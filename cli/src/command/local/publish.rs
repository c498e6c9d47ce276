//! `tenantry local dns publish`: what the owner of a domain does at the panel of its DNS host, done at the local stack's.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    super::domain::{find, until_there_are_records},
    dns,
};
use crate::{
    args::{Purpose, WhichDomain},
    client::Client,
    failure::Failure,
    output::Output,
    view::{
        look::Record,
        zone::{self, RecordSet},
    },
};

pub(super) async fn run(
    which: WhichDomain,
    without: &[Purpose],
    api: &Client,
    server: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let place = find(which, api).await?;
    let domain = until_there_are_records(&place, api, output).await?.domain;
    if domain.records.is_empty() {
        return Err(Failure::NotReady {
            what: format!("The records of {} are not known yet: {}", domain.name, domain.standing()),
            next: format!("Follow it with: tenantry domain watch {}", domain.name),
        });
    }
    let there = dns::zones(server).await?.data;
    if !there.iter().any(|zone| within(&domain.name, zone)) {
        server.put(&["zones", usual_zone(&domain.name)], "{}").await?;
    }
    let sets = sets(&domain.records, without);
    for (set, add) in &sets {
        let body = json!({ "ttl": set.ttl, "values": set.values }).to_string();
        dns::set(&set.name, &set.kind, &body, *add, server).await?;
    }
    let sets: Vec<_> = sets.into_iter().map(|(set, _)| set).collect();
    let document: Vec<Value> = sets
        .iter()
        .map(|set| json!({ "name": set.name, "type": set.kind, "ttl": set.ttl, "values": set.values }))
        .collect();
    output.answer(&json!({ "data": document }).to_string(), |paint| zone::records(&sets, paint))?;
    output.aside(&format!(
        "Published. Have it looked at with: tenantry domain check {} --tenant {} --configured",
        domain.name, domain.tenant_id
    ));
    Ok(())
}

/// The records by name and type, and whether they are to stand besides what is there: other tenants' texts of ownership
/// stay, everything else is as this domain wants it.
fn sets(records: &[Record], without: &[Purpose]) -> Vec<(RecordSet, bool)> {
    let mut sets: BTreeMap<(&str, &str), (RecordSet, bool)> = BTreeMap::new();
    for record in records.iter().filter(|record| without.iter().all(|purpose| purpose.word() != record.purpose)) {
        let value = match record.priority {
            Some(priority) if record.kind == "MX" => format!("{priority} {}", record.value),
            _ => record.value.clone(),
        };
        let (set, add) = sets.entry((&record.name, &record.kind)).or_insert_with(|| {
            let (name, kind) = (record.name.clone(), record.kind.clone());
            (RecordSet { name, kind, ttl: record.ttl.unwrap_or(USUAL_TTL), values: Vec::new() }, true)
        });
        set.values.push(value);
        *add &= record.purpose == "ownership";
    }
    sets.into_values().collect()
}

/// In seconds: who tries things out does not want to wait.
const USUAL_TTL: u32 = 60;

/// The zone that a domain of a laptop would lie in: its last two labels.
fn usual_zone(domain: &str) -> &str {
    let dots: Vec<usize> = domain.match_indices('.').map(|(at, _)| at).collect();
    dots.len().checked_sub(2).map_or(domain, |second| &domain[dots[second] + 1..])
}

fn within(domain: &str, zone: &str) -> bool {
    let zone = zone.trim_end_matches('.');
    domain == zone || domain.strip_suffix(zone).is_some_and(|front| front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_zone_has_two_labels() {
        let domains = ["mail.acme.test", "a.b.acme.test", "acme.test", "test"].map(usual_zone);
        assert_eq!(domains, ["acme.test", "acme.test", "acme.test", "test"]);
        assert!(within("mail.acme.test", "acme.test.") && within("acme.test", "acme.test"));
        assert!(!within("mail.notacme.test", "acme.test"));
    }
}
