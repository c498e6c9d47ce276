//! The issuer's public keys (JWK Set, RFC 7517): found by discovery, cached, asked for again when a key is unknown.

use std::{collections::HashMap, time::Duration};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tenantry_store::Clock;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use url::Url;

/// An unknown key id, or a failed fetch, leads to a fetch at most this often: tokens with invented ids cost the issuer
/// nothing.
const AT_MOST_EVERY: time::Duration = time::Duration::seconds(30);
/// Known keys are asked for again after this long, so that a key the issuer has withdrawn does not live on.
const FRESH: time::Duration = time::Duration::hours(1);
/// What one answer of the issuer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What one answer of the issuer may weigh, in bytes.
const LARGEST: usize = 256 * 1024;

/// The issuer's keys could not be had. Holds no library's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unavailable(pub(crate) String);

/// The keys of one issuer.
pub(crate) struct Jwks {
    issuer: String,
    fixed: Option<Url>,
    http: reqwest::Client,
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
    /// The keys of `issuer`, at `fixed` or where its discovery document says.
    pub(crate) fn new(issuer: String, fixed: Option<Url>, clock: Clock) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { issuer, fixed, http, clock, known: Mutex::default() })
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
                tracing::warn!(issuer = self.issuer, why = %unavailable, "the known keys stay in use");
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
            None => self.discover().await?,
        };
        let set: HashMap<String, Value> = self.get(at).await?;
        let keys = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // A key of a kind we do not know does not spoil the others.
        Ok(keys.iter().filter_map(Key::read).collect())
    }

    /// OpenID Connect Discovery 1.0, section 4; the document must be the issuer's own.
    async fn discover(&self) -> Result<Url, Unavailable> {
        #[derive(Deserialize)]
        struct Document {
            issuer: String,
            jwks_uri: String,
        }
        let at = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let at = at.parse().map_err(|_| Unavailable("the issuer is not a URL".to_owned()))?;
        let document: Document = self.get(at).await?;
        if document.issuer != self.issuer {
            return Err(Unavailable(format!("the discovery document belongs to {:?}", document.issuer)));
        }
        let found = document.jwks_uri.parse();
        found.map_err(|_| Unavailable("its discovery document names no URL for its keys".to_owned()))
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, Unavailable> {
        let host = url.host_str().unwrap_or_default().to_owned();
        if !is_safe(&url) {
            return Err(Unavailable(format!("{host} is asked without TLS")));
        }
        let unreachable = |_| Unavailable(format!("{host} does not answer"));
        let mut response = self.http.get(url).send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(Unavailable(format!("{host} answered {}", response.status().as_u16())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Err(Unavailable(format!("{host} answered with more than {LARGEST} bytes")));
            }
        }
        serde_json::from_slice(&body).map_err(|_| Unavailable(format!("{host} answered something else than expected")))
    }
}

fn resting() -> Unavailable {
    Unavailable("it did not answer a moment ago".to_owned())
}

/// TLS, or our own machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host))
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
