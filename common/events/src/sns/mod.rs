//! Messages of Amazon SNS over HTTP: believed only when SNS signed them, for a topic of ours, within the hour.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>

mod certificate;
mod message;
mod topic;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use time::{Duration, OffsetDateTime};
use url::Url;

use self::{certificate::SigningKey, message::Envelope};
pub use self::{
    message::{Confirmation, Message, Notification},
    topic::{TopicArn, TopicError},
};
use crate::Rejected;

/// How old a message may be. SNS tries an HTTP endpoint again for at most 3,600 seconds.
pub const OLDEST: Duration = Duration::hours(1);
/// How far ahead of our clock SNS's may be.
pub const NEWEST: Duration = Duration::minutes(5);
/// Certificates kept. SNS has one per region at a time, and renews it once a year or so.
const MOST_CERTIFICATES: usize = 32;

/// Where a certificate comes from. The caller's client is used: https with the usual roots, no redirects, a limit of
/// size (a certificate has 2 kB) and time.
///
/// That certificate is believed *because* of this connection: the URL is checked before, and TLS proves the host.
#[async_trait]
pub trait Certificates: Send + Sync {
    /// The bytes behind a URL that leads to SNS.
    ///
    /// # Errors
    /// In words for our log, when there is no answer or none with status 200.
    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, String>;
}

/// Reads messages of the configured topics. Keeps the certificates it has seen.
pub struct Sns {
    topics: Vec<TopicArn>,
    certificates: Arc<dyn Certificates>,
    keys: Mutex<HashMap<Url, Arc<SigningKey>>>,
}

impl fmt::Debug for Sns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sns").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl Sns {
    /// For these topics, and no other.
    #[must_use]
    pub fn new(topics: Vec<TopicArn>, certificates: Arc<dyn Certificates>) -> Self {
        Self { topics, certificates, keys: Mutex::new(HashMap::new()) }
    }

    /// Checks and reads the body of a request. What is cheap comes first: nothing is fetched for a stranger's topic, a
    /// stale message, or a URL that does not lead to SNS.
    ///
    /// # Errors
    /// [`Rejected`]; [`Rejected::CertificateUnavailable`] alone is worth another try.
    pub async fn read(&self, body: &[u8], now: OffsetDateTime) -> Result<Message, Rejected> {
        let envelope = Envelope::read(body)?;
        let topic = self.topics.iter().find(|topic| topic.as_str() == envelope.topic());
        let topic = topic.ok_or(Rejected::ForeignTopic)?;
        let at = envelope.at()?;
        let age = now - at;
        if age > OLDEST {
            return Err(Rejected::TooOld { seconds: age.whole_seconds() });
        }
        if age < -NEWEST {
            return Err(Rejected::TooNew { seconds: -age.whole_seconds() });
        }
        let url = topic.certificate_url(envelope.certificate_url())?;
        let key = self.key(url, now).await?;
        key.verify(envelope.signature_version(), envelope.canonical().as_bytes(), &envelope.signature()?)?;
        envelope.open(topic, at)
    }

    async fn key(&self, url: Url, now: OffsetDateTime) -> Result<Arc<SigningKey>, Rejected> {
        let known = self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(&url).cloned();
        if let Some(key) = known {
            key.is_valid_at(now)?;
            return Ok(key);
        }
        let pem = self.certificates.fetch(&url).await.map_err(Rejected::CertificateUnavailable)?;
        let key = Arc::new(SigningKey::from_pem(&pem)?);
        key.is_valid_at(now)?;
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MOST_CERTIFICATES {
            keys.clear();
        }
        keys.insert(url, Arc::clone(&key));
        Ok(key)
    }
}
