//! Who may tell us what became of mail.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tenantry_events::{
    signature::Secrets,
    sns::{Certificates, Sns, TopicArn},
};
use tenantry_runtime::config::Reader;
use url::Url;

/// How long SNS may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// A certificate has 2 kB, and what confirms a subscription hardly more.
const LARGEST: usize = 64 * 1024;

/// What is needed to believe a provider. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub struct EventState {
    /// `RESEND_WEBHOOK_SECRET` (secret; several while rotating, separated by commas): none, there is no such endpoint.
    pub resend: Option<Secrets>,
    /// `SES_TOPIC_ARNS` (separated by commas): none, there is no such endpoint.
    pub ses: Option<Topics>,
}

/// The topics of SNS that SES tells its events by.
#[derive(Clone)]
pub struct Topics {
    /// Believes messages of these topics.
    pub sns: Arc<Sns>,
    /// Calls SNS, to confirm a subscription.
    pub calls: Arc<dyn Certificates>,
}

impl fmt::Debug for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.sns, f)
    }
}

impl Topics {
    /// Topics, and whoever calls SNS.
    #[must_use]
    pub fn new(topics: Vec<TopicArn>, calls: Arc<dyn Certificates>) -> Self {
        Self { sns: Arc::new(Sns::new(topics, calls.clone())), calls }
    }
}

impl EventState {
    /// As the settings say; what is wrong with them is left in `read`.
    pub async fn configured(read: &mut Reader) -> Self {
        let mut state = Self::default();
        if let Some(secret) = read.find_secret("RESEND_WEBHOOK_SECRET").await {
            state.resend = Secrets::parse(&secret).map_err(|error| read.problem("RESEND_WEBHOOK_SECRET", error)).ok();
        }
        let arns = read.text("SES_TOPIC_ARNS").unwrap_or_default();
        let topics: Result<Vec<TopicArn>, _> =
            arns.split(',').map(str::trim).filter(|arn| !arn.is_empty()).map(str::parse).collect();
        match (topics, OverHttps::new()) {
            (Err(error), _) => read.problem("SES_TOPIC_ARNS", error),
            (Ok(topics), Ok(calls)) if !topics.is_empty() => state.ses = Some(Topics::new(topics, Arc::new(calls))),
            (Ok(topics), Err(error)) if !topics.is_empty() => read.problem("SES_TOPIC_ARNS", error),
            (Ok(_), _) => {}
        }
        state
    }
}

/// Calls SNS itself. Every URL was checked to lead there before.
struct OverHttps(reqwest::Client);

impl OverHttps {
    fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().https_only(true).redirect(reqwest::redirect::Policy::none());
        client.timeout(PATIENCE).build().map(Self)
    }
}

#[async_trait]
impl Certificates for OverHttps {
    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, String> {
        let words = |error: reqwest::Error| error.without_url().to_string();
        let mut response = self.0.get(url.clone()).send().await.map_err(words)?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(words)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST {
                return Err("the answer is too large".to_owned());
            }
        }
        Ok(bytes)
    }
}
