//! What must not be guessed.

use std::time::Duration;

use aws_lc_rs::rand;

use crate::problem::{Code, Problem};

/// Looks at names are spread over so long.
const JITTER: Duration = Duration::from_secs(2 * 3600);
/// The letters of a token: base32 (RFC 4648 section 6) in lower case, which no panel changes.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Letters of a token: 160 bits.
const TOKEN: usize = 32;

/// What a tenant publishes to show that a name is its own, and how much later than others that name is looked at every day.
pub(crate) fn token_and_jitter() -> Result<(String, Duration), Problem> {
    let mut bytes = [0; TOKEN + 8];
    rand::fill(&mut bytes)
        .map_err(|_| Problem::new(Code::InternalError, "The system has no randomness; nothing was made."))?;
    let (token, number) = bytes.split_at(TOKEN);
    let token = token.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect();
    let number = number.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    Ok((token, Duration::from_secs(number % JITTER.as_secs())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_is_160_bits_in_letters_that_no_panel_changes() {
        let ((one, jitter), (two, _)) = (token_and_jitter().unwrap(), token_and_jitter().unwrap());
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| LETTERS.contains(&byte)), "{one}");
        assert_ne!(one, two);
        assert!(jitter < JITTER);
    }
}
