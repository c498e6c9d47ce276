//! Sealing what must rest in the database (AES-256-GCM, NIST SP 800-38D; random 96-bit nonces).

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    digest,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

/// The envelope: one byte of version, four of key id, the nonce, the ciphertext with its tag.
const VERSION: u8 = 1;
const HEADER: usize = 5;

/// Why something could not be sealed or opened. Says nothing about the content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// A key is not 32 bytes in base64.
    #[error("a sealing key must be 32 bytes in base64 (`openssl rand -base64 32` makes one)")]
    BadKey,
    /// Sealed by a key that is not configured any more.
    #[error(
        "this was sealed by a key that is not configured here; add the old key after the new one, separated by a comma"
    )]
    UnknownKey,
    /// Not an envelope, another row's, or changed since.
    #[error("what was sealed cannot be opened: it is not whole, or belongs to another row")]
    Broken,
}

/// Seals with the first of its keys, opens with any: a new key is put in front, the old ones stay until nothing rests
/// under them.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<[Key]>,
}

struct Key {
    id: [u8; 4],
    aead: RandomizedNonceKey,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealer({} keys)", self.keys.len())
    }
}

impl Sealer {
    /// Reads keys from text: one or more times 32 bytes in base64, separated by commas, the newest first.
    ///
    /// # Errors
    /// [`SealError::BadKey`].
    pub fn new(keys: &SecretString) -> Result<Self, SealError> {
        let keys: Result<Vec<Key>, SealError> =
            keys.expose_secret().split(',').map(|text| Key::read(text.trim())).collect();
        Ok(Self { keys: keys?.into() })
    }

    /// Seals `plain`, so that it can be opened with the same `context` only (the id of the row it belongs to).
    ///
    /// # Errors
    /// The system has no randomness; does not happen in practice.
    pub fn seal(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, SealError> {
        let key = self.keys.first().ok_or(SealError::BadKey)?;
        let mut body = plain.to_vec();
        let nonce = key.aead.seal_in_place_append_tag(Aad::from(context), &mut body).map_err(|_| SealError::Broken)?;
        Ok([&[VERSION][..], &key.id, nonce.as_ref(), &body].concat())
    }

    /// Opens a text that [`Sealer::seal`] has sealed.
    ///
    /// # Errors
    /// [`SealError::UnknownKey`], [`SealError::Broken`].
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<SecretString, SealError> {
        let plain = String::from_utf8(self.open_bytes(sealed, context)?).map_err(|_| SealError::Broken)?;
        Ok(SecretString::from(plain))
    }

    /// Opens bytes that [`Sealer::seal`] has sealed.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn open_bytes(&self, sealed: &[u8], context: &[u8]) -> Result<Vec<u8>, SealError> {
        let (header, rest) = sealed.split_at_checked(HEADER).ok_or(SealError::Broken)?;
        let (nonce, body) = rest.split_at_checked(NONCE_LEN).ok_or(SealError::Broken)?;
        if header[0] != VERSION {
            return Err(SealError::Broken);
        }
        let key = self.keys.iter().find(|key| key.id == header[1..]).ok_or(SealError::UnknownKey)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Broken)?;
        let mut body = body.to_vec();
        let plain = key.aead.open_in_place(nonce, Aad::from(context), &mut body).map_err(|_| SealError::Broken)?;
        Ok(plain.to_vec())
    }
}

impl Key {
    fn read(text: &str) -> Result<Self, SealError> {
        let bytes = STANDARD.decode(text).map_err(|_| SealError::BadKey)?;
        let aead = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| SealError::BadKey)?;
        let mut id = [0; 4];
        id.copy_from_slice(&digest::digest(&digest::SHA256, &bytes).as_ref()[..4]);
        Ok(Self { id, aead })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sealer(keys: &str) -> Sealer {
        Sealer::new(&SecretString::from(keys.to_owned())).unwrap()
    }

    const OLD: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    #[test]
    fn what_is_sealed_opens_with_its_own_context_only() {
        let sealed = sealer(OLD).seal(b"hunter2", b"user 1").unwrap();
        assert_eq!(sealer(OLD).open(&sealed, b"user 1").unwrap().expose_secret(), "hunter2");
        assert_eq!(sealer(OLD).open(&sealed, b"user 2").unwrap_err(), SealError::Broken);
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
    }

    #[test]
    fn a_changed_byte_anywhere_is_noticed() {
        let sealed = sealer(OLD).seal(b"hunter2", b"").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer(OLD).open(&changed, b"").is_err(), "byte {at}");
            assert!(sealer(OLD).open(&sealed[..at], b"").is_err(), "cut at {at}");
        }
    }

    #[test]
    fn keys_rotate() {
        let sealed = sealer(OLD).seal(b"hunter2", b"").unwrap();
        assert!(sealer(&format!("{NEW},{OLD}")).open(&sealed, b"").is_ok());
        assert_eq!(sealer(NEW).open(&sealed, b"").unwrap_err(), SealError::UnknownKey);
        assert!(Sealer::new(&SecretString::from("short".to_owned())).is_err());
    }
}
