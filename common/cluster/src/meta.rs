//! An object's metadata, out of what the server answers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::{ClusterError, Found, Key, Kind};

/// As much of `ObjectMeta` as we read; `managedFields` alone are longer than the rest together.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    pub(crate) uid: String,
    pub(crate) resource_version: String,
    #[serde(default)]
    pub(crate) generation: i64,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) deletion_timestamp: Option<String>,
    #[serde(default)]
    pub(crate) owner_references: Vec<Owner>,
}

/// What an object belongs to.
#[derive(Debug, Deserialize)]
pub(crate) struct Owner {
    pub(crate) uid: String,
}

/// An object's metadata.
///
/// # Errors
/// [`ClusterError::Unreadable`] when it has none, or no uid.
pub(crate) fn of(object: &Value) -> Result<Meta, ClusterError> {
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    Meta::deserialize(metadata)
        .map_err(|_| ClusterError::Unreadable { why: "an object without name, uid or version".to_owned() })
}

/// As [`of`], as a plan needs it.
pub(crate) fn found(kind: Kind, namespace: &str, object: &Value) -> Result<Found, ClusterError> {
    let meta = of(object)?;
    if meta.namespace.as_deref() != Some(namespace) {
        return Err(ClusterError::Unreadable { why: "an object of another namespace than was asked".to_owned() });
    }
    Ok(Found {
        key: Key { kind, namespace: namespace.to_owned(), name: meta.name },
        uid: meta.uid,
        resource_version: meta.resource_version,
        generation: meta.generation,
        labels: meta.labels,
        annotations: meta.annotations,
        deleting: meta.deletion_timestamp.is_some(),
    })
}
