//! Objects as the text that is kept in the repository: one file for a tenant, the same bytes for the same rows.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tenantry_cluster::Object;

use crate::render::{Hostname, Rendering};

/// The first line of each file that is ours; a file without it is somebody else's.
pub const FIRST_LINE: &str = "# Written by Tenantry from its database. Whatever is edited here is overwritten.";

/// An object that could not be written as text.
#[derive(Debug, thiserror::Error)]
pub enum YamlError {
    /// A setting that JSON cannot hold.
    #[error("an object could not be rendered")]
    Render(#[from] serde_json::Error),
    /// A value that YAML cannot hold.
    #[error("an object could not be written as YAML")]
    Write(#[from] serde_saphyr::ser::Error),
}

/// A file of this name says what else is in its folder, to whoever applies it.
const KUSTOMIZATION: &str = "kustomization";

/// The name of a tenant's file, without the folder: `<slug>.yaml`; the tenant's id where the slug is no plain name, so
/// that no row can name a file outside its folder.
#[must_use]
pub fn file_name(hostname: &Hostname) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let taken = hostname.slug == KUSTOMIZATION;
    if !taken && !hostname.slug.is_empty() && hostname.slug.chars().all(plain) && !hostname.slug.starts_with('-') {
        format!("{}.yaml", hostname.slug)
    } else {
        format!("{}.yaml", hostname.tenant)
    }
}

/// Every tenant's file by its name.
///
/// # Errors
/// None in practice: see [`YamlError`].
pub fn files(rendering: &Rendering, hostnames: &[Hostname]) -> Result<BTreeMap<String, String>, YamlError> {
    let mut tenants: BTreeMap<String, Vec<&Hostname>> = BTreeMap::new();
    for hostname in hostnames {
        tenants.entry(file_name(hostname)).or_default().push(hostname);
    }
    let mut files = BTreeMap::new();
    for (name, mut hostnames) in tenants {
        hostnames.sort_by_key(|hostname| hostname.id);
        let mut objects = Vec::with_capacity(hostnames.len() * 3);
        for hostname in hostnames {
            objects.extend(rendering.objects(hostname)?);
        }
        files.insert(name, file(&objects)?);
    }
    Ok(files)
}

/// These objects as one file, a document each, in this order.
///
/// # Errors
/// None in practice: see [`YamlError`].
pub fn file(objects: &[Object]) -> Result<String, YamlError> {
    let mut text = format!("{FIRST_LINE}\n");
    for object in objects {
        text.push_str("---\n");
        text.push_str(&document(object)?);
    }
    Ok(text)
}

/// An object as one YAML document without a marker: keys sorted, no time in it, ends with a line feed. A text that
/// YAML 1.1 or 1.2 would read as something else (`no`, `1e3`, `0o7`) is quoted.
///
/// # Errors
/// None in practice: see [`YamlError`].
pub fn document(object: &Object) -> Result<String, YamlError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Document<'a> {
        api_version: &'a str,
        kind: &'a str,
        metadata: Metadata<'a>,
        spec: &'a Value,
    }
    #[derive(Serialize)]
    struct Metadata<'a> {
        annotations: &'a BTreeMap<String, String>,
        labels: &'a BTreeMap<String, String>,
        name: &'a str,
        namespace: &'a str,
    }
    let document = Document {
        api_version: object.key.kind.api_version(),
        kind: object.key.kind.as_str(),
        metadata: Metadata {
            annotations: &object.annotations,
            labels: &object.labels,
            name: &object.key.name,
            namespace: &object.key.namespace,
        },
        spec: &object.spec,
    };
    // A long text stays on its line: folding would make a diff of a word a diff of a paragraph.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let mut text = serde_saphyr::to_string_with_options(&document, options)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
