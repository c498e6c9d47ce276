//! The zones on disk: one JSON file, whole or absent.

use super::zone::RecordSet;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The file the zones lie in.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
}

impl Store {
    /// Opens the folder, making it where needed.
    pub(super) fn open(folder: &Path) -> Result<Store> {
        std::fs::create_dir_all(folder)?;
        Ok(Store { path: folder.join("zones.json") })
    }

    /// All zones by name; none where nothing was kept yet.
    pub(super) fn load(&self) -> Result<BTreeMap<String, Vec<RecordSet>>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(error),
        };
        let damaged = |_| Error::other("the DNS stand-in's zones.json is damaged: mend or remove it");
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    /// Writes all zones.
    pub(super) fn write(&self, zones: &BTreeMap<String, Vec<&RecordSet>>) -> Result<()> {
        let unfinished = self.path.with_extension("part");
        std::fs::write(&unfinished, serde_json::to_vec_pretty(zones)?)?;
        std::fs::rename(&unfinished, &self.path)
    }
}
