//! The issuer's signing key: ES256, kept in a file only its owner can read, so that tokens survive a restart.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use std::io::{Error, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A key and what others may know of it.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) signing: EncodingKey,
    pub(super) public: Jwk,
    /// Names it in tokens and in `jwks.json`: its thumbprint (RFC 7638).
    pub(super) id: String,
}

impl std::fmt::Debug for Key {
    /// Its name only.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Key({})", self.id)
    }
}

impl Key {
    /// A key of its own, kept nowhere.
    pub(super) fn fresh() -> Result<Key> {
        Key::from_pkcs8(&generate()?)
    }

    /// The key kept in this folder, made on first use.
    pub(super) fn kept(folder: &Path) -> Result<Key> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("signing-key");
        match std::fs::read_to_string(&path) {
            Ok(words) => {
                let bytes = STANDARD.decode(words.trim()).map_err(Error::other)?;
                return Key::from_pkcs8(&bytes);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let bytes = generate()?;
        // Whole or absent: a process may be killed while it writes.
        let unfinished = folder.join("signing-key.part");
        let _ = std::fs::remove_file(&unfinished);
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(STANDARD.encode(&bytes).as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        Key::from_pkcs8(&bytes)
    }

    fn from_pkcs8(bytes: &[u8]) -> Result<Key> {
        // Reading it here refuses a damaged file at start instead of at the first token.
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
            .map_err(|_| Error::other("the issuer's signing-key file is damaged: remove it to have a new one made"))?;
        let signing = EncodingKey::from_ec_der(bytes);
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::ES256).map_err(Error::other)?;
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(Error::other)?;
        public.common.key_id = Some(id.clone());
        public.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
        Ok(Key { signing, public, id })
    }
}

fn generate() -> Result<Vec<u8>> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    made.map(|bytes| bytes.as_ref().to_vec()).map_err(|_| Error::other("no signing key could be made"))
}
