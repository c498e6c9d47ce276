//! The objects on disk: one file for each, and one for the version. Files are readable by their owner only, because there
//! are secrets among them.

use super::kind::Key;
use serde_json::Value;
use std::fs;
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The folder the objects lie in.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Opens the folder, making it where needed.
    pub(super) fn open(folder: &Path) -> Result<Disk> {
        fs::create_dir_all(folder.join("objects"))?;
        Ok(Disk { folder: folder.to_owned() })
    }

    /// The version and all objects.
    pub(super) fn load(&self) -> Result<(u64, Vec<Value>)> {
        let version = match fs::read_to_string(self.folder.join("version")) {
            Ok(text) => text.trim().parse().map_err(|_| damaged(&self.folder.join("version")))?,
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let mut objects = Vec::new();
        for entry in fs::read_dir(self.folder.join("objects"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                let object = serde_json::from_slice(&fs::read(&path)?).map_err(|_| damaged(&path))?;
                objects.push(object);
            }
        }
        Ok((version, objects))
    }

    /// Keeps an object. A disk that fails is told in the log: the cluster goes on in memory.
    pub(super) fn write(&self, key: &Key, object: &Value, version: u64) {
        let written = keep(&self.path(key), object.to_string().as_bytes()).and_then(|()| self.count(version));
        told(written);
    }

    /// Forgets an object.
    pub(super) fn remove(&self, key: &Key, version: u64) {
        told(fs::remove_file(self.path(key)).and_then(|()| self.count(version)));
    }

    fn count(&self, version: u64) -> Result<()> {
        keep(&self.folder.join("version"), version.to_string().as_bytes())
    }

    fn path(&self, key: &Key) -> PathBuf {
        // Names of objects are of small letters, digits, hyphens and dots: none is a path.
        self.folder.join("objects").join(format!("{}_{}_{}.json", key.kind.plural(), key.namespace, key.name))
    }
}

/// Writes a file that only its owner reads, whole or not at all.
pub(super) fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    let unfinished = path.with_extension("part");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(bytes)?;
    fs::rename(&unfinished, path)
}

fn damaged(path: &Path) -> Error {
    Error::other(format!("{}, where the cluster stand-in keeps its state, is damaged: remove it", path.display()))
}

fn told(result: Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the cluster stand-in could not keep an object");
    }
}
