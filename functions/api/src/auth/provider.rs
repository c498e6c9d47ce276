//! The identity provider over HTTP: its discovery document (OpenID Connect Discovery 1.0), cached, and what else it is asked.

use std::{sync::Arc, time::Duration};

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tenantry_store::Clock;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use url::Url;

/// The document is asked for again after this long.
const FRESH: time::Duration = time::Duration::hours(1);
/// What one answer of the issuer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What one answer of the issuer may weigh, in bytes.
const LARGEST: usize = 256 * 1024;

/// The identity provider did not give what it was asked for. Holds no library's words, and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub(crate) String);

/// Where the provider is asked what, as its discovery document says. Every URL is `https`, or on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where its public keys are.
    pub keys: Url,
    /// Where a person signs in; none at an issuer that only makes tokens.
    pub authorization: Option<Url>,
    /// Where a code is exchanged for tokens.
    pub token: Option<Url>,
    /// Where a person's session at the provider is ended (OpenID Connect RP-Initiated Logout 1.0).
    pub end_session: Option<Url>,
}

/// One identity provider.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    http: reqwest::Client,
    clock: Clock,
    known: Mutex<Option<(OffsetDateTime, Arc<Endpoints>)>>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
}

impl Provider {
    pub(crate) fn new(issuer: String, clock: Clock) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { issuer, http, clock, known: Mutex::default() })
    }

    /// Its name: the `iss` of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its endpoints; asked for at most once an hour. While it is down, those that are known stay in use.
    ///
    /// # Errors
    /// [`Unavailable`]: it does not answer, or its document is not its own or cannot be used.
    pub async fn endpoints(&self) -> Result<Arc<Endpoints>, Unavailable> {
        // Held while asking: many requests at once ask the issuer once.
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some((_, endpoints)) = known.as_ref().filter(|(at, _)| now - *at <= FRESH) {
            return Ok(endpoints.clone());
        }
        match (self.discover().await, known.as_ref()) {
            (Ok(endpoints), _) => {
                let endpoints = Arc::new(endpoints);
                *known = Some((now, endpoints.clone()));
                Ok(endpoints)
            }
            (Err(unavailable), Some((_, endpoints))) => {
                tracing::warn!(issuer = self.issuer, why = %unavailable, "the known endpoints stay in use");
                Ok(endpoints.clone())
            }
            (Err(unavailable), None) => Err(unavailable),
        }
    }

    /// OpenID Connect Discovery 1.0, section 4; the document must be the issuer's own.
    async fn discover(&self) -> Result<Endpoints, Unavailable> {
        let at = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let at = at.parse().map_err(|_| Unavailable("the issuer is not a URL".to_owned()))?;
        let document: Document = self.get(at).await?;
        if document.issuer != self.issuer {
            return Err(Unavailable(format!("the discovery document belongs to {:?}", document.issuer)));
        }
        let url = |name: &str, text: String| {
            let unusable = || Unavailable(format!("its discovery document names no URL with TLS as {name}"));
            text.parse::<Url>().ok().filter(is_safe).ok_or_else(unusable)
        };
        let some = |name: &str, text: Option<String>| text.map(|text| url(name, text)).transpose();
        Ok(Endpoints {
            keys: url("jwks_uri", document.jwks_uri)?,
            authorization: some("authorization_endpoint", document.authorization_endpoint)?,
            token: some("token_endpoint", document.token_endpoint)?,
            end_session: some("end_session_endpoint", document.end_session_endpoint)?,
        })
    }

    /// Asks for JSON.
    pub(crate) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Unavailable> {
        let host = host(&url)?;
        let (status, body) = read(&host, self.http.get(url)).await?;
        if !(200..300).contains(&status) {
            return Err(Unavailable(format!("{host} answered {status}")));
        }
        serde_json::from_slice(&body).map_err(|_| Unavailable(format!("{host} answered something else than expected")))
    }

    /// Sends a form, and gives the status and the JSON that is answered: the token endpoint (RFC 6749, section 3.2). A client
    /// that has a secret shows it by HTTP Basic (section 2.3.1), in which both are form-encoded first.
    ///
    /// # Errors
    /// [`Unavailable`]: no answer, or none in JSON. An error that the provider names is an answer.
    pub async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        client: Option<(&str, &SecretString)>,
    ) -> Result<(u16, Value), Unavailable> {
        let host = host(url)?;
        let mut request = self.http.post(url.clone()).form(form);
        if let Some((id, secret)) = client {
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(id), Some(encoded(secret.expose_secret())));
        }
        let (status, body) = read(&host, request).await?;
        let body = serde_json::from_slice(&body)
            .map_err(|_| Unavailable(format!("{host} answered {status}, and not in JSON")))?;
        Ok((status, body))
    }
}

/// Sends a request; gives the status and a body that is not too large.
async fn read(host: &str, request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), Unavailable> {
    let unreachable = |_| Unavailable(format!("{host} does not answer"));
    let mut response = request.send().await.map_err(unreachable)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > LARGEST {
            return Err(Unavailable(format!("{host} answered with more than {LARGEST} bytes")));
        }
    }
    Ok((response.status().as_u16(), body))
}

fn host(url: &Url) -> Result<String, Unavailable> {
    let host = url.host_str().unwrap_or_default().to_owned();
    if is_safe(url) { Ok(host) } else { Err(Unavailable(format!("{host} is asked without TLS"))) }
}

/// TLS, or our own machine.
pub(crate) fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host))
}
