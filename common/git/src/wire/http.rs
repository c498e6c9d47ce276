//! Smart HTTP (`gitprotocol-http`): one GET for what there is, one POST for the exchange.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::ExposeSecret;
use url::Url;

use super::{AGENT, Failed, Service};
use crate::{Credentials, GitError};

/// The most that is read of one answer, in bytes.
const MOST: usize = 256 << 20;
/// How long a connection may take, and how long an answer may stand still.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    base: Url,
    shown: String,
}

impl Http {
    pub(super) fn new(
        base: Url,
        shown: String,
        credentials: Option<&Credentials>,
        timeout: Duration,
    ) -> Result<Self, GitError> {
        let mut headers = HeaderMap::new();
        if let Some(Credentials { user, token }) = credentials {
            let both = STANDARD.encode(format!("{user}:{}", token.expose_secret()));
            let mut value = HeaderValue::try_from(format!("Basic {both}")).map_err(|_| GitError::Unusable {
                saw: "the credentials do not fit into a header".to_owned(),
                todo: "Enter the token again.",
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = Client::builder()
            .default_headers(headers)
            .user_agent(AGENT)
            .connect_timeout(PATIENCE.min(timeout))
            .read_timeout(PATIENCE.min(timeout))
            .timeout(timeout)
            // A redirect would carry our token to where it was not meant for.
            .redirect(Policy::none());
        if base.scheme() == "http" {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|source| GitError::Local {
            saw: "no HTTP client could be made".to_owned(),
            source: Some(source.into()),
        })?;
        Ok(Self { client, base, shown })
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    pub(super) async fn advert(&self, service: Service) -> Result<Vec<u8>, Failed> {
        let url = self.url("info/refs", Some(service));
        let kind = format!("application/x-{}-advertisement", service.program());
        self.exchange(self.client.get(url), service, &kind).await
    }

    pub(super) async fn call(&self, service: Service, question: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let request = self
            .client
            .post(self.url(service.program(), None))
            .header(CONTENT_TYPE, format!("application/x-{}-request", service.program()))
            .body(question);
        self.exchange(request, service, &format!("application/x-{}-result", service.program())).await
    }

    fn url(&self, end: &str, service: Option<Service>) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{end}", self.base.path()));
        url.set_query(service.map(|service| format!("service={}", service.program())).as_deref());
        url
    }

    async fn exchange(&self, request: RequestBuilder, service: Service, kind: &str) -> Result<Vec<u8>, Failed> {
        let response = match request.header(ACCEPT, kind).send().await {
            Ok(response) => response,
            // Without a connection nothing was heard; anything later may have been.
            Err(error) => return Err(Failed { heard: !error.is_connect(), error: self.broken(error) }),
        };
        let status = response.status();
        if status != StatusCode::OK {
            return Err(Failed { heard: status.is_server_error(), error: self.refused(&response, service) });
        }
        if response.headers().get(CONTENT_TYPE).is_none_or(|value| value != kind) {
            let saw = "what answers there does not speak git's smart protocol".to_owned();
            return Err(Failed { heard: true, error: GitError::NoRepository { remote: self.shown.clone(), saw } });
        }
        self.body(response).await
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Failed> {
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > MOST => {
                    let saw = format!("its answer is larger than {} MB", MOST >> 20);
                    return Err(Failed { heard: true, error: self.unreachable(saw, None, None) });
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => return Ok(bytes),
                Err(error) => return Err(Failed { heard: true, error: self.broken(error) }),
            }
        }
    }

    fn refused(&self, response: &Response, service: Service) -> GitError {
        let status = response.status();
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let wait = wait.map(Duration::from_secs);
        match status.as_u16() {
            // A wait next to "forbidden" means too many requests, not too few rights.
            401 | 403 if wait.is_none() => GitError::CredentialsRefused {
                remote: self.shown.clone(),
                access: service.access(),
                status: status.as_u16(),
            },
            300..=399 => self.nothing("it has moved (a redirect is not followed with our token)"),
            404 | 410 => self.nothing("the server knows no such repository, or hides it from our account"),
            _ => self.unreachable(format!("it answered HTTP {}", status.as_u16()), wait, None),
        }
    }

    fn nothing(&self, saw: &str) -> GitError {
        GitError::NoRepository { remote: self.shown.clone(), saw: saw.to_owned() }
    }

    fn broken(&self, error: reqwest::Error) -> GitError {
        let saw = if error.is_timeout() {
            "it did not answer in time"
        } else if error.is_connect() {
            "no connection could be made"
        } else {
            "the connection broke off"
        };
        self.unreachable(saw.to_owned(), None, Some(error.without_url()))
    }

    fn unreachable(&self, saw: String, retry_after: Option<Duration>, source: Option<reqwest::Error>) -> GitError {
        GitError::Unreachable { remote: self.shown.clone(), saw, retry_after, source: source.map(Into::into) }
    }
}
