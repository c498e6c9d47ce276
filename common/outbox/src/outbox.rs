//! Into a row and out of it.

use std::time::Duration;

use serde_json::json;
use tenantry_mail::{Draft, Limits, Problem, UnsubscribeToken, check, unsubscribe_headers};
use tenantry_model::{ErrorClass, Fault, MessageId, RunId};
use tenantry_secrets::Sealer;
use tenantry_store::mail::NewMessage;
use time::OffsetDateTime;

use crate::Unsubscribe;

/// Packs messages into rows and opens them again.
#[derive(Debug, Clone)]
pub struct Outbox {
    sealer: Sealer,
    limits: Limits,
    retention: Duration,
    unsubscribe: Option<Unsubscribe>,
}

/// A draft with what its row needs besides.
#[derive(Debug)]
pub struct Letter {
    /// The message's id, which is also its run's.
    pub id: MessageId,
    /// What is sent.
    pub draft: Draft,
    /// The run that sends it, where it is not a caller.
    pub caused_by: Option<RunId>,
    /// The template it was made of.
    pub template: Option<String>,
    /// The locale of its words.
    pub locale: Option<String>,
    /// Seconds before it may leave.
    pub wait: u64,
    /// Who sends it.
    pub by: String,
    /// The W3C `traceparent`.
    pub trace: Option<String>,
}

/// Why a message cannot be stored.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// What is wrong with it; the caller can mend it.
    #[error("the message cannot be accepted")]
    Problems(Vec<Problem>),
    /// It could not be sealed: our mistake.
    #[error("the message could not be sealed")]
    Seal,
}

impl Outbox {
    /// Seals with `sealer`, holds messages to `limits`, and keeps contents for `retention`.
    #[must_use]
    pub fn new(sealer: Sealer, limits: Limits, retention: Duration) -> Self {
        Self { sealer, limits, retention, unsubscribe: None }
    }

    /// The same, with links below the API's public address by which one unsubscribes.
    #[must_use]
    pub fn with_links(mut self, public_url: Option<&str>) -> Self {
        self.unsubscribe = public_url.map(|base| Unsubscribe::new(self.sealer.clone(), base));
        self
    }

    /// The links by which one unsubscribes, if the API has a public address.
    #[must_use]
    pub fn unsubscribe(&self) -> Option<&Unsubscribe> {
        self.unsubscribe.as_ref()
    }

    /// How much one message may hold.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Checks a message and seals it into its row.
    ///
    /// # Errors
    /// See [`PackError`].
    pub fn pack(&self, letter: Letter, now: OffsetDateTime) -> Result<NewMessage, PackError> {
        let Letter { id, mut draft, caused_by, template, locale, wait, by, trace } = letter;
        check(&draft, &self.limits).map_err(PackError::Problems)?;
        self.link(&mut draft);
        let plain = serde_json::to_vec(&draft).map_err(|_| PackError::Seal)?;
        let sealed = self.sealer.seal(&plain, id.0.as_bytes()).map_err(|_| PackError::Seal)?;
        Ok(NewMessage {
            id,
            tenant: draft.tenant,
            user: draft.user,
            caused_by,
            category: draft.category.as_str().to_owned(),
            subtype: draft.subtype.clone(),
            template,
            locale,
            recipients: draft.recipients().map(|mailbox| mailbox.address.key()).collect(),
            tags: json!(draft.tags),
            attachments: u32::try_from(draft.attachments.len()).unwrap_or(u32::MAX),
            size: plain.len() as u64,
            sensitive: draft.sensitive,
            subject: draft.subject,
            sealed: Some(sealed),
            erase_at: now + self.retention + Duration::from_secs(wait),
            wait,
            started_by: by,
            trace,
        })
    }

    /// Mail that one may refuse carries the one-click link (RFC 8058) where it has one recipient: a link belongs to one person.
    /// It is made here, once, since every try must hand over the same words.
    fn link(&self, draft: &mut Draft) {
        let mut everybody = draft.recipients();
        let (Some(unsubscribe), Some(only), None, true) =
            (&self.unsubscribe, everybody.next(), everybody.next(), draft.category.offers_unsubscribe())
        else {
            return;
        };
        let recipient = only.address.clone();
        let token = UnsubscribeToken { tenant: draft.tenant, recipient, category: draft.category.clone() };
        if let Some(Ok(pair)) = unsubscribe.link(&token).map(|link| unsubscribe_headers(&link, None)) {
            drop(everybody);
            draft.headers.extend(pair.map(|(name, value)| (name.to_owned(), value)));
        }
    }

    /// Opens what [`Outbox::pack`] has sealed.
    ///
    /// # Errors
    /// `InternalError`: it was sealed by a key that is not configured any more, or is not whole.
    pub fn open(&self, id: MessageId, sealed: &[u8]) -> Result<Draft, Fault> {
        let mistake = |words: String| Fault::new(ErrorClass::InternalError, words);
        let plain = self.sealer.open_bytes(sealed, id.0.as_bytes()).map_err(|error| mistake(error.to_string()))?;
        serde_json::from_slice(&plain).map_err(|_| mistake("the message's content cannot be read".to_owned()))
    }
}
