//! Packet lines: four hexadecimal digits of length, then that many bytes less four (`gitprotocol-common`).

/// What ends a group of lines.
pub(super) const FLUSH: &[u8] = b"0000";

/// Appends one line.
pub(super) fn put(to: &mut Vec<u8>, line: &str) {
    to.extend_from_slice(format!("{:04x}", line.len() + 4).as_bytes());
    to.extend_from_slice(line.as_bytes());
}

/// One packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// A line, as it came.
    Line(&'a [u8]),
    /// The end of a group.
    Flush,
}

/// Takes packets off the front of `rest`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packets<'a> {
    pub(super) rest: &'a [u8],
}

/// The bytes are no packet lines, or end in the middle of one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let taken = self.take();
        if taken.is_err() {
            self.rest = &[];
        }
        Some(taken)
    }
}

impl<'a> Packets<'a> {
    fn take(&mut self) -> Result<Packet<'a>, Broken> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or(Broken)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(Broken);
        }
        let digits = std::str::from_utf8(digits).map_err(|_| Broken)?;
        match usize::from_str_radix(digits, 16).map_err(|_| Broken)? {
            // 0001 and 0002 end groups too, in answers of version 2.
            0..=2 => {
                self.rest = rest;
                Ok(Packet::Flush)
            }
            3 => Err(Broken),
            length => {
                let (line, rest) = rest.split_at_checked(length - 4).ok_or(Broken)?;
                self.rest = rest;
                Ok(Packet::Line(line))
            }
        }
    }
}

/// A line as text, without the newline at its end.
pub(super) fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Result<Packet<'_>, Broken>> {
        Packets { rest: bytes }.collect()
    }

    #[test]
    fn a_line_comes_back_as_it_was_put() {
        let mut bytes = Vec::new();
        put(&mut bytes, "want me\n");
        bytes.extend_from_slice(FLUSH);
        assert_eq!(bytes, b"000cwant me\n0000");
        assert_eq!(read(&bytes), [Ok(Packet::Line(b"want me\n")), Ok(Packet::Flush)]);
    }

    #[test]
    fn what_is_cut_off_or_no_packet_is_broken_and_ends_it() {
        for bytes in [&b"00"[..], b"000cwant", b"+123abc", b"0003", b"<!doctype html>", b"\xff\xff\xff\xff"] {
            assert_eq!(read(bytes), [Err(Broken)], "{bytes:?}");
        }
    }
}
