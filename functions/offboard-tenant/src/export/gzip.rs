//! Lines as gzip members (RFC 1952), none larger than a part may be.

use std::io::{self, Write as _};

use flate2::{Compression, write::GzEncoder};

/// The largest part, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// The members that hold this text, in order. Where it has to be cut, it is cut at the end of a line if there is one.
///
/// # Errors
/// Does not happen: nothing is written but memory.
pub fn members(text: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let member = member(text)?;
    // A single byte is always small enough.
    if member.len() <= LARGEST || text.len() < 2 {
        return Ok(vec![member]);
    }
    let (first, second) = text.split_at(middle(text));
    let mut all = members(first)?;
    all.extend(members(second)?);
    Ok(all)
}

fn member(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text)?;
    encoder.finish()
}

/// Behind the line that ends nearest to the middle on its left or, where a line is as long as that, on its right; the middle itself
/// where there is one line only.
fn middle(text: &[u8]) -> usize {
    let half = text.len() / 2;
    let left = text[..half].iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    let right = || text[half..text.len() - 1].iter().position(|byte| *byte == b'\n').map(|at| half + at + 1);
    left.or_else(right).unwrap_or(half)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Read as _;

    use flate2::read::{GzDecoder, MultiGzDecoder};

    use super::*;

    /// Text that does not get smaller by much.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            b'!' + (state % 90) as u8
        };
        (0..bytes).map(|_| next()).collect()
    }

    fn read(members: &[Vec<u8>]) -> Vec<u8> {
        let mut text = Vec::new();
        MultiGzDecoder::new(members.concat().as_slice()).read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn small_text_is_one_member_and_none_is_none() {
        assert!(members(b"").unwrap().is_empty());
        let one = members(b"{}\n").unwrap();
        assert_eq!((one.len(), read(&one)), (1, b"{}\n".to_vec()));
    }

    #[test]
    fn large_text_is_cut_between_lines() {
        let mut text = Vec::new();
        while text.len() < 5 * LARGEST {
            text.extend(noise(70_000));
            text.push(b'\n');
        }
        let members = members(&text).unwrap();
        assert!(members.len() >= 4 && members.iter().all(|member| member.len() <= LARGEST));
        assert_eq!(read(&members), text);
        for member in &members {
            let mut lines = Vec::new();
            GzDecoder::new(member.as_slice()).read_to_end(&mut lines).unwrap();
            assert_eq!(lines.last(), Some(&b'\n'));
        }
    }

    #[test]
    fn a_line_longer_than_a_part_goes_on_in_the_next() {
        let mut text = b"{\"short\":1}\n".to_vec();
        text.extend(noise(3 * LARGEST));
        text.push(b'\n');
        let members = members(&text).unwrap();
        assert!(members.len() > 2 && members.iter().all(|member| member.len() <= LARGEST));
        assert_eq!(read(&members), text);
    }
}
