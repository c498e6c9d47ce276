//! What was seen, judged.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Wanted;

/// How a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    /// It is there, at every server that answered.
    Detected,
    /// Something else is there.
    Mismatch,
    /// Nothing is there.
    Missing,
    /// It is there, and something beside it makes it useless: a second one, or a CNAME.
    Conflict,
    /// Nobody could say. Never counted as missing.
    LookupFailed,
    /// Nobody has asked yet.
    NotChecked,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// It works, and should be mended.
    Warning,
    /// It stands in the way.
    Error,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which, in `snake_case`: stable, for programs; [`CODES`](crate::CODES) has them all.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// The record it is about, as `TXT send.example.com`; none: the domain as a whole.
    pub record: Option<String>,
    /// What we saw, in one sentence.
    pub saw: String,
    /// What to do, in one sentence.
    pub advice: String,
}

/// Whether the domain can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every required record is there.
    Ready,
    /// Something is missing or wrong.
    NotReady,
    /// Too much could not be looked up to say either.
    Unclear,
}

/// A record and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordReport {
    /// What should be there.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// How it stands.
    pub status: RecordStatus,
    /// What is there instead, as a zone file would say it; empty where it is as it should be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saw: Vec<String>,
    /// The servers that were asked, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
    /// How long the world may remember what was seen, in seconds: the record's TTL or, where there is none, the zone's for a "no".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_ttl: Option<u32>,
}

/// The company whose name servers hold the zone, and its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostHint {
    /// Its name.
    pub name: String,
    /// What it calls the field for a record's name, and what belongs into it.
    pub name_field: String,
    /// What it calls the field for a record's value, and what belongs into it.
    pub value_field: String,
    /// Something else to know there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Everything that can be said after a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The domain.
    pub domain: String,
    /// Whether it can be used.
    pub verdict: Verdict,
    /// The zone that holds it.
    pub zone: Option<String>,
    /// Who hosts the zone, where that is recognised.
    pub host: Option<HostHint>,
    /// The records, in the order they were given.
    pub records: Vec<RecordReport>,
    /// What was found, what matters most first.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ready => "ready",
            Self::NotReady => "not_ready",
            Self::Unclear => "unclear",
        })
    }
}
