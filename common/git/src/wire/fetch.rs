//! To read: which commits we want, which we have, and the pack that comes back.

use git2::Oid;

use super::{
    AGENT,
    line::{FLUSH, Packet, Packets, put, text},
};
use crate::{error::quoted, wire::Advert};

/// What our copy has already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Have {
    /// Commits with all their files.
    pub(crate) commits: Vec<Oid>,
    /// Commits whose parents we do not have; the remote must know, or it counts on them.
    pub(crate) shallow: Vec<Oid>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Fetched {
    /// The objects; `None` when there are none that we do not have.
    pub(crate) pack: Option<Vec<u8>>,
    /// Commits that came without their parents.
    pub(crate) shallow: Vec<Oid>,
}

/// Why an answer cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// It ends in the middle.
    Broken,
    /// The remote said why not.
    Said(String),
    /// It holds no pack.
    NoPack,
}

/// Wants the commits with their files and without their history: we build on a head, and never look behind it.
pub(super) fn question(advert: &Advert, wants: &[Oid], have: &Have) -> Vec<u8> {
    let mut abilities = vec!["side-band-64k", "ofs-delta", "no-progress"];
    // One server refuses clients without it.
    if advert.can("multi_ack_detailed") {
        abilities.push("multi_ack_detailed");
    }
    let mut to = Vec::new();
    for (at, want) in wants.iter().enumerate() {
        let abilities =
            if at == 0 { format!(" {} agent={}", abilities.join(" "), AGENT.replace(' ', "-")) } else { String::new() };
        put(&mut to, &format!("want {want}{abilities}\n"));
    }
    for shallow in &have.shallow {
        put(&mut to, &format!("shallow {shallow}\n"));
    }
    if advert.can("shallow") {
        put(&mut to, "deepen 1\n");
    }
    to.extend_from_slice(FLUSH);
    for commit in &have.commits {
        put(&mut to, &format!("have {commit}\n"));
    }
    put(&mut to, "done\n");
    to
}

pub(super) fn answer(bytes: &[u8]) -> Result<Fetched, Bad> {
    let mut fetched = Fetched { pack: None, shallow: Vec::new() };
    let (mut pack, mut complete) = (Vec::new(), false);
    for packet in (Packets { rest: bytes }) {
        complete = false;
        match packet.map_err(|_| Bad::Broken)? {
            Packet::Flush => complete = true,
            Packet::Line([1, data @ ..]) => pack.extend_from_slice(data),
            Packet::Line([2, ..]) => {}
            Packet::Line([3, said @ ..]) => return Err(Bad::Said(quoted(&text(said)))),
            Packet::Line(line) => {
                let line = text(line);
                if let Some(said) = line.strip_prefix("ERR ") {
                    return Err(Bad::Said(quoted(said)));
                }
                if let Some(oid) = line.strip_prefix("shallow ") {
                    fetched.shallow.push(Oid::from_str(oid).map_err(|_| Bad::Broken)?);
                }
                // ACK and NAK say what both have; the pack follows from it. `unshallow` does not come: we ask for depth one.
            }
        }
    }
    if !complete {
        return Err(Bad::Broken);
    }
    // "PACK", version, number of objects: gitformat-pack.
    let Some(count) = pack.strip_prefix(b"PACK").and_then(|rest| rest.get(4..8)) else { return Err(Bad::NoPack) };
    if count != [0, 0, 0, 0] {
        fetched.pack = Some(pack);
    }
    Ok(fetched)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn packet(to: &mut Vec<u8>, band: u8, bytes: &[u8]) {
        to.extend_from_slice(format!("{:04x}", bytes.len() + 5).as_bytes());
        to.push(band);
        to.extend_from_slice(bytes);
    }

    #[test]
    fn a_pack_is_put_together_from_its_pieces() {
        let mut bytes = Vec::new();
        put(&mut bytes, "shallow 1111111111111111111111111111111111111111\n");
        bytes.extend_from_slice(FLUSH);
        put(&mut bytes, "NAK\n");
        packet(&mut bytes, 1, b"PACK\0\0\0\x02");
        packet(&mut bytes, 2, b"Counting objects\n");
        packet(&mut bytes, 1, b"\0\0\0\x01rest");
        let cut = answer(&bytes).unwrap_err();
        bytes.extend_from_slice(FLUSH);
        let fetched = answer(&bytes).unwrap();
        assert_eq!(fetched.pack.unwrap(), b"PACK\0\0\0\x02\0\0\0\x01rest");
        assert_eq!(fetched.shallow.len(), 1);
        assert_eq!(cut, Bad::Broken, "without its end it is not whole");
    }

    #[test]
    fn the_remote_is_told_what_our_copy_lacks() {
        let one = Oid::from_str("1111111111111111111111111111111111111111").unwrap();
        let two = Oid::from_str("2222222222222222222222222222222222222222").unwrap();
        let abilities = format!("{two} HEAD\0multi_ack_detailed shallow\n");
        let mut advert = Vec::new();
        put(&mut advert, &abilities);
        advert.extend_from_slice(FLUSH);
        let asked =
            question(&Advert::parse(&advert).unwrap(), &[two], &Have { commits: vec![one], shallow: vec![one] });
        let lines: Vec<_> = Packets { rest: &asked }
            .map(|packet| match packet.unwrap() {
                Packet::Line(line) => text(line),
                Packet::Flush => "flush".to_owned(),
            })
            .collect();
        assert!(
            lines[0]
                .starts_with(&format!("want {two} side-band-64k ofs-delta no-progress multi_ack_detailed agent=git/"))
        );
        // Without its second line a remote counts on files that only the history of our commit has.
        assert_eq!(
            lines[1..],
            [format!("shallow {one}"), "deepen 1".into(), "flush".into(), format!("have {one}"), "done".into()]
        );
    }

    #[test]
    fn a_pack_of_nothing_is_none_and_a_refusal_is_said() {
        let mut nothing = Vec::new();
        packet(&mut nothing, 1, b"PACK\0\0\0\x02\0\0\0\0");
        nothing.extend_from_slice(FLUSH);
        assert!(answer(&nothing).unwrap().pack.is_none());
        let mut refused = Vec::new();
        put(&mut refused, "ERR upload-pack: not our ref\n");
        assert_eq!(answer(&refused).unwrap_err(), Bad::Said("upload-pack: not our ref".into()));
        assert_eq!(answer(FLUSH).unwrap_err(), Bad::NoPack);
    }
}
