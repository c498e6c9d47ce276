//! An export of a tenant as a file: parts as they came, each a gzip member, and the manifest as the last one. `zcat` reads it.

mod verify;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use verify::{Broken, Verified, verify};
pub use write::Writer;

/// The table of the last line, which is the manifest itself.
const MANIFEST: &str = "manifest";

/// What the API says of an export, as far as it is checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The export.
    pub id: String,
    /// Whose.
    pub tenant_id: String,
    /// It is whole.
    pub complete: bool,
    /// Rows by table.
    pub counts: BTreeMap<String, u64>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part.
#[derive(Debug, Clone, Deserialize)]
pub struct Part {
    /// Its number, counted from 1.
    pub n: u32,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line<R> {
    table: String,
    row: R,
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
