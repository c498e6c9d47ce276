//! To push: one reference from where it was to where it shall be, the objects, and the remote's report.

use git2::Oid;

use super::{
    AGENT, Advert, ZERO,
    line::{FLUSH, Packet, Packets, put, text},
};
use crate::error::quoted;

/// What the remote said about a push.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// The reference was moved.
    Taken,
    /// It was not.
    Refused {
        /// What the remote said to people; its reason where it said nothing.
        sentence: String,
        /// The reason sounds as if somebody else is moving, or has moved, the reference.
        moving: bool,
    },
}

/// The remote moves the reference only if it is at `old`: the lease is kept there.
pub(super) fn question(advert: &Advert, reference: &str, old: Option<Oid>, new: Oid, pack: &[u8]) -> Vec<u8> {
    let old = old.map_or_else(|| ZERO.to_owned(), |oid| oid.to_string());
    let bands = if advert.can("side-band-64k") { " side-band-64k" } else { "" };
    let mut to = Vec::with_capacity(pack.len() + 300);
    put(&mut to, &format!("{old} {new} {reference}\0 report-status{bands} agent={}\n", AGENT.replace(' ', "-")));
    to.extend_from_slice(FLUSH);
    to.extend_from_slice(pack);
    to
}

/// Reads the report; `None` when it does not say what became of `reference`.
pub(super) fn answer(bytes: &[u8], reference: &str) -> Option<Report> {
    let (mut report, mut said, mut banded) = (Vec::new(), String::new(), false);
    for packet in (Packets { rest: bytes }) {
        match packet {
            Ok(Packet::Line([1, data @ ..])) => {
                banded = true;
                report.extend_from_slice(data);
            }
            Ok(Packet::Line([2 | 3, words @ ..])) => {
                banded = true;
                said.push_str(&String::from_utf8_lossy(words));
            }
            // Without bands the report is the answer itself. What is cut off is read as far as it goes.
            Ok(Packet::Line(_) | Packet::Flush) | Err(_) => {}
        }
    }
    let report = if banded { &report } else { bytes };
    let lines: Vec<String> = Packets { rest: report }
        .map_while(Result::ok)
        .filter_map(|packet| if let Packet::Line(line) = packet { Some(text(line)) } else { None })
        .collect();
    if let Some(why) = lines.iter().find_map(|line| line.strip_prefix("unpack ").filter(|state| *state != "ok")) {
        return Some(refused(&said, &format!("the objects could not be stored ({why})")));
    }
    lines.iter().find_map(|line| {
        if line.strip_prefix("ok ") == Some(reference) {
            return Some(Report::Taken);
        }
        let (name, why) = line.strip_prefix("ng ")?.split_once(' ')?;
        (name == reference).then(|| refused(&said, why))
    })
}

fn refused(said: &str, why: &str) -> Report {
    // Words of git's receive-pack and of the larger servers for "not where you said it is" and "held at the moment".
    const MOVING: [&str; 8] = [
        "failed to update ref",
        "failed to lock",
        "cannot lock ref",
        "non-fast-forward",
        "fetch first",
        "stale info",
        "incorrect old value",
        "already exists",
    ];
    let said = quoted(said);
    let moving = MOVING.iter().any(|words| why.contains(words) || said.contains(words));
    let why = quoted(why);
    let sentence = if said.is_empty() { why } else { format!("{said} ({why})") };
    Report::Refused { sentence, moving }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: &str = "refs/heads/main";

    fn lines(lines: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        lines.iter().for_each(|line| put(&mut bytes, line));
        bytes.extend_from_slice(FLUSH);
        bytes
    }

    fn banded(said: &str, report: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (band, part) in [(2, said.as_bytes()), (1, report)] {
            bytes.extend_from_slice(format!("{:04x}", part.len() + 5).as_bytes());
            bytes.push(band);
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(FLUSH);
        bytes
    }

    #[test]
    fn taken_is_read_with_and_without_bands() {
        let report = lines(&["unpack ok\n", "ok refs/heads/main\n"]);
        assert_eq!(answer(&report, MAIN), Some(Report::Taken));
        assert_eq!(answer(&banded("thank you\n", &report), MAIN), Some(Report::Taken));
    }

    #[test]
    fn a_refusal_carries_the_servers_sentence() {
        let report = lines(&["unpack ok\n", "ng refs/heads/main protected branch hook declined\n"]);
        assert_eq!(
            answer(&banded("error: GH006:\tProtected branch.\x1b[K\n", &report), MAIN),
            Some(Report::Refused {
                sentence: "error: GH006: Protected branch. [K (protected branch hook declined)".into(),
                moving: false
            })
        );
    }

    #[test]
    fn a_lock_and_an_old_value_that_is_not_right_mean_that_somebody_moves_it() {
        for why in ["failed to update ref", "non-fast-forward", "reference already exists"] {
            let report = lines(&["unpack ok\n", &format!("ng refs/heads/main {why}\n")]);
            assert!(matches!(answer(&report, MAIN), Some(Report::Refused { moving: true, .. })), "{why}");
        }
    }

    #[test]
    fn objects_that_could_not_be_stored_are_a_refusal() {
        let report = lines(&["unpack disk full\n", "ng refs/heads/main unpacker error\n"]);
        assert!(
            matches!(answer(&report, MAIN), Some(Report::Refused { sentence, .. }) if sentence.contains("disk full"))
        );
    }

    #[test]
    fn a_report_that_ends_too_early_says_nothing() {
        for bytes in
            [vec![], lines(&["unpack ok\n"]), lines(&["unpack ok\n", "ok refs/heads/other\n"]), b"<html>".to_vec()]
        {
            assert_eq!(answer(&bytes, MAIN), None);
        }
    }
}
