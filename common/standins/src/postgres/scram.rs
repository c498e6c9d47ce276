//! The superuser's password and its SCRAM-SHA-256 verifier (RFC 5802, RFC 7677).
//!
//! The verifier is made here, with few iterations, because `initdb` would take 4096: those slow down the guessing of a
//! weak password, but this one is 192 random bits, and every connection of every test would pay for them.

use aws_lc_rs::{digest, hmac, pbkdf2, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use std::num::NonZeroU32;

const ITERATIONS: NonZeroU32 = NonZeroU32::new(16).expect("more than none");

/// A fresh password of 192 random bits, safe in a URL.
pub(super) fn password() -> String {
    URL_SAFE_NO_PAD.encode(random::<24>())
}

/// What Postgres stores instead of the password.
pub(super) fn verifier(password: &str) -> String {
    let salt = random::<16>();
    let mut salted = [0u8; 32];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, &salt, password.as_bytes(), &mut salted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let client_key = hmac::sign(&key, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
    let server_key = hmac::sign(&key, b"Server Key");
    format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(stored_key),
        STANDARD.encode(server_key)
    )
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
