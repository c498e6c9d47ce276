//! The domains on disk: one JSON file, whole or absent.

use super::domain::Domain;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The file the domains lie in.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
}

impl Store {
    /// Opens the folder, making it where needed.
    pub(super) fn open(folder: &Path) -> Result<Store> {
        let path = folder.join("domains.json");
        std::fs::create_dir_all(folder).map_err(|error| unusable("made", folder, &error))?;
        Ok(Store { path })
    }

    /// All domains, oldest first; none where nothing was kept yet.
    pub(super) fn load(&self) -> Result<Vec<Domain>> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unusable("read", &self.path, &error)),
        };
        serde_json::from_slice(&bytes).map_err(|error| {
            let (path, line) = (self.path.display(), error.line());
            Error::other(format!(
                "{path}, where Resend's stand-in keeps its domains, is damaged in line {line}: mend it, or remove it to start \
                 with no domains at the provider"
            ))
        })
    }

    /// Writes all domains.
    pub(super) fn write(&self, domains: &[Domain]) -> Result<()> {
        let unfinished = self.path.with_extension("part");
        std::fs::write(&unfinished, serde_json::to_vec_pretty(domains)?)?;
        std::fs::rename(&unfinished, &self.path)
    }
}

fn unusable(done: &str, path: &Path, error: &Error) -> Error {
    Error::new(error.kind(), format!("{} cannot be {done}: {error}", path.display()))
}
