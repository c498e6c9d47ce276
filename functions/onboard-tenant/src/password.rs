//! A temporary password: made, hashed, sealed. Its clear text leaves this file only sealed.

use aws_lc_rs::rand;
use secrecy::{ExposeSecret, SecretString};
use tenantry_model::{ErrorClass, Fault, UserId};
use tenantry_secrets::Sealer;

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
    /// A new password for a user. Takes as long as bcrypt's cost says, on a thread of its own.
    ///
    /// # Errors
    /// The system has no randomness, or the process is ending.
    pub async fn make(&self, user: UserId) -> Result<TemporaryPassword, Fault> {
        let broken = |_| Fault::new(ErrorClass::InternalError, "a temporary password could not be made");
        let clear = generate().map_err(broken)?;
        let sealed = self.sealer.seal(clear.expose_secret().as_bytes(), user.0.as_bytes());
        let sealed =
            sealed.map_err(|_| Fault::new(ErrorClass::InternalError, "a temporary password could not be sealed"))?;
        let cost = self.cost;
        let hash = tokio::task::spawn_blocking(move || bcrypt::hash(clear.expose_secret(), cost)).await;
        let hash = hash.ok().and_then(Result::ok).ok_or(()).map_err(broken)?;
        Ok(TemporaryPassword { hash, sealed })
    }
}

fn generate() -> Result<SecretString, ()> {
    let mut bytes = [0; LENGTH];
    rand::fill(&mut bytes).map_err(|_| ())?;
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
        let user = UserId::new();
        let made = Passwords { sealer: sealer.clone(), cost: 4 }.make(user).await.unwrap();
        let clear = sealer.open(&made.sealed, user.0.as_bytes()).unwrap();
        assert!(bcrypt::verify(clear.expose_secret(), &made.hash).unwrap());
        assert!(sealer.open(&made.sealed, UserId::new().0.as_bytes()).is_err());
    }
}
