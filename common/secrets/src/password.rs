//! A temporary password: made, hashed, sealed. Its clear text leaves this file only sealed.

use aws_lc_rs::{digest, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use crate::Sealer;

/// Letters and digits that are not mistaken for one another when read aloud or typed from paper.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
/// Characters in a password: 16 of 32 are 80 bits.
const LENGTH: usize = 16;

/// What is stored of a temporary password.
#[derive(Debug, Clone)]
pub struct TemporaryPassword {
    /// bcrypt.
    pub hash: String,
    /// The clear text, sealed and bound to its user.
    pub sealed: Vec<u8>,
}

/// Makes temporary passwords.
#[derive(Debug, Clone)]
pub struct Passwords {
    /// Seals the clear text.
    pub sealer: Sealer,
    /// bcrypt's cost, 4 to 16.
    pub cost: u32,
}

impl Passwords {
    /// A new password, bound to its user's id. Takes as long as bcrypt's cost says, on a thread of its own.
    ///
    /// # Errors
    /// The system has no randomness, or the process is ending.
    pub async fn make(&self, user: &[u8]) -> Result<TemporaryPassword, NotMade> {
        let clear = generate()?;
        let sealed = self.sealer.seal(clear.expose_secret().as_bytes(), user).map_err(|_| NotMade)?;
        Ok(TemporaryPassword { hash: hash_password(clear, self.cost).await?, sealed })
    }
}

/// A password or token could not be made: the system has no randomness, or the process is ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password or token could not be made")]
pub struct NotMade;

/// bcrypt of a password, on a thread of its own.
///
/// # Errors
/// [`NotMade`]; also for a password of more than 72 bytes, which bcrypt would cut.
pub async fn hash_password(clear: SecretString, cost: u32) -> Result<String, NotMade> {
    let hashing = tokio::task::spawn_blocking(move || bcrypt::non_truncating_hash(clear.expose_secret(), cost));
    hashing.await.ok().and_then(Result::ok).ok_or(NotMade)
}

/// A token of 256 random bits for a link or a key, in 43 letters that may stand in a URL.
///
/// # Errors
/// [`NotMade`].
pub fn token() -> Result<SecretString, NotMade> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| NotMade)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// What is stored of a token: its SHA-256. 256 random bits need no slow hash.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    hash
}

fn generate() -> Result<SecretString, NotMade> {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).map_err(|_| NotMade)?;
    // 256 is a multiple of 32, so every character is equally likely.
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect::<String>().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_alphabet_has_32_different_characters_and_passwords_differ() {
        assert_eq!(ALPHABET.iter().collect::<HashSet<_>>().len(), 32);
        let made: HashSet<String> = (0..1000).map(|_| generate().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(made.len(), 1000);
        assert!(made.iter().all(|password| password.len() == LENGTH));
    }

    #[tokio::test]
    async fn the_hash_is_of_what_was_sealed() {
        let sealer = Sealer::new(&"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned().into()).unwrap();
        let made = Passwords { sealer: sealer.clone(), cost: 4 }.make(b"user 1").await.unwrap();
        let clear = sealer.open(&made.sealed, b"user 1").unwrap();
        assert!(bcrypt::verify(clear.expose_secret(), &made.hash).unwrap());
        assert!(sealer.open(&made.sealed, b"user 2").is_err());
    }
}
