//! Makes tokens, good ones and bad ones.

use super::claims::{Claims, Flaw, SignInFlaw};
use super::key::Key;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a token is good for unless said otherwise.
pub(super) const HOUR: Duration = Duration::from_secs(3600);
/// How long an ID token is good for: longer than usual, so that a test may turn its clock by a session's length.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What all tokens of an issuer have in common.
#[derive(Debug, Clone)]
pub(super) struct Mint {
    pub(super) key: Key,
    pub(super) issuer: String,
    pub(super) audience: String,
}

impl Mint {
    /// A good token.
    pub(super) fn token(&self, claims: &Claims) -> String {
        self.sign(&self.payload(claims), &self.key)
    }

    /// A token with this flaw and otherwise good.
    pub(super) fn flawed(&self, claims: &Claims, flaw: Flaw) -> String {
        self.spoiled(self.payload(claims), flaw)
    }

    /// An ID token (OpenID Connect Core 1.0, section 2) for a client, wrong in this way.
    pub(super) fn id_token(
        &self,
        claims: &Claims,
        client: &str,
        nonce: Option<&str>,
        flaw: Option<SignInFlaw>,
    ) -> String {
        let nonce = match flaw {
            Some(SignInFlaw::OtherNonce) => Some("another-nonce"),
            Some(SignInFlaw::NoNonce) => None,
            _ => nonce,
        };
        let claims = Claims { audience: Some(client.to_owned()), valid_for: Some(DAY), ..claims.clone() };
        let mut payload = self.payload(&claims);
        payload["auth_time"] = json!(now());
        if let Some(nonce) = nonce {
            payload["nonce"] = json!(nonce);
        }
        match flaw {
            Some(SignInFlaw::IdToken(flaw)) => self.spoiled(payload, flaw),
            _ => self.sign(&payload, &self.key),
        }
    }

    fn spoiled(&self, mut payload: Value, flaw: Flaw) -> String {
        let now = now();
        match flaw {
            Flaw::Expired => {
                payload["iat"] = json!(now - 7200);
                payload["exp"] = json!(now - 3600);
                self.sign(&payload, &self.key)
            }
            Flaw::NotYetValid => {
                payload["nbf"] = json!(now + 3600);
                payload["exp"] = json!(now + 7200);
                self.sign(&payload, &self.key)
            }
            Flaw::OtherAudience => {
                payload["aud"] = json!("another-audience");
                self.sign(&payload, &self.key)
            }
            Flaw::OtherIssuer => {
                payload["iss"] = json!("https://issuer.invalid");
                self.sign(&payload, &self.key)
            }
            Flaw::OtherKey => {
                let other = Key { id: self.key.id.clone(), ..fresh() };
                self.sign(&payload, &other)
            }
            Flaw::UnknownKey => self.sign(&payload, &fresh()),
            Flaw::Unsigned => format!("{}.{}.", part(&json!({"typ": "JWT", "alg": "none"})), part(&payload)),
            Flaw::ConfusedAlgorithm => {
                let header = Header { kid: Some(self.key.id.clone()), ..Header::new(Algorithm::HS256) };
                let secret = serde_json::to_vec(&self.key.public).unwrap_or_default();
                encode(&header, &payload, &EncodingKey::from_secret(&secret))
            }
            Flaw::Tampered => {
                let good = self.sign(&payload, &self.key);
                let (header, rest) = good.split_once('.').unwrap_or_default();
                let (_, signature) = rest.split_once('.').unwrap_or_default();
                if let Some(roles) = payload["roles"].as_array_mut() {
                    roles.push(json!("operator"));
                }
                format!("{header}.{}.{signature}", part(&payload))
            }
        }
    }

    fn payload(&self, claims: &Claims) -> Value {
        let now = now();
        let mut payload = json!(claims);
        payload["iss"] = json!(self.issuer);
        payload["aud"] = json!(claims.audience.as_deref().unwrap_or(&self.audience));
        payload["iat"] = json!(now);
        payload["exp"] = json!(now + claims.valid_for.unwrap_or(HOUR).as_secs());
        payload
    }

    fn sign(&self, payload: &Value, key: &Key) -> String {
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::ES256) };
        encode(&header, payload, &key.signing)
    }
}

fn encode(header: &Header, payload: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(header, payload, key).expect("a key that was checked when it was read signs any JSON")
}

fn fresh() -> Key {
    Key::fresh().expect("the system gives random bytes")
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
