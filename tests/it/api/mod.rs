//! The API over real HTTP, on a stack of its own.

mod audit;
mod auth;
mod email_domain_page;
mod email_domains;
mod email_domains_life;
mod email_settings;
mod idempotency;
pub(crate) mod isolation;
mod keys;
mod lists;
mod messages;
mod messages_batch;
mod messages_explain;
mod messages_find;
mod onboarding;
mod overview;
mod portal_domains;
mod portal_domains_life;
mod portal_syncs;
mod preferences;
mod provider_events;
mod rate;
mod sick;
mod signals;
mod suppressions;
mod tasks;
mod templates;
mod unsubscribe;
mod wait;

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use tenantry_model::{RunId, TenantId};
use tenantry_standins::issuer::Claims;
use tenantry_standins::smtp::{Rule, Stage};
use tenantry_tests::{Onboard, TestStack};

/// Somebody who asks.
pub(crate) struct Caller {
    url: String,
    credential: Option<String>,
    http: reqwest::Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Got {
    /// The status and the problem's code.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The pointers of everything that is wrong, sorted.
    pub(crate) fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut pointers: Vec<&str> = errors.iter().filter_map(|error| error["pointer"].as_str()).collect();
        pointers.sort_unstable();
        pointers
    }

    /// The run's id.
    pub(crate) fn run(&self) -> RunId {
        self.body["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_else(|| panic!("no run in {self:?}"))
    }
}

impl Caller {
    fn new(stack: &TestStack, credential: Option<String>) -> Self {
        Self { url: stack.stack.api_url.clone(), credential, http: reqwest::Client::new() }
    }

    /// A platform operator.
    pub(crate) fn operator(stack: &TestStack) -> Self {
        Self::new(stack, Some(stack.operator()))
    }

    /// Nobody in particular.
    pub(crate) fn stranger(stack: &TestStack) -> Self {
        Self::new(stack, None)
    }

    /// Whoever has this token or key.
    pub(crate) fn with(stack: &TestStack, credential: impl Into<String>) -> Self {
        Self::new(stack, Some(credential.into()))
    }

    /// Somebody of a tenant.
    pub(crate) fn of(stack: &TestStack, tenant: TenantId, role: &str) -> Self {
        let claims = Claims::of(format!("{role}@{tenant}")).tenant(tenant.to_string()).role(role);
        Self::new(stack, Some(stack.issuer().mint(&claims)))
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.ask(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Got {
        self.ask(Method::POST, path, Some(body.to_string().into_bytes()), &[]).await
    }

    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Got {
        self.ask(Method::POST, path, Some(body.to_string().into_bytes()), &[("idempotency-key", key)]).await
    }

    /// Sends a file.
    pub(crate) async fn upload(&self, path: &str, media: &str, file: &[u8], key: Option<&str>) -> Got {
        let request = self.http.post(format!("{}{path}", self.url)).header("content-type", media).body(file.to_vec());
        let request = self.credential.iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        let request = key.iter().fold(request, |request, key| request.header("idempotency-key", *key));
        got(request).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>, headers: &[(&str, &str)]) -> Got {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(credential) = &self.credential {
            request = request.bearer_auth(credential);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        got(request).await
    }
}

async fn got(request: reqwest::RequestBuilder) -> Got {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.expect("a body");
    Got { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
}

/// An active tenant.
pub(crate) async fn active_tenant(stack: &TestStack) -> (TenantId, RunId) {
    let run = stack.onboard(&Onboard::another()).await;
    (stack.ends(run, "completed").await.tenant.expect("a tenant"), run)
}

/// An active tenant whose welcome mail was refused, so that a person is asked.
pub(crate) async fn tenant_with_task(stack: &TestStack) -> (TenantId, RunId) {
    stack.mail().misbehave(1, [Rule::reply(Stage::Rcpt, "550 5.1.1 no such mailbox").to("wrong")]);
    let onboard = Onboard::another();
    let onboard = Onboard { email: onboard.email.replace("admin@", "wrong@"), ..onboard };
    let run = stack.onboard(&onboard).await;
    (stack.ends(run, "waiting").await.tenant.expect("a tenant"), run)
}
