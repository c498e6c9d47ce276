//! Everything that a plan is made of, read: first the cluster and the repository, then the rows. A row is always there before what is
//! made from it, so that what is found in the cluster and not in the rows is nobody's, and not only newer.

use std::collections::{BTreeMap, BTreeSet};

use tenantry_cluster::{Cluster, Found, Key, Kind, Object};
use tenantry_model::{ErrorClass, Fault, TenantId};
use tenantry_store::{
    Db,
    portal::{self, Served},
};
use uuid::Uuid;

use crate::{
    files, labels,
    parts::{Parts, said},
    plan::{Known, Recorded},
    render::Hostname,
    yaml,
};

/// What is wanted, and what is there.
pub(crate) struct World {
    /// Every object that is wanted.
    pub(crate) desired: Vec<Object>,
    /// ... and file.
    pub(crate) wanted_files: BTreeMap<String, String>,
    /// Every object of ours that is there, and what has a name that we want.
    pub(crate) found: Vec<Found>,
    /// Every file of the folder in the repository.
    pub(crate) present_files: BTreeMap<String, String>,
    /// What the rows say.
    pub(crate) known: Known,
    /// What was made of each object last.
    pub(crate) recorded: BTreeMap<Key, Recorded>,
    /// The wishes that this fulfils.
    pub(crate) wishes: Vec<(Uuid, i32)>,
    /// ... of those that are wanted no more.
    pub(crate) down: Vec<(Uuid, i32)>,
}

impl World {
    /// Reads it.
    pub(crate) async fn read(db: &Db, parts: &Parts, cluster: Option<&Cluster>) -> Result<Self, Fault> {
        let recorded = recorded(portal::recorded(&mut *db.connection().await?, None).await?);
        let mut found = match cluster {
            Some(cluster) => list(cluster, parts, &recorded).await?,
            None => Vec::new(),
        };
        let present_files = present(parts).await?;
        let mut connection = db.connection().await?;
        let served = portal::served(&mut connection).await?;
        let mentioned: BTreeSet<Uuid> = found.iter().filter_map(labels::row).chain(rows_in(&present_files)).collect();
        let mentioned: Vec<Uuid> = mentioned.into_iter().collect();
        let down = portal::known_down(&mut connection, &mentioned).await?;
        drop(connection);
        let hostnames: Vec<Hostname> = served.iter().map(hostname).collect();
        let unreadable = |_| Fault::new(ErrorClass::InternalError, "a hostname cannot be written as an object");
        let desired = parts.rendering.all(&hostnames).map_err(unreadable)?;
        let wanted_files = yaml::files(&parts.rendering, &hostnames)
            .map_err(|_| Fault::new(ErrorClass::InternalError, "a hostname cannot be written as a file"))?;
        if let Some(cluster) = cluster {
            let wanted = desired.iter().map(|object| object.key.clone());
            by_name(cluster, wanted.chain(last_places(parts, &recorded, &down)).collect(), &mut found).await?;
        }
        Ok(Self {
            desired,
            wanted_files,
            found,
            present_files,
            known: Known {
                retired: down.iter().map(|(id, _)| *id).collect(),
                serving: served.iter().map(|row| row.id).collect(),
            },
            recorded,
            wishes: served.iter().map(|row| (row.id, row.revision)).collect(),
            down,
        })
    }
}

fn hostname(row: &Served) -> Hostname {
    Hostname {
        id: row.id,
        tenant: TenantId(row.tenant_id),
        slug: row.slug.clone(),
        host: row.domain.clone(),
        secret: row.secret_name.clone(),
    }
}

/// Everything with our label, where we write today and where we have written before.
async fn list(cluster: &Cluster, parts: &Parts, recorded: &BTreeMap<Key, Recorded>) -> Result<Vec<Found>, Fault> {
    let today = Kind::ALL.map(|kind| (kind, parts.rendering.key(kind, Uuid::nil()).namespace));
    let before = recorded.keys().map(|key| (key.kind, key.namespace.clone()));
    let places: BTreeSet<(Kind, String)> = today.into_iter().chain(before).collect();
    let selector = labels::selector();
    let mut all = Vec::new();
    for (kind, namespace) in places {
        all.extend(cluster.list(kind, &namespace, &selector).await.map_err(said)?);
    }
    Ok(all)
}

/// Where objects of hostnames that are to be down may be: a name is not free as long as one of them is there, whatever a list says.
fn last_places(parts: &Parts, recorded: &BTreeMap<Key, Recorded>, down: &[(Uuid, i32)]) -> impl Iterator<Item = Key> {
    let names: BTreeMap<String, Uuid> = down.iter().map(|(row, _)| (labels::name(*row), *row)).collect();
    let before = recorded.keys().filter(|key| names.contains_key(&key.name)).cloned().collect::<Vec<_>>();
    let today = names.values().flat_map(|row| Kind::ALL.map(|kind| parts.rendering.key(kind, *row)));
    today.collect::<Vec<_>>().into_iter().chain(before)
}

/// What has one of these names and was not in the lists: something in the way of what we want, or ours with its labels gone.
async fn by_name(cluster: &Cluster, keys: BTreeSet<Key>, found: &mut Vec<Found>) -> Result<(), Fault> {
    let there: BTreeSet<Key> = found.iter().map(|found| found.key.clone()).collect();
    let missing: Vec<&Key> = keys.difference(&there).collect();
    for some in missing.chunks(16) {
        for looked in futures::future::join_all(some.iter().map(|key| cluster.get(key))).await {
            found.extend(looked.map_err(said)?.map(|(found, _)| found));
        }
    }
    Ok(())
}

async fn present(parts: &Parts) -> Result<BTreeMap<String, String>, Fault> {
    let files = match (&parts.manifests, &parts.folder) {
        (Some(manifests), _) => manifests.repository.read(&manifests.root).await?.files,
        (None, Some(folder)) => crate::folder::read(folder).await?,
        (None, None) => BTreeMap::new(),
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let yaml = |name: &str| name.ends_with(".yaml") && !name.contains('/');
    Ok(files.into_iter().filter(|(name, _)| yaml(name)).map(|(name, bytes)| (name, text(bytes))).collect())
}

fn rows_in(files: &BTreeMap<String, String>) -> impl Iterator<Item = Uuid> {
    files.values().filter(|text| text.starts_with(yaml::FIRST_LINE)).flat_map(|text| files::rows(text))
}

/// What was taken; what was refused is written again.
fn recorded(rows: Vec<portal::Recorded>) -> BTreeMap<Key, Recorded> {
    let mut recorded = BTreeMap::new();
    for row in rows {
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == row.kind) else { continue };
        let key = Key { kind, namespace: row.namespace, name: row.name };
        if let (None, Some(generation), Some(uid)) = (row.refused, row.generation, row.uid) {
            recorded.insert(key, Recorded { generation, hash: row.hash, uid });
        }
    }
    recorded
}
