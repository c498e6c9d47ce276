//! The platform's own endpoint, told of every lifecycle event (Standard Webhooks).
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::time::Duration;

use reqwest::{Client, StatusCode, header::CONTENT_TYPE, redirect::Policy};
use serde_json::{Value, json};
use tenantry_events::signature::{SecretError, Secrets};
use tenantry_model::{ErrorClass, Fault};
use tenantry_runtime::{Job, config::LifecycleWebhook};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

/// An endpoint has so long to answer, connecting included.
const TIME_OUT: Duration = Duration::from_secs(10);

/// Why an endpoint cannot be used as the settings say.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The secret is none.
    #[error("cannot be used: {0}")]
    Secret(#[from] SecretError),
    /// TLS is not usable here.
    #[error("cannot be called from here: no HTTP client could be made")]
    Client,
}

impl EndpointError {
    /// The setting that is to be mended.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Secret(_) => "LIFECYCLE_WEBHOOK_SECRET",
            Self::Client => "LIFECYCLE_WEBHOOK_URL",
        }
    }
}

/// An endpoint that is told of events.
#[derive(Debug, Clone)]
pub struct Endpoint {
    client: Client,
    url: Url,
    secrets: Secrets,
}

impl Endpoint {
    /// The endpoint that the settings name.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn new(settings: &LifecycleWebhook) -> Result<Self, EndpointError> {
        let secrets = Secrets::parse(&settings.secret)?;
        let https = settings.url.scheme() == "https";
        let client = Client::builder()
            .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
            .timeout(TIME_OUT)
            // A redirect would carry the event to somebody else.
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .https_only(https);
        // Without https it is this machine, to which no proxy leads.
        let client = if https { client } else { client.no_proxy() };
        let client = client.build().map_err(|_| EndpointError::Client)?;
        Ok(Self { client, url: settings.url.clone(), secrets })
    }

    /// Tells it of an event. The id is the command's, and the body is made of what never changes: every try is the same delivery,
    /// signed anew.
    ///
    /// # Errors
    /// It has not answered in time, or with something else than 2xx. All of it may be tried again.
    pub async fn call(&self, job: &Job, event: &str, data: &Value) -> Result<(), Fault> {
        let mistake =
            || Fault::new(ErrorClass::InternalError, "an event for the webhook endpoint could not be written");
        let body = body_of(job, event, data).ok_or_else(mistake)?;
        let signed = self.secrets.sign(&job.command.to_string(), job.now, body.as_bytes()).ok_or_else(mistake)?;
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        for (name, value) in signed.headers().into_iter().filter(|(name, _)| name.starts_with("webhook-")) {
            request = request.header(name, value);
        }
        match request.body(body).send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(refused(answer.status())),
            Err(error) if error.is_timeout() => {
                Err(Fault::new(ErrorClass::TimeoutError, "the webhook endpoint did not answer within 10 seconds"))
            }
            Err(_) => Err(Fault::new(
                ErrorClass::TimeoutError,
                "the webhook endpoint could not be reached; look at LIFECYCLE_WEBHOOK_URL and at the endpoint's certificate",
            )),
        }
    }
}

fn refused(status: StatusCode) -> Fault {
    let class =
        if status == StatusCode::TOO_MANY_REQUESTS { ErrorClass::RateLimited } else { ErrorClass::InternalError };
    let hint = if status.is_redirection() { "; redirects are not followed, so set the final address" } else { "" };
    Fault::new(class, format!("the webhook endpoint answered {} and not 2xx{hint}", status.as_u16()))
}

/// What is told of an event: the same for every try, and for everybody.
pub(crate) fn body_of(job: &Job, event: &str, data: &Value) -> Option<String> {
    let at = asked_at(job).format(&Rfc3339).ok()?;
    Some(json!({ "type": event, "timestamp": at, "data": data }).to_string())
}

/// When the notice was asked for: the moment that its id was made at, the same for every try.
fn asked_at(job: &Job) -> OffsetDateTime {
    let made = job.command.0.get_timestamp().map(|made| made.to_unix());
    let made = made.and_then(|(seconds, nanos)| {
        let at = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
        at.replace_nanosecond(nanos / 1_000_000 * 1_000_000).ok()
    });
    made.unwrap_or(job.now)
}

#[cfg(test)]
mod tests;
