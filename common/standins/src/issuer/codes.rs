//! Authorization codes (RFC 6749, section 4.1; RFC 7636 for PKCE): each is good once, for a minute, for whom it was made.

use super::claims::SignInFlaw;
use super::people::Person;
use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a code is good.
const MINUTE: Duration = Duration::from_secs(60);

/// What a code is worth.
#[derive(Debug)]
pub(super) struct Grant {
    pub(super) person: Person,
    pub(super) client: String,
    pub(super) redirect: String,
    pub(super) nonce: Option<String>,
    /// The code challenge, S256.
    pub(super) challenge: String,
    pub(super) flaw: Option<SignInFlaw>,
}

/// What comes with a code that is to be exchanged.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) client: &'a str,
    pub(super) redirect: &'a str,
    pub(super) verifier: &'a str,
}

/// The codes that nobody has used yet.
#[derive(Debug, Default)]
pub(super) struct Codes(Mutex<HashMap<String, (Instant, Grant)>>);

impl Codes {
    /// A new code.
    pub(super) fn issue(&self, grant: Grant) -> String {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).expect("the system gives random bytes");
        let code = URL_SAFE_NO_PAD.encode(bytes);
        let mut known = self.known();
        known.retain(|_, (made, _)| made.elapsed() <= MINUTE);
        if grant.flaw != Some(SignInFlaw::ExpiredCode) {
            known.insert(code.clone(), (Instant::now(), grant));
        }
        code
    }

    /// What the code is worth, once. The error is a sentence.
    pub(super) fn redeem(&self, code: &str, shown: &Shown<'_>) -> Result<Grant, &'static str> {
        let (made, grant) = self.known().remove(code).ok_or("the code is unknown, used or expired")?;
        if made.elapsed() > MINUTE {
            return Err("the code is unknown, used or expired");
        }
        if grant.client != shown.client {
            return Err("the code was made for another client");
        }
        if grant.redirect != shown.redirect {
            return Err("redirect_uri is not the one that the code was asked with");
        }
        let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, shown.verifier.as_bytes()));
        if grant.challenge != challenge {
            return Err("code_verifier does not fit code_challenge");
        }
        Ok(grant)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Instant, Grant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
