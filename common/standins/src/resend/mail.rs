//! Accepted mails, and a way to wait for them.

use super::clock;
use super::error::Refusal;
use super::request::{Attachment, Wanted};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;

/// A mail the server has accepted: it will be sent, whatever the client learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedMail {
    /// The id in the answer and in webhooks.
    pub id: String,
    /// The sender as written, with or without a name.
    pub from: String,
    /// The recipients as written.
    pub to: Vec<String>,
    /// Copies.
    pub cc: Vec<String>,
    /// Blind copies.
    pub bcc: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The HTML; `None` also when bodies are not kept.
    pub html: Option<String>,
    /// The text; `None` also when bodies are not kept.
    pub text: Option<String>,
    /// Headers by name.
    pub headers: BTreeMap<String, String>,
    /// Tags, name to value.
    pub tags: BTreeMap<String, String>,
    /// Attachments without their contents.
    pub attachments: Vec<Attachment>,
    /// When it was to be sent, as first asked for.
    pub scheduled_at: Option<OffsetDateTime>,
    /// The key it was sent under; a batch has one for all its mails.
    pub idempotency_key: Option<String>,
    /// Whether it came in a batch.
    pub batch: bool,
    /// When it was accepted.
    pub accepted_at: OffsetDateTime,
}

impl AcceptedMail {
    pub(super) fn new(wanted: Wanted, key: Option<&str>, batch: bool, keep_bodies: bool) -> AcceptedMail {
        AcceptedMail {
            id: uuid::Uuid::new_v4().to_string(),
            from: wanted.from,
            to: wanted.to,
            cc: wanted.cc,
            bcc: wanted.bcc,
            reply_to: wanted.reply_to,
            subject: wanted.subject,
            html: wanted.html.filter(|_| keep_bodies),
            text: wanted.text.filter(|_| keep_bodies),
            headers: wanted.headers,
            tags: wanted.tags,
            attachments: wanted.attachments,
            scheduled_at: wanted.scheduled_at,
            idempotency_key: key.map(str::to_owned),
            batch,
            accepted_at: OffsetDateTime::now_utc(),
        }
    }

    /// All recipients: `to`, `cc` and `bcc`.
    pub fn recipients(&self) -> impl Iterator<Item = &String> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

/// A mail and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) mail: Arc<AcceptedMail>,
    pub(super) last_event: &'static str,
    pub(super) scheduled_at: Option<OffsetDateTime>,
}

impl Entry {
    /// As `GET /emails/{id}` shows it; a list shows it without its texts.
    pub(super) fn shown(&self, whole: bool) -> Value {
        let mail = &self.mail;
        let mut shown = json!({
            "object": "email",
            "id": mail.id,
            "message_id": format!("<{}@email.amazonses.com>", mail.id),
            "to": mail.to,
            "from": mail.from,
            "created_at": clock::stored(mail.accepted_at),
            "subject": mail.subject,
            "bcc": mail.bcc,
            "cc": mail.cc,
            "reply_to": mail.reply_to,
            "last_event": self.last_event,
        });
        if whole {
            shown["html"] = json!(mail.html);
            shown["text"] = json!(mail.text);
        }
        shown
    }
}

/// Everything accepted so far.
#[derive(Debug, Default)]
pub(super) struct Mails {
    kept: Mutex<Kept>,
    accepted: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Entry>,
    by_id: HashMap<String, usize>,
    counts: HashMap<String, u32>,
}

/// What a mail is called while it waits for its time.
const SCHEDULED: &str = "scheduled";

impl Mails {
    /// Takes the mails of one request in, in order and all at once.
    pub(super) fn accept(&self, mails: &[Arc<AcceptedMail>]) {
        let mut kept = self.lock();
        for mail in mails {
            let place = kept.entries.len();
            let scheduled_at = mail.scheduled_at;
            let last_event = if scheduled_at.is_some() { SCHEDULED } else { "queued" };
            kept.entries.push(Entry { mail: Arc::clone(mail), last_event, scheduled_at });
            kept.by_id.insert(mail.id.clone(), place);
        }
        if let Some(key) = mails.first().and_then(|mail| mail.idempotency_key.clone()) {
            *kept.counts.entry(key).or_default() += 1;
        }
        drop(kept);
        self.accepted.send_modify(|count| *count += mails.len());
    }

    pub(super) fn entry(&self, id: &str) -> Result<Entry, Refusal> {
        let kept = self.lock();
        let found = kept.by_id.get(id).and_then(|place| kept.entries.get(*place)).cloned();
        found.ok_or_else(|| Refusal::not_found("Email"))
    }

    /// Notes what was heard last.
    pub(super) fn heard(&self, id: &str, last_event: &'static str) {
        self.with(id, |entry| entry.last_event = last_event);
    }

    /// Takes a scheduled mail out of its waiting, to be sent (`queued`) or never (`canceled`).
    pub(super) fn unschedule(&self, id: &str, last_event: &'static str) -> Result<(), Refusal> {
        self.scheduled(id, |entry| entry.last_event = last_event)
    }

    /// Another time for a scheduled mail.
    pub(super) fn reschedule(&self, id: &str, at: OffsetDateTime) -> Result<(), Refusal> {
        self.scheduled(id, |entry| entry.scheduled_at = Some(at))
    }

    /// When a mail is to be sent, while it waits.
    pub(super) fn due(&self, id: &str) -> Option<OffsetDateTime> {
        self.entry(id).ok().filter(|entry| entry.last_event == SCHEDULED)?.scheduled_at
    }

    fn scheduled(&self, id: &str, change: impl FnOnce(&mut Entry)) -> Result<(), Refusal> {
        let changed = self.with(id, |entry| {
            let waits = entry.last_event == SCHEDULED;
            if waits {
                change(entry);
            }
            waits
        });
        match changed {
            None => Err(Refusal::not_found("Email")),
            Some(false) => Err(Refusal::invalid("The email is not scheduled, or was sent or canceled already.")),
            Some(true) => Ok(()),
        }
    }

    fn with<T>(&self, id: &str, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut kept = self.lock();
        let place = *kept.by_id.get(id)?;
        kept.entries.get_mut(place).map(change)
    }

    /// All of them, oldest first.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.lock().entries.clone()
    }

    pub(super) fn count(&self, key: &str) -> u32 {
        self.lock().counts.get(key).copied().unwrap_or(0)
    }

    pub(super) fn counts(&self) -> HashMap<String, u32> {
        self.lock().counts.clone()
    }

    pub(super) fn total(&self) -> usize {
        *self.accepted.borrow()
    }

    pub(super) fn clear(&self) {
        *self.lock() = Kept::default();
        self.accepted.send_replace(0);
    }

    /// Waits until so many were accepted; false when they were not in time.
    pub(super) async fn wait_for(&self, count: usize, patience: Duration) -> bool {
        let mut accepted = self.accepted.subscribe();
        let enough = accepted.wait_for(|accepted| *accepted >= count);
        tokio::time::timeout(patience, enough).await.is_ok_and(|waited| waited.is_ok())
    }

    /// Waits for a mail that fits.
    pub(super) async fn find(
        &self,
        fits: impl Fn(&AcceptedMail) -> bool,
        patience: Duration,
    ) -> Option<Arc<AcceptedMail>> {
        let mut accepted = self.accepted.subscribe();
        let search = async {
            loop {
                // Seen before looking: what arrives while looking is looked at in the next round.
                accepted.borrow_and_update();
                if let Some(found) = self.entries().into_iter().find(|entry| fits(&entry.mail)) {
                    return Some(found.mail);
                }
                accepted.changed().await.ok()?;
            }
        };
        tokio::time::timeout(patience, search).await.ok().flatten()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
