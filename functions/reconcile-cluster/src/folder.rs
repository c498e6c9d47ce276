//! The manifests as files of a folder: what a repository would hold, for whoever has none.

use std::{collections::BTreeMap, io, path::Path};

use tenantry_model::{ErrorClass, Fault};

/// Every `.yaml` file of the folder; one that is not there is empty.
///
/// # Errors
/// It cannot be read.
pub(crate) async fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
    let mut files = BTreeMap::new();
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        Err(error) => return Err(unusable(&error)),
    };
    while let Some(entry) = entries.next_entry().await.map_err(|error| unusable(&error))? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".yaml") {
            files.insert(name, tokio::fs::read(entry.path()).await.map_err(|error| unusable(&error))?);
        }
    }
    Ok(files)
}

/// Writes and removes files, each at once or not at all.
///
/// # Errors
/// It cannot be written.
pub(crate) async fn write(folder: &Path, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<(), Fault> {
    tokio::fs::create_dir_all(folder).await.map_err(|error| unusable(&error))?;
    for (name, content) in changes {
        let path = folder.join(name);
        let done = match content {
            Some(content) => {
                let beside = folder.join(format!(".{name}.new"));
                match tokio::fs::write(&beside, content).await {
                    Ok(()) => tokio::fs::rename(&beside, &path).await,
                    Err(error) => Err(error),
                }
            }
            None => match tokio::fs::remove_file(&path).await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            },
        };
        done.map_err(|error| unusable(&error))?;
    }
    Ok(())
}

fn unusable(error: &io::Error) -> Fault {
    Fault::new(ErrorClass::InternalError, format!("The folder of manifests cannot be used: {}.", error.kind()))
}
