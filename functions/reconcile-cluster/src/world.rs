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
    parts::Parts,
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
        let mut found = match cluster {
            Some(cluster) => list(cluster, parts).await?,
            None => Vec::new(),
        };
        let present_files = present(parts).await?;
        let mut connection = db.connection().await?;
        let served = portal::served(&mut connection).await?;
        let mentioned: BTreeSet<Uuid> = found.iter().filter_map(labels::row).chain(rows_in(&present_files)).collect();
        let mentioned: Vec<Uuid> = mentioned.into_iter().collect();
        let down = portal::known_down(&mut connection, &mentioned).await?;
        let recorded = recorded(portal::recorded(&mut connection, None).await?);
        drop(connection);
        let hostnames: Vec<Hostname> = served.iter().map(hostname).collect();
        let unreadable = |_| Fault::new(ErrorClass::InternalError, "a hostname cannot be written as an object");
        let desired = parts.rendering.all(&hostnames).map_err(unreadable)?;
        let wanted_files = yaml::files(&parts.rendering, &hostnames)
            .map_err(|_| Fault::new(ErrorClass::InternalError, "a hostname cannot be written as a file"))?;
        if let Some(cluster) = cluster {
            strangers(cluster, &desired, &mut found).await?;
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

async fn list(cluster: &Cluster, parts: &Parts) -> Result<Vec<Found>, Fault> {
    let selector = labels::selector();
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let namespace = parts.rendering.key(kind, Uuid::nil()).namespace;
        all.extend(cluster.list(kind, &namespace, &selector).await.map_err(|error| error.fault())?);
    }
    Ok(all)
}

/// What has a name that we want, and not our label: it is in the way, and must be known to be.
async fn strangers(cluster: &Cluster, desired: &[Object], found: &mut Vec<Found>) -> Result<(), Fault> {
    let there: BTreeSet<Key> = found.iter().map(|found| found.key.clone()).collect();
    let missing: Vec<&Object> = desired.iter().filter(|object| !there.contains(&object.key)).collect();
    for some in missing.chunks(16) {
        let looked = futures::future::join_all(some.iter().map(|object| cluster.get(&object.key))).await;
        for looked in looked {
            found.extend(looked.map_err(|error| error.fault())?.map(|(found, _)| found));
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
