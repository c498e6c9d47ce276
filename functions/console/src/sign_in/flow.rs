//! A sign-in that has begun: what the browser must bring back, sealed in a cookie.

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::cookie::Cookie;

/// How long somebody may take at the identity provider.
pub(crate) const LASTS: Duration = Duration::minutes(10);
/// The cookie. One at a time: of two sign-ins in one browser the later one counts.
pub(crate) const COOKIE: Cookie =
    Cookie { name: "tenantry-sign-in", context: b"console sign-in", path: "/", lasts: Some(600) };

/// What is known of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// Comes back in the answer: it belongs to this browser.
    pub(crate) state: String,
    /// Comes back in the ID token: it belongs to this sign-in.
    pub(crate) nonce: String,
    /// Shown with the code: whoever has only seen the code cannot use it.
    pub(crate) verifier: String,
    /// Where to go afterwards.
    pub(crate) back: String,
    #[serde(with = "time::serde::timestamp")]
    began: OffsetDateTime,
}

impl Flow {
    /// A new one; none without randomness.
    pub(crate) fn begin(back: String, now: OffsetDateTime) -> Option<Self> {
        Some(Self { state: random()?, nonce: random()?, verifier: random()?, back, began: now })
    }

    /// Whether somebody took too long.
    pub(crate) fn is_over(&self, now: OffsetDateTime) -> bool {
        now - self.began >= LASTS
    }

    /// Whether this is the state that was sent; compared in constant time.
    pub(crate) fn state_is(&self, given: &str) -> bool {
        verify_slices_are_equal(self.state.as_bytes(), given.as_bytes()).is_ok()
    }

    /// The code challenge, S256.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, self.verifier.as_bytes()))
    }
}

/// 256 random bits, in 43 letters.
pub(crate) fn random() -> Option<String> {
    tenantry_secrets::token().ok().map(|token| token.expose_secret().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_rfc_7636_appendix_b() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let flow = Flow { verifier, ..Flow::begin("/".to_owned(), now).unwrap() };
        assert_eq!(flow.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn nothing_is_the_same_twice() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let (one, two) = (Flow::begin("/".to_owned(), now).unwrap(), Flow::begin("/".to_owned(), now).unwrap());
        assert!(one.state != two.state && one.nonce != two.nonce && one.verifier != two.verifier);
        assert!(one.state_is(&one.state) && !one.state_is(&two.state) && !one.state_is(""));
        assert!(one.verifier.len() == 43, "RFC 7636 wants 43 letters at least");
    }
}
