//! Rows, and a cluster in which they were written.

use std::collections::BTreeMap;

use reconcile_cluster::{
    labels,
    plan::Recorded,
    render::{Hostname, Rendering, Service},
};
use tenantry_cluster::{Found, Key, Object};
use tenantry_model::TenantId;
use uuid::Uuid;

/// The row with this number; numbers and ids are in the same order.
pub(crate) fn row(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) fn hostname(number: u128) -> Hostname {
    named(number, &format!("portal.acme{number}.test"))
}

pub(crate) fn named(number: u128, host: &str) -> Hostname {
    let tenant = Uuid::from_u128(0xa1b2_c3d4_0000_4000_8000_0000_0000_0000 + number);
    Hostname {
        id: row(number),
        tenant: TenantId(tenant),
        slug: format!("acme{number}"),
        host: host.to_owned(),
        secret: format!("portal-domain-{}", &tenant.simple().to_string()[..7]),
    }
}

pub(crate) fn rendering() -> Rendering {
    Rendering::new(Service { host: "portal.msp.svc.cluster.local".to_owned(), port: 3000 })
}

pub(crate) fn objects(numbers: impl IntoIterator<Item = u128>) -> Vec<Object> {
    let hostnames: Vec<Hostname> = numbers.into_iter().map(hostname).collect();
    rendering().all(&hostnames).unwrap()
}

/// These objects as a server has them after they were applied.
pub(crate) fn there(objects: &[Object]) -> Vec<Found> {
    objects
        .iter()
        .map(|object| Found {
            key: object.key.clone(),
            uid: format!("uid-{}-{}", object.key.kind.plural(), object.key.name),
            resource_version: "7".to_owned(),
            generation: 1,
            labels: object.labels.clone(),
            annotations: object.annotations.clone(),
            deleting: false,
        })
        .collect()
}

/// What is recorded after these were applied.
pub(crate) fn recorded(found: &[Found]) -> BTreeMap<Key, Recorded> {
    found
        .iter()
        .map(|found| {
            let hash = found.annotations[labels::HASH].clone();
            (found.key.clone(), Recorded { generation: found.generation, hash, uid: found.uid.clone() })
        })
        .collect()
}
