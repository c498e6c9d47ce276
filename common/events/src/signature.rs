//! Standard Webhooks signatures, made and checked (Svix's are the same under other header names).
//!
//! HMAC-SHA256 over `{id}.{timestamp}.{body}` with the bytes behind `whsec_`, as `v1,<base64>`. While a secret is
//! rotated both sides may hold several: who signs sends one signature per secret, who checks accepts any pair.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::{fmt, sync::Arc};

use aws_lc_rs::{constant_time, hmac, rand};
use base64::{
    Engine as _,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};

use crate::Rejected;

/// How far a timestamp may lie from our clock, in either direction.
pub const TOLERANCE: Duration = Duration::minutes(5);

/// What a secret starts with.
const PREFIX: &str = "whsec_";
/// Signatures of one header that are looked at: nobody rotates this many secrets at once.
const MOST_SIGNATURES: usize = 10;
/// Some panels show a secret without its padding.
const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The three headers of a signature, under one of their two names.
struct Names {
    id: &'static str,
    timestamp: &'static str,
    signature: &'static str,
}

const SVIX: Names = Names { id: "svix-id", timestamp: "svix-timestamp", signature: "svix-signature" };
const STANDARD_WEBHOOKS: Names =
    Names { id: "webhook-id", timestamp: "webhook-timestamp", signature: "webhook-signature" };

/// Why a configured secret cannot be used. Never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("no webhook secret is configured; the provider shows it where the endpoint was added")]
    None,
    /// The secret at this place (from 1) does not start with `whsec_`.
    #[error("webhook secret {0} does not start with whsec_; was another key pasted here?")]
    Prefix(usize),
    /// The secret at this place (from 1) is not base64 of 24 to 64 bytes.
    #[error("webhook secret {0} is not 24 to 64 bytes in base64 after whsec_; was it copied whole?")]
    Content(usize),
}

/// One or more signing secrets, the newest first.
#[derive(Clone)]
pub struct Secrets {
    keys: Arc<[hmac::Key]>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.keys.len())
    }
}

/// What [`Secrets::verify`] has found to be genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'h> {
    /// The message's id: the same whenever it is sent again.
    pub id: &'h str,
    /// When this delivery was signed, in whole seconds.
    pub at: OffsetDateTime,
}

/// The signature of a message that goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The message's id, the same for every attempt.
    pub id: String,
    /// When this attempt was signed: seconds since 1970.
    pub timestamp: i64,
    /// `v1,<base64>`, once per secret, separated by spaces.
    pub signature: String,
}

impl Signed {
    /// The headers to send: Standard Webhooks' three, and the same again under Svix's names.
    #[must_use]
    pub fn headers(&self) -> [(&'static str, String); 6] {
        let [standard, svix] = [STANDARD_WEBHOOKS, SVIX].map(|names| {
            [
                (names.id, self.id.clone()),
                (names.timestamp, self.timestamp.to_string()),
                (names.signature, self.signature.clone()),
            ]
        });
        let [a, b, c] = standard;
        let [d, e, f] = svix;
        [a, b, c, d, e, f]
    }
}

/// A new secret: `whsec_` and 32 random bytes in base64. `None` when the system has no randomness to give.
#[must_use]
pub fn new_secret() -> Option<SecretString> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).ok()?;
    Some(format!("{PREFIX}{}", STANDARD.encode(bytes)).into())
}

impl Secrets {
    /// Reads secrets from one text, as a variable of the environment holds them: separated by commas or spaces, the
    /// newest first.
    ///
    /// # Errors
    /// [`SecretError`], which says at which place.
    pub fn parse(text: &SecretString) -> Result<Self, SecretError> {
        let texts = text.expose_secret().split(|c: char| c == ',' || c.is_whitespace());
        Self::read(texts.filter(|text| !text.is_empty()))
    }

    /// The secrets of an endpoint of ours, the newest first.
    ///
    /// # Errors
    /// [`SecretError`], which says at which place.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s SecretString>) -> Result<Self, SecretError> {
        Self::read(secrets.into_iter().map(|secret| secret.expose_secret().trim()))
    }

    fn read<'s>(texts: impl Iterator<Item = &'s str>) -> Result<Self, SecretError> {
        let key = |(index, text): (usize, &str)| {
            let place = index + 1;
            let encoded = text.strip_prefix(PREFIX).ok_or(SecretError::Prefix(place))?;
            let bytes = ANY_PADDING.decode(encoded).map_err(|_| SecretError::Content(place))?;
            if !(24..=64).contains(&bytes.len()) {
                return Err(SecretError::Content(place));
            }
            Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
        };
        let keys = texts.enumerate().map(key).collect::<Result<Arc<[_]>, _>>()?;
        if keys.is_empty() { Err(SecretError::None) } else { Ok(Self { keys }) }
    }

    /// Signs a message that goes out, once with each secret. `None` when the id is empty, has a full stop (which would
    /// make the signed text ambiguous), or cannot stand in a header.
    #[must_use]
    pub fn sign(&self, id: &str, at: OffsetDateTime, body: &[u8]) -> Option<Signed> {
        if !is_id(id) {
            return None;
        }
        let timestamp = at.unix_timestamp();
        let written = timestamp.to_string();
        let signatures: Vec<String> = self
            .keys
            .iter()
            .map(|key| format!("v1,{}", STANDARD.encode(tag(key, id, &written, body).as_ref())))
            .collect();
        Some(Signed { id: id.to_owned(), timestamp, signature: signatures.join(" ") })
    }

    /// Checks a message that came in. `headers` finds a header by its lower-case name; `body` is what came over the
    /// wire, not parsed and printed again.
    ///
    /// # Errors
    /// [`Rejected::MissingHeader`], [`Rejected::MalformedHeader`], [`Rejected::TooOld`], [`Rejected::TooNew`],
    /// [`Rejected::WrongSignature`].
    pub fn verify<'h>(
        &self,
        headers: impl Fn(&str) -> Option<&'h str>,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Verified<'h>, Rejected> {
        // One family of names, never a mixture of both.
        let names = if headers(SVIX.id).is_some() { SVIX } else { STANDARD_WEBHOOKS };
        let header = |name| headers(name).ok_or(Rejected::MissingHeader(name));
        let (id, timestamp, signatures) = (header(names.id)?, header(names.timestamp)?, header(names.signature)?);

        if !is_id(id) {
            return Err(Rejected::MalformedHeader(names.id));
        }
        let at = seconds(timestamp).ok_or(Rejected::MalformedHeader(names.timestamp))?;
        let given = decoded(signatures).ok_or(Rejected::MalformedHeader(names.signature))?;
        let age = now - at;
        if age > TOLERANCE {
            return Err(Rejected::TooOld { seconds: age.whole_seconds() });
        }
        if age < -TOLERANCE {
            return Err(Rejected::TooNew { seconds: -age.whole_seconds() });
        }

        let genuine = self.keys.iter().any(|key| {
            let expected = tag(key, id, timestamp, body);
            given.iter().any(|given| constant_time::verify_slices_are_equal(expected.as_ref(), given).is_ok())
        });
        if genuine { Ok(Verified { id, at }) } else { Err(Rejected::WrongSignature) }
    }
}

fn tag(key: &hmac::Key, id: &str, timestamp: &str, body: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        context.update(part);
    }
    context.sign()
}

/// An id may hold anything printable but the full stop, which separates it from the timestamp in what is signed.
fn is_id(id: &str) -> bool {
    (1..=256).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.')
}

/// Unix seconds: digits alone.
fn seconds(text: &str) -> Option<OffsetDateTime> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|_| digits)?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

/// The `v1` signatures of the header; other versions (`v1a` is asymmetric) are passed over. `None` without any `v1`
/// that can be read.
fn decoded(header: &str) -> Option<Vec<Vec<u8>>> {
    let given = header
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"))
        .take(MOST_SIGNATURES)
        .filter(|text| !text.is_empty());
    let given: Vec<Vec<u8>> = given.filter_map(|text| STANDARD.decode(text).ok()).collect();
    (!given.is_empty()).then_some(given)
}
