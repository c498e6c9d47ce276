//! One request to the API and its answer: bounded in time and size, never redirected, never repeated.

use reqwest::{
    Client, Method, RequestBuilder, Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tenantry_model::Fault;

use super::{
    ResendConfig,
    error::{self, Purpose},
};
use crate::{ConfigError, RateSeen};

/// More than any answer needs.
const LONGEST_ANSWER: usize = 1 << 20;

/// The API with our key.
#[derive(Debug)]
pub(super) struct Api {
    client: Client,
    base: Url,
}

/// A positive answer.
pub(super) struct Answer<T> {
    pub(super) body: T,
    pub(super) rate: Option<RateSeen>,
}

/// A negative answer, as far as it can be read.
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The error's name in the API's words; empty when the answer was none of the API's.
    pub(super) name: String,
    /// Its explanation, not yet fit for people.
    pub(super) message: String,
    /// Seconds that it asks us to wait.
    pub(super) retry_after: Option<u64>,
}

/// What became of a request.
pub(super) enum Failure {
    /// No byte of it can have been read: there was no connection.
    NotSent(&'static str),
    /// It may have been carried out: no answer, or none that can be read.
    Unclear(&'static str),
    /// It took too long; it may have been carried out.
    TimedOut,
    /// The API said no.
    Refused(Refusal),
}

impl Failure {
    pub(super) fn fault(&self, purpose: Purpose) -> Fault {
        error::fault(self, purpose)
    }
}

impl Api {
    pub(super) fn new(config: &ResendConfig) -> Result<Self, ConfigError> {
        let base = config.validate()?;
        let unusable = |_| ConfigError("the mail provider's API cannot be spoken to with these settings".into());
        let mut key = HeaderValue::try_from(format!("Bearer {}", config.api_key.expose_secret()))
            .map_err(|_| ConfigError("the mail provider's API key cannot stand in a header".into()))?;
        key.set_sensitive(true);
        let client = Client::builder()
            // The API refuses requests without one.
            .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, key)]))
            .connect_timeout(config.connect)
            .timeout(config.total)
            // A redirect would carry the key and the message to somebody else.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .https_only(base.scheme() == "https")
            .build()
            .map_err(unusable)?;
        Ok(Self { client, base })
    }

    /// A request to a path below the base URL.
    pub(super) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        self.client.request(method, url)
    }
}

/// Sends a request and reads the answer.
pub(super) async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<Answer<T>, Failure> {
    let mut response = request.send().await.map_err(|error| broken(&error))?;
    let (status, rate, retry_after) = (response.status(), rate(response.headers()), wait(response.headers()));
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= LONGEST_ANSWER => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(Failure::Unclear("answered more than it may")),
            Ok(None) => break,
            // A refusal is one without its explanation too.
            Err(_) if status.is_client_error() => break,
            Err(error) => return Err(broken(&error)),
        }
    }
    if status.is_success() {
        let unreadable = |_| Failure::Unclear("answered something that is not its own");
        return serde_json::from_slice(&body).map(|body| Answer { body, rate }).map_err(unreadable);
    }
    let said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |key: &str| said[key].as_str().unwrap_or_default().to_owned();
    Err(Failure::Refused(Refusal {
        status: status.as_u16(),
        name: text("name"),
        message: text("message"),
        retry_after,
    }))
}

fn broken(error: &reqwest::Error) -> Failure {
    match error {
        // Also when it is the connection that took too long.
        error if error.is_connect() => Failure::NotSent("could not be reached"),
        error if error.is_builder() => Failure::NotSent("could not be asked"),
        error if error.is_timeout() => Failure::TimedOut,
        _ => Failure::Unclear("closed the connection without an answer"),
    }
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn rate(headers: &HeaderMap) -> Option<RateSeen> {
    let of = |name| u32::try_from(number(headers, name)?).ok();
    let (limit, remaining) = (of("ratelimit-limit")?, of("ratelimit-remaining")?);
    Some(RateSeen { limit, remaining, reset: of("ratelimit-reset").unwrap_or(1) })
}

fn wait(headers: &HeaderMap) -> Option<u64> {
    number(headers, RETRY_AFTER.as_str()).or_else(|| number(headers, "ratelimit-reset"))
}
