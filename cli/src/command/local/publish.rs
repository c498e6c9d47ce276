//! `tenantry local dns publish`: what the owner of a domain does at the panel of its DNS host, done at the local stack's.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::{
        domain::{find, until_there_are_records},
        portal, whose,
    },
    dns,
};
use crate::{
    args::{Paging, Purpose, WhichDomain},
    client::{Client, List},
    failure::Failure,
    output::Output,
    view::{
        look::Record,
        portal::Hostname,
        zone::{self, RecordSet},
    },
};

/// A name, what it needs, and what to do once that is published.
struct Needs {
    name: String,
    records: Vec<Record>,
    then: String,
}

pub(super) async fn run(
    which: WhichDomain,
    without: &[Purpose],
    api: &Client,
    server: &Client,
    output: &Output,
) -> Result<(), Failure> {
    let Needs { name, records, then } = needs(which, api, output).await?;
    let there = dns::zones(server).await?.data;
    if !there.iter().any(|zone| within(&name, zone)) {
        server.put(&["zones", usual_zone(&name)], "{}").await?;
    }
    let sets = sets(&records, without);
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
    output.aside(&format!("Published. Have it looked at with: {then}"));
    Ok(())
}

/// What a sending domain of that name needs; where there is none, what a portal's hostname does.
async fn needs(which: WhichDomain, api: &Client, output: &Output) -> Result<Needs, Failure> {
    let (name, tenant) = (which.domain.trim().trim_end_matches('.').to_owned(), which.tenant.clone());
    match of_domain(which, api, output).await {
        Err(unknown) if is_unknown(&unknown) => of_hostname(&name, tenant, api).await?.ok_or(unknown),
        other => other,
    }
}

/// Nobody has a sending domain of that name.
fn is_unknown(failure: &Failure) -> bool {
    matches!(failure, Failure::Input { .. }) || matches!(failure, Failure::Refused(problem) if problem.status == 404)
}

async fn of_domain(which: WhichDomain, api: &Client, output: &Output) -> Result<Needs, Failure> {
    let place = find(which, api).await?;
    let domain = until_there_are_records(&place, api, output).await?.domain;
    if domain.records.is_empty() {
        return Err(Failure::NotReady {
            what: format!("The records of {} are not known yet: {}", domain.name, domain.standing()),
            next: format!("Follow it with: tenantry domain watch {}", domain.name),
        });
    }
    let then = format!("tenantry domain check {} --tenant {} --configured", domain.name, domain.tenant_id);
    Ok(Needs { name: domain.name, records: domain.records, then })
}

async fn of_hostname(name: &str, tenant: Option<String>, api: &Client) -> Result<Option<Needs>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Found {
        tenant_id: String,
    }
    let tenant = match whose::tenant_if_any(tenant, api).await? {
        Some(tenant) => tenant,
        None => {
            let filters = [("domain", Some(name.to_owned()))];
            let paging = Paging { limit: None, after: None, all: false };
            let found: List<Found> = api.list(&["v1", "portal-domains"], &filters, &paging).await?;
            match found.data.as_slice() {
                [] => return Ok(None),
                [one] => one.tenant_id.clone(),
                _ => {
                    return Err(Failure::Usage {
                        what: format!("Several tenants have set the hostname {name}"),
                        next: "Say which one is meant with --tenant.".to_owned(),
                    });
                }
            }
        }
    };
    let mut portal = portal::look(&tenant, api).await?.portal;
    let is_it = |one: &mut Hostname| one.is_called(name);
    let found = portal.replacement.take_if(is_it).or_else(|| portal.hostname.take_if(is_it));
    let then = format!("tenantry portal refresh --tenant {tenant}");
    Ok(found.map(|one| Needs { name: one.domain, records: one.records, then }))
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
