//! The API over HTTP: one request at a time, repeated where that is safe and may help.

mod list;
mod patience;
mod problem;
mod unreachable;

use std::time::Duration;

use reqwest::{
    Method, StatusCode, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;

use crate::{failure::Failure, settings::Settings};
pub use list::List;
use patience::{Patience, Wish};
pub use problem::Problem;
pub use unreachable::Unreachable;

/// What every body is but a file.
const JSON: &str = "application/json";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How long an answer may take, beyond what the request itself asks the API to wait.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// Speaks to one API as one caller.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<SecretString>,
}

/// What the API answered, as it answered it.
#[derive(Debug)]
pub struct Answer {
    /// The status, 200 to 299.
    pub status: StatusCode,
    /// The body, to the letter.
    pub body: String,
    /// The same as it came, where it is no text.
    pub bytes: Vec<u8>,
    /// The API had done this before, under the same idempotency key.
    pub replayed: bool,
    /// The version of what was read (`ETag`), for a change of just that version.
    pub version: Option<HeaderValue>,
    /// Where the next page of a file begins (`X-Next-Cursor`).
    pub next: Option<String>,
    url: String,
    idempotency_key: Option<String>,
}

impl Answer {
    /// The body, read.
    ///
    /// # Errors
    /// [`Failure::NotUnderstood`] when it is not what was expected.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(|error| self.not_understood(&error))
    }

    fn not_understood(&self, error: &serde_json::Error) -> Failure {
        let what = if self.body.trim_start().starts_with(['{', '[']) {
            format!("an unexpected document (line {}, column {})", error.line(), error.column())
        } else {
            "something that is no JSON".to_owned()
        };
        Failure::NotUnderstood { url: self.url.clone(), what, idempotency_key: self.idempotency_key.clone() }
    }
}

struct Request<'a> {
    method: Method,
    url: Url,
    body: Option<&'a [u8]>,
    media: &'static str,
    key: Option<&'a str>,
    version: Option<HeaderValue>,
    within: Duration,
}

impl Request<'_> {
    fn new(method: Method, url: Url) -> Self {
        Self { method, url, body: None, media: JSON, key: None, version: None, within: ANSWER_WITHIN }
    }
}

impl Client {
    /// A client of the API that the settings name.
    ///
    /// # Errors
    /// [`Failure::Input`] when no client can be made: the token fits no header, or this machine trusts no certificates.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_WITHIN)
            // The API redirects nobody; a token is not carried elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| Failure::Input {
                what: "Secure connections cannot be made from this machine".to_owned(),
                next: "Install its certificates (often the package ca-certificates).".to_owned(),
            })?;
        let client = Self { http, base: settings.url, token: settings.token };
        client.headers(None)?;
        Ok(client)
    }

    /// The address of a path, each segment escaped.
    fn url(&self, path: &[&str], query: &[(&str, Option<String>)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let said: Vec<_> = query.iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
        if !said.is_empty() {
            url.query_pairs_mut().extend_pairs(said);
        }
        url
    }

    /// Reads something. Of the query, only what says something is sent.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn get(&self, path: &[&str], query: &[(&str, Option<String>)]) -> Result<Answer, Failure> {
        self.get_slowly(path, query, Duration::ZERO).await
    }

    /// Reads something that the API may take `wait` to answer, because it was asked to wait.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn get_slowly(
        &self,
        path: &[&str],
        query: &[(&str, Option<String>)],
        wait: Duration,
    ) -> Result<Answer, Failure> {
        let url = self.url(path, query);
        self.send(Request { within: ANSWER_WITHIN + wait, ..Request::new(Method::GET, url) }).await
    }

    /// Asks for a change. The key makes one request of however many tries.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn post(&self, path: &[&str], body: &str, key: &str) -> Result<Answer, Failure> {
        let url = self.url(path, &[]);
        self.send(Request { body: Some(body.as_bytes()), key: Some(key), ..Request::new(Method::POST, url) }).await
    }

    /// Uploads a file of a media type. The key makes one request of however many tries.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn upload(
        &self,
        path: &[&str],
        query: &[(&str, Option<String>)],
        (media, file): (&'static str, &[u8]),
        key: &str,
    ) -> Result<Answer, Failure> {
        let url = self.url(path, query);
        self.send(Request { body: Some(file), media, key: Some(key), ..Request::new(Method::POST, url) }).await
    }

    /// Puts something in the place of what was there.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn put(&self, path: &[&str], body: &str) -> Result<Answer, Failure> {
        let url = self.url(path, &[]);
        self.send(Request { body: Some(body.as_bytes()), ..Request::new(Method::PUT, url) }).await
    }

    /// Changes just the version that was read.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn patch(&self, path: &[&str], body: &str, version: Option<HeaderValue>) -> Result<Answer, Failure> {
        let url = self.url(path, &[]);
        self.send(Request { body: Some(body.as_bytes()), version, ..Request::new(Method::PATCH, url) }).await
    }

    /// Takes something away.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn delete(&self, path: &[&str]) -> Result<Answer, Failure> {
        self.delete_where(path, &[]).await
    }

    /// Takes away what the query says. Of the query, only what says something is sent.
    ///
    /// # Errors
    /// What the API refuses, or that it cannot be reached.
    pub async fn delete_where(&self, path: &[&str], query: &[(&str, Option<String>)]) -> Result<Answer, Failure> {
        let url = self.url(path, query);
        self.send(Request::new(Method::DELETE, url)).await
    }

    async fn send(&self, request: Request<'_>) -> Result<Answer, Failure> {
        let mut headers = self.headers(request.key)?;
        headers.extend(request.version.clone().map(|version| (IF_MATCH, version)));
        let mut patience = Patience::new();
        loop {
            let (failure, wish) = match self.try_once(&request, headers.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            match wish.and_then(|wish| patience.wait(wish)) {
                Some(rest) => tokio::time::sleep(rest).await,
                None => return Err(failure),
            }
        }
    }

    /// One try. What failed comes with whether another try may help, and how long the API asks to rest before it.
    async fn try_once(&self, request: &Request<'_>, headers: HeaderMap) -> Result<Answer, (Failure, Option<Wish>)> {
        let key = || request.key.map(str::to_owned);
        let unreachable = |error: reqwest::Error| {
            let failure = Unreachable::new(&self.base, &error, key());
            // Of a change of one version the second try would be told that somebody else was faster.
            let again = request.version.is_none();
            (Failure::Unreachable(Box::new(failure)), again.then_some(Wish::Soon))
        };
        let url = request.url.clone();
        let mut builder = self.http.request(request.method.clone(), url).headers(headers).timeout(request.within);
        if let Some(body) = request.body {
            builder = builder.header(CONTENT_TYPE, request.media).body(body.to_vec());
        }
        let response = builder.send().await.map_err(unreachable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = Vec::from(response.bytes().await.map_err(unreachable)?);
        let body = String::from_utf8_lossy(&bytes).into_owned();
        if status.is_success() {
            let replayed = headers.get("idempotency-replayed").is_some_and(|value| value == "true");
            let version = headers.get(ETAG).cloned();
            let next = headers.get("x-next-cursor").and_then(|value| value.to_str().ok()).map(str::to_owned);
            return Ok(Answer {
                status,
                body,
                bytes,
                replayed,
                version,
                next,
                url: request.url.to_string(),
                idempotency_key: key(),
            });
        }
        let wish = patience::wish(status, &headers);
        let mut problem = Problem::new(status.as_u16(), &headers, &body);
        problem.had_token = self.token.is_some();
        // A request that must be written differently needs another key; one that may yet work needs the same.
        problem.idempotency_key = key().filter(|_| status.is_server_error() || wish.is_some());
        Err((Failure::Refused(Box::new(problem)), wish))
    }

    fn headers(&self, key: Option<&str>) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, application/problem+json"));
        let unfit = |what: &str| Failure::Input {
            what: format!("The {what} holds characters that cannot be sent"),
            next: "Look for line breaks and other invisible characters in it.".to_owned(),
        };
        if let Some(token) = &self.token {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret().trim()))
                .map_err(|_| unfit("token"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if let Some(key) = key {
            headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_str(key).map_err(|_| unfit("idempotency key"))?);
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn client(base: &str, token: &str) -> Result<Client, Failure> {
        Client::new(Settings { url: base.parse().unwrap(), token: Some(token.into()) })
    }

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        let client = client("https://api.example/stage", "tk").unwrap();
        let url = client.url(&["v1", "runs", "../tenants?x=1"], &[("wait", Some("5".to_owned())), ("since", None)]);
        assert_eq!(url.as_str(), "https://api.example/stage/v1/runs/..%2Ftenants%3Fx=1?wait=5");
    }

    #[tokio::test(start_paused = true)]
    async fn an_api_that_never_answers_is_given_up() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = client(&format!("http://{}", silent.local_addr().unwrap()), "tk").unwrap();
        let start = tokio::time::Instant::now();
        let failure = client.get(&["v1", "me"], &[]).await.unwrap_err();
        assert!(failure.words().1[0].contains("it took too long"), "{failure:?}");
        let seconds = start.elapsed().as_secs();
        assert!((30..=62).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_token_with_a_line_break_is_named_but_not_shown() {
        let error = client("https://api.example", "tk_hidden\r\nx: y").unwrap_err();
        assert!(matches!(error, Failure::Input { .. }));
        assert!(!error.to_string().contains("tk_hidden"), "{error}");
    }
}
