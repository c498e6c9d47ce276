//! What a remote shows first: its branches, and what it can do.

use std::collections::BTreeMap;

use git2::Oid;

use super::line::{Packet, Packets, text};
use crate::error::quoted;

/// What a remote shows first.
#[derive(Debug, Default)]
pub(crate) struct Advert {
    references: BTreeMap<String, Oid>,
    capabilities: Vec<String>,
}

impl Advert {
    /// Where a branch is.
    pub(crate) fn branch(&self, name: &str) -> Option<Oid> {
        self.references.get(&format!("refs/heads/{name}")).copied()
    }

    /// Whether the remote can do something.
    pub(super) fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// Reads it, with or without HTTP's line `# service=` before it.
    ///
    /// # Errors
    /// What was seen instead.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut advert = Self::default();
        let mut complete = false;
        for packet in (Packets { rest: bytes }) {
            let line = match packet.map_err(|_| "its answer is not git's smart protocol".to_owned())? {
                Packet::Flush => {
                    complete = true;
                    continue;
                }
                Packet::Line(line) => text(line),
            };
            complete = false;
            if line.starts_with("# service=") || line.starts_with("version ") || line.starts_with("shallow ") {
                continue;
            }
            if let Some(said) = line.strip_prefix("ERR ") {
                return Err(format!("it said \"{}\"", quoted(said)));
            }
            advert.take(&line)?;
        }
        if complete { Ok(advert) } else { Err("its answer was cut off".to_owned()) }
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let (reference, capabilities) = line.split_once('\0').unwrap_or((line, ""));
        self.capabilities.extend(capabilities.split_ascii_whitespace().map(str::to_owned));
        if self.capabilities.iter().any(|one| one.starts_with("object-format=") && one != "object-format=sha1") {
            return Err("its objects are named by SHA-256, which we cannot read".to_owned());
        }
        let (oid, name) = reference.split_once(' ').ok_or("its list of branches cannot be read")?;
        let oid = Oid::from_str(oid).map_err(|_| "its list of branches cannot be read")?;
        if !oid.is_zero() && !name.ends_with("^{}") {
            self.references.insert(name.to_owned(), oid);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{super::line::put, *};

    const ONE: &str = "1111111111111111111111111111111111111111";

    fn lines(lines: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        lines
            .iter()
            .for_each(|line| if line.is_empty() { bytes.extend_from_slice(b"0000") } else { put(&mut bytes, line) });
        bytes
    }

    #[test]
    fn branches_and_abilities_are_read() {
        let first = format!("{ONE} HEAD\0side-band-64k shallow object-format=sha1\n");
        let bytes = lines(&["# service=git-upload-pack\n", "", &first, &format!("{ONE} refs/heads/main\n"), ""]);
        let advert = Advert::parse(&bytes).unwrap();
        assert_eq!(advert.branch("main").unwrap().to_string(), ONE);
        assert_eq!(advert.branch("other"), None);
        assert!(advert.can("shallow") && !advert.can("atomic"));
    }

    #[test]
    fn an_empty_repository_has_abilities_and_no_branch() {
        let advert =
            Advert::parse(&lines(&[&format!("{} capabilities^{{}}\0report-status\n", super::super::ZERO), ""]))
                .unwrap();
        assert!(advert.references.is_empty() && advert.can("report-status"));
    }

    #[test]
    fn what_is_no_list_of_branches_is_said() {
        let sha256 = format!("{} capabilities^{{}}\0object-format=sha256\n", super::super::ZERO);
        for (bytes, saw) in [
            (b"<html>".to_vec(), "not git's smart protocol"),
            (lines(&["ERR no such\x07 repository\n", ""]), "no such repository"),
            (lines(&[&sha256, ""]), "SHA-256"),
            (lines(&[&format!("{ONE} refs/heads/main\0\n")]), "cut off"),
            (lines(&["main\n", ""]), "cannot be read"),
        ] {
            assert!(Advert::parse(&bytes).unwrap_err().contains(saw), "{saw}");
        }
    }
}
