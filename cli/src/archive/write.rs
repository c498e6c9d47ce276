//! An export is written: beside its name first, so that a file of that name is a whole one.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::value::RawValue;

use super::{Line, MANIFEST, Part, sha256};

/// Writes a file; dropped before [`Writer::finish`], nothing is left of it.
#[derive(Debug)]
pub struct Writer {
    file: Option<BufWriter<File>>,
    beside: PathBuf,
    name: PathBuf,
}

impl Writer {
    /// A new file. It holds what nobody but its owner should read.
    ///
    /// # Errors
    /// `AlreadyExists` where there is a file of that name; or it cannot be written there.
    pub fn create(name: &Path) -> io::Result<Self> {
        if name.try_exists()? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let beside = name.with_added_extension("part");
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = BufWriter::new(options.open(&beside)?);
        Ok(Self { file: Some(file), beside, name: name.to_owned() })
    }

    /// Writes a part, if it is what the manifest says; false when it is not.
    ///
    /// # Errors
    /// The disk is full.
    pub fn part(&mut self, part: &Part, bytes: &[u8]) -> io::Result<bool> {
        if bytes.len() as u64 != part.size || sha256(bytes) != part.sha256 {
            return Ok(false);
        }
        if let Some(file) = &mut self.file {
            file.write_all(bytes)?;
        }
        Ok(true)
    }

    /// Writes the manifest as the API gave it, and gives the file its name.
    ///
    /// # Errors
    /// The disk is full.
    pub fn finish(mut self, manifest: &str) -> io::Result<()> {
        let row: &RawValue = serde_json::from_str(manifest)?;
        let line = serde_json::to_string(&Line { table: MANIFEST.to_owned(), row })?;
        if let Some(mut file) = self.file.take() {
            let mut gzip = GzEncoder::new(&mut file, Compression::default());
            gzip.write_all(line.replace(['\n', '\r'], " ").as_bytes())?;
            gzip.write_all(b"\n")?;
            gzip.finish()?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&self.beside, &self.name)?;
        }
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ignored = fs::remove_file(&self.beside);
        }
    }
}
