//! The mailbox: what was accepted, how often, and a way to wait for it.

use super::message::{self, Message};
use super::store::Store;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::watch;

/// Everything accepted so far, oldest first. Clones are handles to the same mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    kept: Mutex<Kept>,
    keep: usize,
    store: Option<Store>,
    accepted: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    messages: VecDeque<Arc<Message>>,
    counts: HashMap<String, u32>,
}

impl Mailbox {
    pub(super) fn open(folder: Option<&Path>, keep: usize) -> std::io::Result<Mailbox> {
        let store = folder.map(Store::open).transpose()?;
        let mut kept = Kept::default();
        for message in store.as_ref().map(Store::load).transpose()?.unwrap_or_default() {
            kept.count(&message.raw);
            kept.messages.push_back(Arc::new(message));
        }
        let inner = Inner { kept: Mutex::new(kept), keep: keep.max(1), store, accepted: watch::Sender::new(0) };
        Ok(Mailbox { inner: Arc::new(inner) })
    }

    /// Takes a message in; only when this returns may the client be told so.
    ///
    /// # Errors
    /// It could not be written to the folder.
    pub async fn accept(&self, from: String, to: Vec<String>, raw: Vec<u8>) -> std::io::Result<Arc<Message>> {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let message = Arc::new(Message::new(id, from, to, OffsetDateTime::now_utc(), raw));
        if let Some(store) = self.inner.store.clone() {
            let written = Arc::clone(&message);
            let done = tokio::task::spawn_blocking(move || store.write(&written)).await;
            done.map_err(std::io::Error::other)??;
        }
        let gone: Vec<Arc<Message>> = {
            let mut kept = self.lock();
            kept.count(&message.raw);
            kept.messages.push_back(Arc::clone(&message));
            let over = kept.messages.len().saturating_sub(self.inner.keep);
            kept.messages.drain(..over).collect()
        };
        if let Some(store) = &self.inner.store {
            gone.iter().for_each(|message| store.remove(&message.id));
        }
        self.inner.accepted.send_modify(|count| *count += 1);
        Ok(message)
    }

    /// The messages kept, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<Arc<Message>> {
        self.lock().messages.iter().cloned().collect()
    }

    /// The message of this id.
    #[must_use]
    pub fn message(&self, id: &str) -> Option<Arc<Message>> {
        self.lock().messages.iter().rev().find(|message| message.id == id).cloned()
    }

    /// Waits until a message fits, and returns it; `None` when none did in time. One that is already there fits too.
    pub async fn wait_for(&self, fits: impl Fn(&Message) -> bool, patience: Duration) -> Option<Arc<Message>> {
        let mut accepted = self.inner.accepted.subscribe();
        let search = async {
            loop {
                // Seen before looking: what arrives while looking is looked at in the next round.
                accepted.borrow_and_update();
                if let Some(found) = self.messages().into_iter().find(|message| fits(message)) {
                    return Some(found);
                }
                accepted.changed().await.ok()?;
            }
        };
        tokio::time::timeout(patience, search).await.ok().flatten()
    }

    /// How often a message of this `Message-ID` (without angle brackets) was accepted; more than once is a duplicate.
    #[must_use]
    pub fn accepted(&self, message_id: &str) -> u32 {
        self.lock().counts.get(message_id).copied().unwrap_or(0)
    }

    /// All such counts. Messages that are no longer kept are still counted.
    #[must_use]
    pub fn counts(&self) -> HashMap<String, u32> {
        self.lock().counts.clone()
    }

    /// Messages accepted since this mailbox was opened.
    #[must_use]
    pub fn total(&self) -> u64 {
        *self.inner.accepted.borrow()
    }

    /// Removes all messages and counts.
    pub fn clear(&self) {
        let gone = std::mem::take(&mut *self.lock());
        if let Some(store) = &self.inner.store {
            gone.messages.iter().for_each(|message| store.remove(&message.id));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn count(&mut self, raw: &[u8]) {
        if let Some(id) = message::message_id(raw) {
            *self.counts.entry(id).or_default() += 1;
        }
    }
}
