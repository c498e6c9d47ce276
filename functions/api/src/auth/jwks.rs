//! The issuer's public keys (JWK Set, RFC 7517): found by discovery, cached, asked for again when a key is unknown.

use std::{collections::HashMap, sync::Arc};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, PublicKeyUse},
};
use serde_json::Value;
use tenantry_store::Clock;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use url::Url;

use super::provider::{Provider, Unavailable};

/// An unknown key id, or a failed fetch, leads to a fetch at most this often: tokens with invented ids cost the issuer
/// nothing.
const AT_MOST_EVERY: time::Duration = time::Duration::seconds(30);
/// Known keys are asked for again after this long, so that a key the issuer has withdrawn does not live on.
const FRESH: time::Duration = time::Duration::hours(1);
/// The keys of one issuer.
pub(crate) struct Jwks {
    provider: Arc<Provider>,
    fixed: Option<Url>,
    clock: Clock,
    // Held while fetching: many requests with an unknown key ask the issuer once.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Key>,
    fetched: Option<OffsetDateTime>,
    tried: Option<OffsetDateTime>,
}

struct Key {
    id: Option<String>,
    algorithm: Option<Algorithm>,
    key: DecodingKey,
}

impl Jwks {
    /// The keys of a provider, at `fixed` or where its discovery document says.
    pub(crate) fn new(provider: Arc<Provider>, fixed: Option<Url>, clock: Clock) -> Self {
        Self { provider, fixed, clock, known: Mutex::default() }
    }

    /// The key that a token's header names; none when the issuer does not have it.
    pub(crate) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, Unavailable> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let stale = known.fetched.is_none_or(|at| now - at > FRESH);
        let found = known.find(id, algorithm);
        let rested = known.tried.is_none_or(|at| now - at >= AT_MOST_EVERY);
        if (found.is_some() && !stale) || !rested {
            return if known.fetched.is_none() { Err(resting()) } else { Ok(found) };
        }
        known.tried = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                known.keys = keys;
                known.fetched = Some(now);
                Ok(known.find(id, algorithm))
            }
            // An issuer that is down is no reason to turn away those whose key is known.
            Err(unavailable) if known.fetched.is_some() => {
                tracing::warn!(issuer = self.provider.issuer(), why = %unavailable, "the known keys stay in use");
                Ok(found)
            }
            Err(unavailable) => {
                // The very first fetch may be repeated soon: nobody can be let in before it succeeds.
                known.tried = Some(now - AT_MOST_EVERY + time::Duration::seconds(2));
                Err(unavailable)
            }
        }
    }

    async fn fetch(&self) -> Result<Vec<Key>, Unavailable> {
        let at = match &self.fixed {
            Some(url) => url.clone(),
            None => self.provider.endpoints().await?.keys.clone(),
        };
        let set: HashMap<String, Value> = self.provider.get(at).await?;
        let keys = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // A key of a kind we do not know does not spoil the others.
        Ok(keys.iter().filter_map(Key::read).collect())
    }
}

fn resting() -> Unavailable {
    Unavailable("it did not answer a moment ago".to_owned())
}

impl Known {
    /// The key of that id; where the token names none, the only one that fits.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let fits = |key: &&Key| {
            key.key.family() == algorithm.family() && key.algorithm.is_none_or(|declared| declared == algorithm)
        };
        let mut fitting = self.keys.iter().filter(fits);
        match id {
            Some(id) => fitting.find(|key| key.id.as_deref() == Some(id)).map(|key| key.key.clone()),
            None => fitting.next().filter(|_| fitting.next().is_none()).map(|key| key.key.clone()),
        }
    }
}

impl Key {
    /// A public signature key; anything else is none.
    fn read(value: &Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
            return None;
        }
        let algorithm = match jwk.common.key_algorithm {
            None => None,
            Some(declared) => Some(declared.to_string().parse().ok()?),
        };
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, algorithm, key })
    }
}
