//! An export is read back: is everything there, and as it was written?

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::Path,
};

use flate2::read::MultiGzDecoder;
use serde::de::IgnoredAny;

use super::{Line, MANIFEST, Manifest, sha256};

/// What a whole file holds.
#[derive(Debug)]
pub struct Verified {
    /// What is written in it.
    pub manifest: Manifest,
    /// Rows in all.
    pub rows: u64,
}

/// Why a file is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// It is no gzip, or ends in the middle.
    #[error("it is not gzip throughout, or ends too early: {0}")]
    Gzip(String),
    /// A line is none of an export.
    #[error("line {0} is no row of an export")]
    Line(u64),
    /// The last line is no manifest.
    #[error("it does not end with a manifest")]
    NoManifest,
    /// A part is not what the manifest says.
    #[error("part {0} is not what was written: its SHA-256 is another")]
    Part(u32),
    /// Something is there that the manifest does not know, or is missing.
    #[error("of {table} there are {found} rows, and the manifest says {written}")]
    Count {
        /// The table.
        table: String,
        /// Rows in the file.
        found: u64,
        /// Rows by the manifest.
        written: u64,
    },
    /// The manifest itself says that something is missing.
    #[error("the export was not complete when it was read")]
    Incomplete,
}

/// Reads a file twice: its lines against the counts, its bytes against the hashes.
///
/// # Errors
/// What is wrong with it.
pub fn verify(file: &Path) -> Result<Verified, Broken> {
    let (found, manifest) = lines(file)?;
    if !manifest.complete {
        return Err(Broken::Incomplete);
    }
    parts(file, &manifest)?;
    for table in manifest.counts.keys().chain(found.keys()) {
        let count = |counts: &BTreeMap<String, u64>| counts.get(table).copied().unwrap_or_default();
        let (found, written) = (count(&found), count(&manifest.counts));
        if found != written {
            return Err(Broken::Count { table: table.clone(), found, written });
        }
    }
    Ok(Verified { rows: found.values().sum(), manifest })
}

fn lines(file: &Path) -> Result<(BTreeMap<String, u64>, Manifest), Broken> {
    let mut text = BufReader::new(MultiGzDecoder::new(BufReader::new(File::open(file)?)));
    let (mut counts, mut number, mut line) = (BTreeMap::new(), 0, String::new());
    loop {
        line.clear();
        number += 1;
        if text.read_line(&mut line).map_err(|error| Broken::Gzip(error.to_string()))? == 0 {
            return Err(Broken::NoManifest);
        }
        let read: Line<IgnoredAny> = serde_json::from_str(&line).map_err(|_| Broken::Line(number))?;
        if read.table == MANIFEST {
            let last: Line<Manifest> = serde_json::from_str(&line).map_err(|_| Broken::NoManifest)?;
            let mut more = [0];
            if text.read(&mut more).map_err(|error| Broken::Gzip(error.to_string()))? > 0 {
                return Err(Broken::NoManifest);
            }
            return Ok((counts, last.row));
        }
        *counts.entry(read.table).or_default() += 1;
    }
}

fn parts(file: &Path, manifest: &Manifest) -> Result<(), Broken> {
    let mut bytes = BufReader::new(File::open(file)?);
    for part in &manifest.parts {
        let mut read = Vec::new();
        bytes.by_ref().take(part.size).read_to_end(&mut read)?;
        if sha256(&read) != part.sha256 {
            return Err(Broken::Part(part.n));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};
    use serde_json::json;

    use super::{
        super::{Part, Writer},
        *,
    };

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    /// Two parts, of which the second goes on with a line of the first.
    fn written(folder: &Path, users: u64) -> std::path::PathBuf {
        let parts =
            [gzip("{\"table\":\"users\",\"row\":{\"id\":1}}\n{\"table\":\"us"), gzip("ers\",\"row\":{\"id\":2}}\n")];
        let shown: Vec<_> = (1..)
            .zip(&parts)
            .map(|(n, bytes)| json!({ "n": n, "size": bytes.len(), "sha256": sha256(bytes) }))
            .collect();
        let manifest = json!({
            "id": "run_1", "tenantId": "ten_1", "complete": true, "counts": { "users": users }, "parts": shown,
        });
        let file = folder.join(format!("export-{users}.gz"));
        let mut writer = Writer::create(&file).unwrap();
        let read: Manifest = serde_json::from_value(manifest.clone()).unwrap();
        for (part, bytes) in read.parts.iter().zip(&parts) {
            assert!(!writer.part(&Part { sha256: "0".repeat(64), ..part.clone() }, bytes).unwrap());
            assert!(writer.part(part, bytes).unwrap());
        }
        writer.finish(&manifest.to_string()).unwrap();
        file
    }

    #[test]
    fn what_was_written_is_read_back_and_every_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), 2);
        let verified = verify(&file).unwrap();
        assert_eq!((verified.rows, verified.manifest.parts.len()), (2, 2));

        let whole = std::fs::read(&file).unwrap();
        let mut seen = 0;
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x20;
            std::fs::write(&file, &changed).unwrap();
            // Of a gzip header some bits mean nothing to its reader; the hash knows.
            seen += usize::from(verify(&file).is_err());
        }
        let manifest = whole.len() - verified.manifest.parts.iter().map(|part| part.size as usize).sum::<usize>();
        assert!(seen >= whole.len() - manifest, "{seen} of {}", whole.len());
        for length in [0, 10, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&file, &whole[..length]).unwrap();
            assert!(verify(&file).is_err(), "{length}");
        }
    }

    #[test]
    fn counts_are_compared_and_no_file_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), 3);
        assert!(matches!(verify(&file), Err(Broken::Count { found: 2, written: 3, .. })));
        assert_eq!(Writer::create(&file).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        drop(Writer::create(&folder.path().join("dropped.gz")).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of what was dropped");
    }
}
